import type { Desk } from './desk.ts'
import { laneOf } from './desk.ts'
import type { Intent } from './intent.ts'
import { durationMs } from './policy.ts'
import type { StoredMessage, Thread } from './thread.ts'
import type { Change } from './ticket/change.ts'
import { CATEGORY, isDone } from './ticket/lifecycle.ts'
import type { Ticket } from './ticket/ticket.ts'

/**
 * Who has to hear of what has changed. Cards edit themselves; one sentence is said only where a person would otherwise
 * miss something. Nothing is sent from here: intents go to the outbox in the same transaction.
 */
export interface Announcer {
  readonly desk: Desk
  nextId(): string
  readonly now: Date
}

/** All that follows outside from a ticket's changes in one step, and its timers. */
export function announce(
  to: Announcer,
  before: Ticket | null,
  ticket: Ticket,
  changes: readonly Change[],
  actorId: string | null,
): void {
  for (const thread of to.desk.threads(ticket.id)) {
    if (!thread.main) continue
    refreshCard(to, thread)
    changes.forEach((change, index) => {
      if (isTold(thread, before, ticket, change, actorId))
        notice(to, thread, (before?.version ?? 0) + 1 + index)
    })
  }
  timers(to, ticket)
}

/** The card of a thread, drawn anew from whatever the ticket is when it is delivered. */
export function refreshCard(to: Announcer, thread: Thread): void {
  send(to, thread, `card:${thread.id}`, { kind: 'card', ticketId: thread.ticketId, threadId: thread.id })
}

/** Passes a message on to every thread that may see it, except the one it was written in. */
export function relay(to: Announcer, message: StoredMessage): void {
  for (const thread of to.desk.threads(message.ticketId)) {
    if (!hears(to.desk, thread, message)) continue
    send(to, thread, `relay:${message.id}:${thread.id}`, {
      kind: 'relay',
      ticketId: message.ticketId,
      threadId: thread.id,
      messageId: message.id,
    })
  }
}

/** Passes a file on like the message it belongs to. */
export function relayFile(to: Announcer, message: StoredMessage, attachmentId: string): void {
  for (const thread of to.desk.threads(message.ticketId)) {
    if (!hears(to.desk, thread, message)) continue
    send(to, thread, `file:${attachmentId}:${thread.id}`, {
      kind: 'relay-file',
      ticketId: message.ticketId,
      threadId: thread.id,
      attachmentId,
    })
  }
}

function hears(desk: Desk, thread: Thread, message: StoredMessage): boolean {
  if (!thread.main || thread.id === message.threadId) return false
  // A further message of the requester beside the thread is in his own conversation already.
  const origin = desk.threads(message.ticketId).find((one) => one.id === message.threadId)
  if (
    origin !== undefined &&
    origin.channel === thread.channel &&
    origin.platform === thread.platform &&
    origin.kind === thread.kind
  )
    return false
  if (thread.kind === 'requester') return message.visibility === 'public'
  // Somebody else's request was merged into this one: he hears the answers, never the other requester's words.
  if (thread.kind === 'watch') return message.visibility === 'public' && message.by === 'staff'
  return desk.ticket(message.ticketId)?.queue === thread.queue
}

/** Whether a change deserves a sentence of its own in a thread; the sentence itself is drawn from the journal. */
function isTold(
  thread: Thread,
  before: Ticket | null,
  ticket: Ticket,
  change: Change,
  actorId: string | null,
): boolean {
  if (thread.kind !== 'agents') return isToldRequester(ticket, change, actorId)
  if (thread.queue !== ticket.queue) return change.type === 'transferred'
  switch (change.type) {
    case 'opened':
    case 'message-added':
    case 'message-edited':
    case 'message-deleted':
    case 'retitled':
    case 'first-response':
    case 'watcher-added':
    case 'watcher-removed':
      return false
    case 'status':
      return (
        CATEGORY[change.to] === 'paused' ||
        change.to === 'waiting-internal' ||
        before?.status === 'waiting-requester'
      )
    default:
      return true
  }
}

function isToldRequester(ticket: Ticket, change: Change, actorId: string | null): boolean {
  switch (change.type) {
    case 'resolved':
    case 'merged':
      return true
    case 'reopened':
      return actorId !== ticket.requesterId
    case 'closed':
      return change.how !== 'cancelled'
    default:
      return false
  }
}

/** What the journal's line `version` says, into a thread. */
function notice(to: Announcer, thread: Thread, version: number): void {
  send(to, thread, `notice:${thread.id}:${version}`, {
    kind: 'notice',
    ticketId: thread.ticketId,
    threadId: thread.id,
    version,
  })
}

/** The conversation so far, into a thread that has just begun. */
export function transcribe(to: Announcer, thread: Thread): void {
  send(to, thread, `transcript:${thread.id}`, {
    kind: 'transcript',
    ticketId: thread.ticketId,
    threadId: thread.id,
  })
}

function send(to: Announcer, thread: Thread, key: string, intent: Intent): void {
  const lane = laneOf({
    platform: thread.platform,
    channel: thread.person === null ? thread.channel : `@${thread.person}`,
  })
  to.desk.errand({ id: to.nextId(), key, lane, ticketId: thread.ticketId, intent })
}

/** The timers that a ticket in this state has: a closed one has none. */
function timers(to: Announcer, ticket: Ticket): void {
  const first = `sla:${ticket.id}:first-response`
  if (
    ticket.firstResponseDueAt !== null &&
    ticket.firstRespondedAt === null &&
    !ticket.firstResponseBreached &&
    !isDone(ticket.status)
  ) {
    to.desk.setTimer({
      key: first,
      ticketId: ticket.id,
      kind: 'first-response',
      dueAt: ticket.firstResponseDueAt,
    })
  } else {
    to.desk.stopTimer(first)
  }
  const close = `close:${ticket.id}`
  if (ticket.status === 'resolved' && ticket.resolvedAt !== null) {
    const dueAt = new Date(ticket.resolvedAt.getTime() + durationMs(to.desk.policy.auto_close))
    to.desk.setTimer({ key: close, ticketId: ticket.id, kind: 'auto-close', dueAt })
  } else {
    to.desk.stopTimer(close)
  }
}
