import type { TicketCommand, TicketVerb } from '../command.ts'
import type { Person } from '../person.ts'
import { holds, nameOf } from '../person.ts'
import type { Policy } from '../policy.ts'
import type { Refusal } from '../refusal.ts'
import { refuse } from '../refusal.ts'
import { firstResponseDue } from '../sla/targets.ts'
import type { Change } from './change.ts'
import { CATEGORY, isDone, next } from './lifecycle.ts'
import { may, maySee, relations } from './permission.ts'
import type { Ticket } from './ticket.ts'
import { label } from './ticket.ts'

/** What a decision may rest on besides the ticket itself. */
export interface Facts {
  readonly actor: Person
  readonly policy: Policy
  readonly now: Date
  /** Everybody named in the command, and the handler. */
  person(id: string): Person | null
  /** The ticket that `link` and `merge` name; null if there is none in this workspace. */
  readonly other: Ticket | null
}

export type Decision =
  | { readonly ok: true; readonly changes: readonly Change[] }
  | { readonly ok: false; readonly refusal: Refusal }

/**
 * What a command changes, or why it may not be. Pure.
 */
export function decide(ticket: Ticket, command: TicketCommand, facts: Facts): Decision {
  const objection = object(ticket, command.verb, facts)
  return objection === null ? carryOut(ticket, command, facts) : no(objection)
}

/**
 * What stands against a verb before its arguments are looked at; null: nothing. The order of the questions is the order
 * in which a person would want to hear the answers: may you know of it, has somebody else been faster, is it possible
 * now, may you.
 */
export function object(
  ticket: Ticket,
  verb: TicketVerb,
  facts: Pick<Facts, 'actor' | 'person'>,
): Refusal | null {
  const { actor } = facts
  if (!maySee(actor, ticket)) return refuse('refused.no-such-ticket', { number: ticket.number })
  if (
    verb === 'claim' &&
    ticket.assigneeId !== null &&
    holds(actor, ['agent', 'lead', 'admin'], ticket.queue)
  ) {
    if (ticket.assigneeId === actor.id) return refuse('refused.already-yours', { ticket: label(ticket) })
    return refuse('refused.already-claimed', { ticket: label(ticket), name: handlerName(ticket, facts) })
  }
  const merged = ticket.mergedInto !== null && verb === 'reopen'
  if (merged || next(ticket.status, verb) === null) return impossible(ticket, verb)
  return may(actor, verb, ticket) ? null : forbidden(ticket, verb, facts)
}

function carryOut(ticket: Ticket, command: TicketCommand, facts: Facts): Decision {
  const { actor, policy } = facts
  const to = next(ticket.status, command.verb) ?? ticket.status
  switch (command.verb) {
    case 'claim':
      return yes(
        { type: 'claimed', assigneeId: actor.id },
        ...moved(ticket, ticket.status === 'new' ? 'open' : ticket.status),
      )
    case 'unclaim':
      if (ticket.assigneeId === null) return no(refuse('refused.nobody-has-it', { ticket: label(ticket) }))
      return yes(
        { type: 'unclaimed', from: ticket.assigneeId },
        ...moved(ticket, ticket.status === 'open' ? 'new' : ticket.status),
      )
    case 'assign': {
      const assignee = facts.person(command.personId)
      if (assignee === null) return no(refuse('refused.no-such-person', { name: command.personId }))
      if (!holds(assignee, ['agent', 'lead'], ticket.queue)) {
        return no(refuse('refused.not-in-queue', { name: nameOf(assignee), queue: ticket.queue }))
      }
      if (ticket.assigneeId === assignee.id) {
        return no(refuse('refused.already-claimed', { ticket: label(ticket), name: nameOf(assignee) }))
      }
      return yes(
        { type: 'assigned', from: ticket.assigneeId, assigneeId: assignee.id },
        ...moved(ticket, ticket.status === 'new' ? 'open' : ticket.status),
      )
    }
    case 'reply':
      return yes(
        { type: 'message-added', messageId: command.messageId, by: 'staff', visibility: 'public' },
        ...firstResponse(ticket),
      )
    case 'note':
      return yes({ type: 'message-added', messageId: command.messageId, by: 'staff', visibility: 'internal' })
    case 'ask':
      return yes(
        { type: 'message-added', messageId: command.messageId, by: 'staff', visibility: 'public' },
        ...firstResponse(ticket),
        ...moved(ticket, to),
      )
    case 'details':
      return yes(
        { type: 'message-added', messageId: command.messageId, by: 'requester', visibility: 'public' },
        ...awakened(ticket),
      )
    case 'transfer': {
      const queue = policy.queues.find((one) => one.key === command.queue)
      if (queue === undefined) return no(refuse('refused.no-such-queue', { queue: command.queue }))
      if (queue.key === ticket.queue)
        return no(refuse('refused.same-queue', { ticket: label(ticket), queue: queue.key }))
      return yes(
        {
          type: 'transferred',
          from: ticket.queue,
          to: queue.key,
          text: command.reason,
          firstResponseDueAt: dueAgain(ticket, facts, queue.key, ticket.priority),
        },
        ...moved(ticket, ticket.status === 'open' ? 'new' : ticket.status),
      )
    }
    case 'priority':
      if (command.priority === ticket.priority)
        return no(refuse('refused.same-priority', { ticket: label(ticket) }))
      return yes({
        type: 'prioritised',
        from: ticket.priority,
        to: command.priority,
        text: command.reason,
        reasons: [{ code: 'by-hand', evidence: nameOf(actor) }],
        firstResponseDueAt: dueAgain(ticket, facts, ticket.queue, command.priority),
      })
    case 'hold':
    case 'wait':
      if (to === ticket.status) return no(refuse('refused.waits-already', { ticket: label(ticket) }))
      return yes(...moved(ticket, to, command.reason))
    case 'resume':
      return yes(...moved(ticket, ticket.assigneeId === null ? 'new' : 'open'))
    case 'resolve':
      return yes(...firstResponse(ticket), { type: 'resolved', text: command.summary })
    case 'reopen':
      return yes({ type: 'reopened', text: command.reason }, ...unowned(ticket))
    case 'close':
      return yes({ type: 'closed', how: 'by-hand' })
    case 'cancel':
      return yes({ type: 'closed', how: 'cancelled' })
    case 'link':
    case 'merge':
      return join(ticket, command.verb, command.other, facts)
    case 'collaborate': {
      const person = facts.person(command.personId)
      if (person === null) return no(refuse('refused.no-such-person', { name: command.personId }))
      if (ticket.collaboratorIds.includes(person.id)) {
        return no(refuse('refused.helps-already', { name: nameOf(person), ticket: label(ticket) }))
      }
      return yes({ type: 'collaborator-added', personId: person.id })
    }
    case 'watch':
      if (facts.person(command.personId) === null)
        return no(refuse('refused.no-such-person', { name: command.personId }))
      if (ticket.watcherIds.includes(command.personId))
        return no(refuse('refused.watches-already', { ticket: label(ticket) }))
      return yes({ type: 'watcher-added', personId: command.personId })
    case 'unwatch':
      if (!ticket.watcherIds.includes(actor.id))
        return no(refuse('refused.watches-not', { ticket: label(ticket) }))
      return yes({ type: 'watcher-removed', personId: actor.id })
  }
}

/**
 * What a further message of the requester does to his ticket: it is kept in any case; it wakes what waited for him, and
 * it reopens what was resolved only if it asks for something ("thanks" does not).
 */
export function heard(ticket: Ticket, message: { messageId: string; request: boolean }): readonly Change[] {
  const added: Change = {
    type: 'message-added',
    messageId: message.messageId,
    by: 'requester',
    visibility: 'public',
  }
  if (ticket.status === 'resolved' && message.request) {
    return [added, { type: 'reopened', text: '' }, ...unowned(ticket)]
  }
  return [added, ...(message.request || ticket.status !== 'resolved' ? awakened(ticket) : [])]
}

/** What the desk's own timers do. Nothing, if the world has moved on since the timer was set. */
export function elapsed(ticket: Ticket, kind: 'first-response' | 'auto-close', now: Date): readonly Change[] {
  switch (kind) {
    case 'first-response':
      return ticket.firstRespondedAt === null &&
        !ticket.firstResponseBreached &&
        !isDone(ticket.status) &&
        ticket.firstResponseDueAt !== null &&
        ticket.firstResponseDueAt <= now
        ? [{ type: 'first-response-breached' }]
        : []
    case 'auto-close':
      return ticket.status === 'resolved' ? [{ type: 'closed', how: 'by-timer' }] : []
  }
}

function join(ticket: Ticket, verb: 'link' | 'merge', number: number, facts: Facts): Decision {
  const { other, actor } = facts
  if (other === null || !maySee(actor, other)) return no(refuse('refused.no-such-ticket', { number }))
  if (other.id === ticket.id) return no(refuse('refused.with-itself', { ticket: label(ticket) }))
  if (verb === 'link') {
    if (ticket.links.includes(other.number))
      return no(refuse('refused.linked-already', { ticket: label(ticket), other: label(other) }))
    return yes({ type: 'linked', other: other.number })
  }
  if (!may(actor, 'merge', other)) return no(forbidden(other, 'merge', facts))
  if (other.mergedInto !== null)
    return no(refuse('refused.merged-already', { ticket: label(other), into: other.mergedInto }))
  if (isDone(other.status)) return no(impossible(other, 'merge'))
  return yes({ type: 'merged', into: other.number })
}

/** A new target never moves a clock that has stopped. */
function dueAgain(ticket: Ticket, facts: Facts, queue: string, priority: Ticket['priority']): Date | null {
  if (ticket.firstRespondedAt !== null) return ticket.firstResponseDueAt
  return firstResponseDue(facts.policy, queue, priority, ticket.openedAt)
}

function firstResponse(ticket: Ticket): readonly Change[] {
  return ticket.firstRespondedAt === null ? [{ type: 'first-response' }] : []
}

function awakened(ticket: Ticket): readonly Change[] {
  return CATEGORY[ticket.status] === 'paused' && ticket.status !== 'on-hold'
    ? moved(ticket, ticket.assigneeId === null ? 'new' : 'open')
    : []
}

/** A reopened ticket that nobody has waits to be claimed. */
function unowned(ticket: Ticket): readonly Change[] {
  return ticket.assigneeId === null ? [{ type: 'status', from: 'open', to: 'new', text: '' }] : []
}

function moved(ticket: Ticket, to: Ticket['status'], text = ''): readonly Change[] {
  return to === ticket.status ? [] : [{ type: 'status', from: ticket.status, to, text }]
}

function impossible(ticket: Ticket, verb: TicketVerb): Refusal {
  if (ticket.mergedInto !== null)
    return refuse('refused.merged-already', { ticket: label(ticket), into: ticket.mergedInto })
  if (verb === 'reopen') return refuse('refused.not-done', { ticket: label(ticket) })
  if (verb === 'resume') return refuse('refused.not-paused', { ticket: label(ticket) })
  return refuse('refused.already-done', { ticket: label(ticket) })
}

function forbidden(ticket: Ticket, verb: TicketVerb, facts: Pick<Facts, 'actor' | 'person'>): Refusal {
  if (verb === 'cancel' || verb === 'details')
    return refuse('refused.requester-only', { ticket: label(ticket) })
  if (ticket.assigneeId !== null && holds(facts.actor, ['agent'], ticket.queue)) {
    return refuse('refused.anothers', { ticket: label(ticket), name: handlerName(ticket, facts) })
  }
  if (relations(facts.actor, ticket).includes('requester'))
    return refuse('refused.staff-only', { ticket: label(ticket) })
  return refuse('refused.not-your-queue', { ticket: label(ticket), queue: ticket.queue })
}

function handlerName(ticket: Ticket, facts: Pick<Facts, 'person'>): string {
  const handler = ticket.assigneeId === null ? null : facts.person(ticket.assigneeId)
  return handler === null ? '?' : nameOf(handler)
}

const yes = (...changes: readonly Change[]): Decision => ({ ok: true, changes })
const no = (refusal: Refusal): Decision => ({ ok: false, refusal })
