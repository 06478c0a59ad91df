import type { TicketVerb } from '../command.ts'

/**
 * The life of a ticket, as a table to be read aloud: which verbs are possible in which status, and where they lead.
 * `same` keeps the status. Who may use a verb stands in `permission.ts`.
 */

export const STATUSES = [
  'new',
  'open',
  'waiting-requester',
  'waiting-internal',
  'on-hold',
  'resolved',
  'closed',
] as const
export type Status = (typeof STATUSES)[number]

/** What drives the clocks: they run while active, rest while paused, and are over when done. */
export type StatusCategory = 'active' | 'paused' | 'done'

/** `waiting-internal` is our own delay, so the clocks go on. */
export const CATEGORY: Readonly<Record<Status, StatusCategory>> = {
  new: 'active',
  open: 'active',
  'waiting-requester': 'paused',
  'waiting-internal': 'active',
  'on-hold': 'paused',
  resolved: 'done',
  closed: 'done',
}

type Target = Status | 'same'
type Row = Partial<Record<TicketVerb, Target>>

/** What can be done at any time, without changing the status. */
const always: Row = { note: 'same', link: 'same', watch: 'same', unwatch: 'same' }

/** What can be done to every ticket that is not done. */
const living: Row = {
  ...always,
  claim: 'open',
  unclaim: 'new',
  assign: 'open',
  reply: 'same',
  ask: 'waiting-requester',
  transfer: 'new',
  priority: 'same',
  hold: 'on-hold',
  wait: 'waiting-internal',
  resolve: 'resolved',
  cancel: 'closed',
  close: 'closed',
  details: 'same',
  merge: 'closed',
  collaborate: 'same',
}

export const LIFECYCLE: Readonly<Record<Status, Row>> = {
  new: living,
  open: living,
  'waiting-requester': { ...living, details: 'open', resume: 'open' },
  'waiting-internal': { ...living, resume: 'open' },
  'on-hold': { ...living, resume: 'open' },
  resolved: { ...always, reply: 'same', details: 'open', reopen: 'open', close: 'closed', merge: 'closed' },
  closed: { ...always, reply: 'same', reopen: 'open' },
}

/** Where `verb` leads from `status`; null when it is not possible there. */
export function next(status: Status, verb: TicketVerb): Status | null {
  const target = LIFECYCLE[status][verb]
  if (target === undefined) return null
  return target === 'same' ? status : target
}

export function isDone(status: Status): boolean {
  return CATEGORY[status] === 'done'
}
