import type { Priority } from '../command.ts'
import type { Status } from './lifecycle.ts'
import type { Reason, Ticket } from './ticket.ts'

/**
 * What can happen to a ticket: one of these is one line of the journal. A change says what was decided, completely, so
 * that `evolve` needs nothing else. Words that people wrote are `text` (sealed in the journal) and nowhere else.
 */
export type Change =
  | { readonly type: 'opened'; readonly ticket: Ticket }
  | {
      readonly type: 'message-added'
      readonly messageId: string
      readonly by: 'requester' | 'staff' | 'other'
      readonly visibility: 'public' | 'internal'
    }
  | { readonly type: 'message-edited'; readonly messageId: string }
  | { readonly type: 'message-deleted'; readonly messageId: string }
  | { readonly type: 'retitled'; readonly text: string }
  | { readonly type: 'claimed'; readonly assigneeId: string }
  | { readonly type: 'unclaimed'; readonly from: string }
  | { readonly type: 'assigned'; readonly from: string | null; readonly assigneeId: string }
  | {
      readonly type: 'transferred'
      readonly from: string
      readonly to: string
      readonly text: string
      readonly firstResponseDueAt: Date | null
    }
  | {
      readonly type: 'prioritised'
      readonly from: Priority
      readonly to: Priority
      readonly text: string
      readonly reasons: readonly Reason[]
      readonly firstResponseDueAt: Date | null
    }
  | { readonly type: 'status'; readonly from: Status; readonly to: Status; readonly text: string }
  | { readonly type: 'first-response' }
  | { readonly type: 'first-response-breached' }
  | { readonly type: 'resolved'; readonly text: string }
  | { readonly type: 'reopened'; readonly text: string }
  | { readonly type: 'closed'; readonly how: 'cancelled' | 'by-hand' | 'by-timer' }
  | { readonly type: 'linked'; readonly other: number }
  | { readonly type: 'merged'; readonly into: number }
  | { readonly type: 'absorbed'; readonly other: number }
  | { readonly type: 'collaborator-added'; readonly personId: string }
  | { readonly type: 'watcher-added'; readonly personId: string }
  | { readonly type: 'watcher-removed'; readonly personId: string }

export type ChangeType = Change['type']

/** Who or what brought a change about. */
export interface Cause {
  /** Null: the desk itself (a timer, a rule). */
  readonly actorId: string | null
  /** The key of the inbound event, or of the REST call. */
  readonly key: string
  readonly at: Date
}

export interface JournalLine {
  readonly id: string
  readonly ticketId: string
  /** 1, 2, 3 … within the ticket; equals the ticket's version after the change. */
  readonly version: number
  readonly cause: Cause
  readonly change: Change
}
