import type { Cause, Change, ChangeType } from './change.ts'
import type { Ticket } from './ticket.ts'

/**
 * The ticket after a change. Pure and total: whatever `decide` returned can be applied, and applying the journal of a
 * ticket from its first line gives its current row. Throws only if a change other than `opened` comes first.
 */
export function evolve(ticket: Ticket | null, change: Change, cause: Cause): Ticket {
  if (change.type === 'opened') return change.ticket
  if (ticket === null) throw new Error(`a journal that begins with ${change.type}`)
  const version = ticket.version + 1
  const freshSince = QUIET.has(change.type) ? ticket.freshSince : version
  return { ...ticket, ...difference(ticket, change, cause.at), updatedAt: cause.at, version, freshSince }
}

/** A message more, or a watcher, makes no button wrong. */
const QUIET: ReadonlySet<ChangeType> = new Set<ChangeType>([
  'message-added',
  'message-edited',
  'message-deleted',
  'retitled',
  'first-response',
  'linked',
  'absorbed',
  'watcher-added',
  'watcher-removed',
])

function difference(ticket: Ticket, change: Exclude<Change, { type: 'opened' }>, at: Date): Partial<Ticket> {
  switch (change.type) {
    case 'message-added':
      return change.by === 'requester' ? { lastRequesterMessageAt: at } : {}
    case 'message-edited':
    case 'message-deleted':
    case 'absorbed':
      return {}
    case 'retitled':
      return { title: change.text }
    case 'claimed':
    case 'assigned':
      return { assigneeId: change.assigneeId }
    case 'unclaimed':
      return { assigneeId: null }
    case 'transferred':
      return { queue: change.to, assigneeId: null, firstResponseDueAt: change.firstResponseDueAt }
    case 'prioritised':
      return {
        priority: change.to,
        priorityReasons: change.reasons,
        firstResponseDueAt: change.firstResponseDueAt,
      }
    case 'status':
      return { status: change.to, statusSince: at }
    case 'first-response':
      return { firstRespondedAt: at }
    case 'first-response-breached':
      return { firstResponseBreached: true }
    case 'resolved':
      return { status: 'resolved', statusSince: at, resolvedAt: at, resolution: change.text }
    case 'reopened':
      return { status: 'open', statusSince: at, resolvedAt: null, closedAt: null, resolution: null }
    case 'closed':
      return { status: 'closed', statusSince: at, closedAt: at }
    case 'linked':
      return { links: withNumber(ticket.links, change.other) }
    case 'merged':
      return {
        status: 'closed',
        statusSince: at,
        closedAt: at,
        mergedInto: change.into,
        links: withNumber(ticket.links, change.into),
      }
    case 'collaborator-added':
      return { collaboratorIds: withId(ticket.collaboratorIds, change.personId) }
    case 'watcher-added':
      return { watcherIds: withId(ticket.watcherIds, change.personId) }
    case 'watcher-removed':
      return { watcherIds: ticket.watcherIds.filter((id) => id !== change.personId) }
  }
}

const withId = (ids: readonly string[], id: string): readonly string[] =>
  ids.includes(id) ? ids : [...ids, id]
const withNumber = (numbers: readonly number[], one: number): readonly number[] =>
  numbers.includes(one) ? numbers : [...numbers, one]
