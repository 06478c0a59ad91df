import type { Receipt } from './adapter.ts'
import type { InboundEvent, Platform } from './event.ts'
import type { Errand } from './intent.ts'
import type { Identity, Person } from './person.ts'
import type { AppliedPolicy } from './policy.ts'
import type { Attachment, StoredMessage, Thread } from './thread.ts'
import type { JournalLine } from './ticket/change.ts'
import type { Ticket } from './ticket/ticket.ts'

/**
 * What the core asks of the database. Every call is scoped to a workspace, save the three that look for work anywhere.
 * All instants are passed in.
 */

/** An event in the inbox, in the hands of this process until the lease ends. */
export interface Claimed {
  readonly workspace: string
  readonly event: InboundEvent
  /** How often it has been tried before. */
  readonly attempts: number
}

/** What a batch of events refers to. Sets of keys made by the functions beside them. */
export interface Needs {
  readonly identities: readonly { platform: Platform; externalId: string }[]
  readonly threads: readonly { platform: Platform; channel: string; root: string }[]
  readonly messages: readonly { platform: Platform; channel: string; externalId: string }[]
  readonly numbers: readonly number[]
  readonly ticketIds: readonly string[]
  readonly mails: readonly string[]
  readonly messageIds: readonly string[]
  readonly personIds: readonly string[]
  /** Who wrote outside a thread, and where: his latest ticket there may be meant. */
  readonly recent: readonly { platform: Platform; channel: string; externalId: string }[]
}

/** Everything that a batch may read. The tickets are locked for the rest of the transaction. */
export interface Loaded {
  readonly policy: AppliedPolicy
  readonly persons: readonly Person[]
  readonly identities: readonly Identity[]
  readonly tickets: readonly Ticket[]
  readonly threads: readonly Thread[]
  readonly messages: readonly StoredMessage[]
  readonly attachments: readonly Attachment[]
  /** Latest ticket of a person in a channel, by `platform channel externalId`. */
  readonly recent: readonly { platform: Platform; channel: string; externalId: string; ticketId: string }[]
}

/** Everything that a batch writes, in one transaction. */
export interface Writes {
  readonly persons: readonly Person[]
  readonly identities: readonly Identity[]
  readonly tickets: readonly Ticket[]
  readonly threads: readonly Thread[]
  readonly messages: readonly StoredMessage[]
  readonly attachments: readonly Attachment[]
  readonly journal: readonly JournalLine[]
  readonly errands: readonly Errand[]
  readonly timers: readonly Timer[]
  readonly timersGone: readonly string[]
  /** Keys of the events that are done. */
  readonly done: readonly string[]
  /** Events to be looked at again a little later, because what they refer to is still on its way. */
  readonly later: readonly { key: string; at: Date }[]
  /** People who turned out to be the same: the first one's tickets now belong to the second. */
  readonly merged: readonly { from: string; to: string }[]
}

export interface Timer {
  /** `sla:<ticket>:<target>`: one row for one purpose, replaced and never added. */
  readonly key: string
  readonly ticketId: string
  readonly kind: 'first-response' | 'auto-close'
  readonly dueAt: Date
}

export interface Lease {
  readonly owner: string
  readonly until: Date
}

export interface DueErrand extends Errand {
  readonly workspace: string
  readonly revision: number
  readonly attempts: number
  readonly unsure: boolean
  /** What earlier deliveries of this key left on the platform, in the order of the payloads. */
  readonly receipts: readonly Receipt[]
  readonly createdAt: Date
}

export interface LaneClaim {
  readonly workspace: string
  readonly lane: string
  /** Seen at the claim; the lane is left idle only if nothing was added since. */
  readonly revision: number
}

export interface DeadLetter {
  readonly key: string
  readonly lane: string
  /** The kind of the intent, or `unreadable`. */
  readonly kind: string
  readonly code: string
  readonly attempts: number
  readonly createdAt: Date
}

/** The inbox: what was acknowledged is durable, what was redelivered is known. */
export interface InboxStore {
  /**
   * Stores events under the lease; those whose key is there already are left alone. Several calls at the same time
   * share one statement and one fsync. Answers with the keys that were new.
   */
  accept(
    workspace: string,
    events: readonly InboundEvent[],
    lease: Lease,
    at: Date,
  ): Promise<ReadonlySet<string>>
  /** Takes over events whose lease has ended, oldest first. */
  takeOver(limit: number, lease: Lease, now: Date): Promise<readonly Claimed[]>
  /** Counts a failed attempt; from `max` attempts on the event is parked for an administrator. */
  failed(workspace: string, key: string, code: string, again: Date, max: number): Promise<'again' | 'parked'>
  /** Ends the leases of an owner, so that others need not wait for them. */
  release(owner: string): Promise<void>
  /** Ends every lease, of lanes too: for the embedded database, which no other process can have open. */
  releaseAll(): Promise<void>
}

/** Runs one batch in one transaction: load, think, write. Throws what the database throws; nothing is then written. */
export interface DeskStore {
  /**
   * `opens`: a ticket may come of it. The counter of ticket numbers is then held from before the loading to the end, so
   * that of two processes the second one sees what the first has opened; `next` is the number of the next ticket.
   */
  transact<T>(
    workspace: string,
    needs: Needs,
    opens: boolean,
    think: (loaded: Loaded, next: number) => Thought<T>,
  ): Promise<T>
}

export interface Thought<T> {
  readonly writes: Writes
  /** How many of the numbers from the held one on were given to tickets; the others are still free. */
  readonly numbersUsed: number
  readonly result: T
}

export interface OutboxStore {
  claimLanes(limit: number, lease: Lease, now: Date): Promise<readonly LaneClaim[]>
  errands(claim: LaneClaim, now: Date, limit: number): Promise<readonly DueErrand[]>
  /** Before the call to the platform: if the process dies now, the next one knows that it may have been sent. */
  sending(errand: DueErrand): Promise<void>
  /** After it. A card's receipt also opens its thread. The row stays ready if it was replaced meanwhile. */
  delivered(
    errand: DueErrand,
    receipts: readonly Receipt[],
    opens: { threadId: string; root: Receipt } | null,
    now: Date,
  ): Promise<void>
  failed(
    errand: DueErrand,
    failure: { code: string; unsure: boolean; again: Date | null; receipts: readonly Receipt[] },
    now: Date,
  ): Promise<void>
  /** Leaves the lane: until `blockedUntil`, or until its next errand is due. */
  leave(claim: LaneClaim, blockedUntil: Date | null, now: Date): Promise<void>
  /** Longer lease for a lane that takes its time; false when it was lost to another process. */
  hold(claim: LaneClaim, lease: Lease): Promise<boolean>
  dead(workspace: string, limit: number): Promise<readonly DeadLetter[]>
  /** Puts a dead letter (or all of them: null) back into its lane; how many. */
  revive(workspace: string, key: string | null, now: Date): Promise<number>
  depth(): Promise<{ ready: number; dead: number; oldestReadyAt: Date | null }>
}

export interface TimerStore {
  /** Timers that came due by the desk's clock and are not being fired, earliest first. */
  due(now: Date, limit: number): Promise<readonly (Timer & { workspace: string })[]>
  /** Forgets a timer after its event has been stored, if it still has that due time. */
  fired(workspace: string, key: string, dueAt: Date): Promise<void>
}

/** What is read without changing anything: for cards, lists, forms and the REST interface. */
export interface ReadStore {
  policy(workspace: string): Promise<AppliedPolicy>
  ticket(workspace: string, by: { number: number } | { id: string }): Promise<Ticket | null>
  tickets(workspace: string, filter: TicketFilter): Promise<readonly Ticket[]>
  counts(workspace: string, queues: readonly string[] | null): Promise<Counts>
  threads(workspace: string, ticketId: string): Promise<readonly Thread[]>
  message(workspace: string, id: string): Promise<StoredMessage | null>
  thread(workspace: string, id: string): Promise<Thread | null>
  /** The oldest or the newest `limit` messages of a ticket, oldest first in either case. */
  messages(
    workspace: string,
    ticketId: string,
    limit: number,
    end: 'oldest' | 'newest',
  ): Promise<readonly StoredMessage[]>
  attachments(workspace: string, ticketId: string): Promise<readonly Attachment[]>
  journal(workspace: string, ticketId: string): Promise<readonly JournalLine[]>
  journalLine(workspace: string, ticketId: string, version: number): Promise<JournalLine | null>
  person(
    workspace: string,
    by: { id: string } | { mail: string } | { key: string } | { platform: Platform; externalId: string },
  ): Promise<Person | null>
  persons(workspace: string, ids: readonly string[]): Promise<readonly Person[]>
  /** Everybody with a role. */
  staff(workspace: string): Promise<readonly Person[]>
  identities(workspace: string, personId: string): Promise<readonly Identity[]>
}

export interface TicketFilter {
  readonly statuses?: readonly Ticket['status'][]
  readonly queues?: readonly string[]
  readonly assigneeId?: string | null
  readonly requesterId?: string
  /** Only tickets with a smaller number (newest first) or, for `oldest`, in the order of opening. */
  readonly before?: number
  readonly order?: 'newest' | 'most-urgent'
  readonly limit: number
}

export interface Counts {
  readonly open: number
  readonly unassigned: number
  readonly waiting: number
  readonly breached: number
  readonly byQueue: readonly { queue: string; open: number; unassigned: number }[]
  readonly oldest: { number: number; prefix: string; title: string; openedAt: Date } | null
}
