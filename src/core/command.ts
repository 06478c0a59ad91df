/**
 * What is asked of the desk. Every spelling (typed words in two languages, buttons, forms, slash commands, the REST
 * interface) ends in one of these.
 */

export const TICKET_VERBS = [
  'claim',
  'unclaim',
  'reply',
  'note',
  'ask',
  'assign',
  'transfer',
  'priority',
  'hold',
  'wait',
  'resume',
  'resolve',
  'reopen',
  'close',
  'cancel',
  'details',
  'link',
  'merge',
  'collaborate',
  'watch',
  'unwatch',
] as const
export type TicketVerb = (typeof TICKET_VERBS)[number]

/** Verbs that only show something. */
export const QUERY_VERBS = ['show', 'history', 'mine', 'queue', 'report', 'help'] as const
export type QueryVerb = (typeof QUERY_VERBS)[number]

/** `open` makes a ticket; `more` opens the menu of everything the presser may do. */
export const VERBS = [...TICKET_VERBS, ...QUERY_VERBS, 'open', 'more'] as const
export type Verb = (typeof VERBS)[number]

const verbs: ReadonlySet<string> = new Set(VERBS)

export function isVerb(text: string): text is Verb {
  return verbs.has(text)
}

export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const
export type Priority = (typeof PRIORITIES)[number]

/** A command on one ticket, with its arguments resolved to ids. */
export type TicketCommand =
  | { readonly verb: 'claim' | 'unclaim' | 'resume' | 'cancel' | 'close' | 'unwatch' }
  | { readonly verb: 'reply' | 'note' | 'ask' | 'details'; readonly text: string; readonly messageId: string }
  | { readonly verb: 'assign' | 'collaborate' | 'watch'; readonly personId: string }
  | { readonly verb: 'transfer'; readonly queue: string; readonly reason: string }
  | { readonly verb: 'priority'; readonly priority: Priority; readonly reason: string }
  | { readonly verb: 'hold' | 'wait' | 'reopen'; readonly reason: string }
  | { readonly verb: 'resolve'; readonly summary: string }
  | { readonly verb: 'link' | 'merge'; readonly other: number }
