import type { z } from 'zod'
import type { Person } from '../../core/person.ts'
import { nameOf } from '../../core/person.ts'
import type { ReadStore } from '../../core/store.ts'
import type { Attachment, StoredMessage } from '../../core/thread.ts'
import type { JournalLine } from '../../core/ticket/change.ts'
import type { Reason, Ticket } from '../../core/ticket/ticket.ts'
import { label } from '../../core/ticket/ticket.ts'
import type { journalLine, message, ticket } from './shapes.ts'

/** The desk's nouns as the interface shows them. Columns are named one by one, so a new one never gets out unseen. */

type People = (id: string) => { id: string; name: string }

/** Everybody whom these tickets name, in one read. */
export async function peopleOf(read: ReadStore, workspace: string, ids: Iterable<string>): Promise<People> {
  const found = new Map<string, Person>()
  for (const person of await read.persons(workspace, [...new Set(ids)])) found.set(person.id, person)
  return (id) => {
    const person = found.get(id)
    return { id, name: person === undefined ? '?' : nameOf(person) }
  }
}

export function idsIn(one: Ticket): readonly string[] {
  return [
    one.requesterId,
    ...(one.assigneeId === null ? [] : [one.assigneeId]),
    ...one.collaboratorIds,
    ...one.watcherIds,
  ]
}

export function ticketJson(one: Ticket, people: People): z.infer<typeof ticket> {
  return {
    id: one.id,
    number: one.number,
    label: label(one),
    title: one.title,
    status: one.status,
    status_since: one.statusSince.toISOString(),
    priority: one.priority,
    priority_reasons: one.priorityReasons.map(reasonJson),
    queue: one.queue,
    queue_reasons: one.queueReasons.map(reasonJson),
    category: one.category,
    requester: people(one.requesterId),
    assignee: one.assigneeId === null ? null : people(one.assigneeId),
    collaborators: one.collaboratorIds.map(people),
    watchers: one.watcherIds.map(people),
    links: [...one.links],
    merged_into: one.mergedInto,
    language: one.language,
    fields: { ...one.fields },
    platform: one.platform,
    opened_at: one.openedAt.toISOString(),
    first_response_due_at: iso(one.firstResponseDueAt),
    first_responded_at: iso(one.firstRespondedAt),
    first_response_breached: one.firstResponseBreached,
    resolved_at: iso(one.resolvedAt),
    resolution: one.resolution,
    closed_at: iso(one.closedAt),
    updated_at: one.updatedAt.toISOString(),
    version: one.version,
  }
}

export function messageJson(
  one: StoredMessage,
  attachments: readonly Attachment[],
  people: People,
): z.infer<typeof message> {
  return {
    id: one.id,
    at: one.at.toISOString(),
    author: people(one.authorId),
    by: one.by,
    visibility: one.visibility,
    platform: one.platform,
    text: one.text,
    edited_at: iso(one.editedAt),
    deleted_at: iso(one.deletedAt),
    files: attachments
      .filter((file) => file.messageId === one.id)
      .map(({ id, name, mime, size, state }) => ({ id, name, mime, size, state })),
  }
}

export function journalJson(line: JournalLine, people: People): z.infer<typeof journalLine> {
  const { change, cause } = line
  return {
    version: line.version,
    at: cause.at.toISOString(),
    actor: cause.actorId === null ? null : people(cause.actorId),
    type: change.type,
    text: 'text' in change ? change.text : null,
    data: dataOf(change),
  }
}

/** What a change carries beside its words; of an opening, what was decided about it. */
function dataOf(change: JournalLine['change']): Record<string, unknown> {
  if (change.type === 'opened') {
    const { queue, queueReasons, priority, priorityReasons } = change.ticket
    return snake({ queue, queueReasons, priority, priorityReasons })
  }
  const { type: _, ...rest } = change
  return snake(Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'text')))
}

function snake(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`),
      value instanceof Date ? value.toISOString() : value,
    ]),
  )
}

function reasonJson({ code, evidence, weight }: Reason): {
  code: string
  evidence?: string
  weight?: number
} {
  return {
    code,
    ...(evidence === undefined ? {} : { evidence }),
    ...(weight === undefined ? {} : { weight }),
  }
}

function iso(at: Date | null): string | null {
  return at?.toISOString() ?? null
}
