import type { Verb } from './command.ts'
import { isVerb } from './command.ts'

/** What a button or a form says when it comes back: which verb, on which ticket, drawn from which version of it. */
export interface Action {
  readonly verb: Verb
  /** The ticket's human number; null for verbs that need none, such as `open`. */
  readonly ticket: number | null
  /** The version of the ticket that the presser was looking at; an older one is refused with the fresh card. */
  readonly version: number
  readonly argument: string | null
}

/** Discord's `custom_id` is the shortest place a button's payload must fit in: 100 characters. */
export const ACTION_MAX = 100

/**
 * Writes an action as `verb:ticket:version[:argument]`. Refuses (throws a RangeError) what would not fit in
 * ACTION_MAX characters: that is a fault of the view that made it, never of a person.
 */
export function encodeAction(action: Action): string {
  const parts = [action.verb, action.ticket ?? '', action.version]
  const text = parts.join(':') + (action.argument === null ? '' : `:${action.argument}`)
  if (text.length > ACTION_MAX) throw new RangeError(`an action of ${text.length} characters`)
  return text
}

/** Reads what `encodeAction` wrote; null for anything else, since the text may come from anybody. */
export function decodeAction(text: string): Action | null {
  const match = /^([a-z-]{1,32}):(\d{0,9}):(\d{1,9})(?::(.{0,64}))?$/su.exec(text)
  const verb = match?.[1]
  if (!match || verb === undefined || !isVerb(verb)) return null
  return {
    verb,
    ticket: match[2] ? Number(match[2]) : null,
    version: Number(match[3]),
    argument: match[4] ?? null,
  }
}
