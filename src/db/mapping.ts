import { z } from 'zod'
import type { Identity, Person } from '../core/person.ts'
import { ROLES } from '../core/person.ts'
import type { Locale } from '../core/text/say.ts'
import type { Attachment, StoredMessage, Thread } from '../core/thread.ts'
import type { Change, JournalLine } from '../core/ticket/change.ts'
import type { Ticket } from '../core/ticket/ticket.ts'
import type { attachments, identities, journal, messages, persons, threads, tickets } from './schema.ts'
import type { SealedText } from './sealed.ts'

/** Between the core's nouns and the rows they are kept in. What people wrote is sealed on the way in. */

const RANK = { urgent: 0, high: 1, normal: 2, low: 3 } as const

const grants = z.array(z.object({ role: z.enum(ROLES), queue: z.string().nullable() }))
const strings = z.array(z.string())
const numbers = z.array(z.number())
const reasons = z.array(
  z.object({ code: z.string(), evidence: z.string().exactOptional(), weight: z.number().exactOptional() }),
)

type Row<T extends { $inferSelect: unknown }> = T['$inferSelect']

export function personRow(workspaceId: string, person: Person): Row<typeof persons> {
  return { workspaceId, ...person, mergedInto: null }
}

export function personOf(row: Row<typeof persons>): Person {
  return {
    id: row.id,
    key: row.key,
    name: row.name,
    mail: row.mail,
    locale: row.locale as Locale | null,
    zone: row.zone,
    vip: row.vip,
    grants: grants.parse(row.grants),
    skills: strings.parse(row.skills),
  }
}

export function identityRow(workspaceId: string, identity: Identity): Row<typeof identities> {
  return { workspaceId, ...identity, linkedFrom: null }
}

export function identityOf(row: Row<typeof identities>): Identity {
  return {
    platform: row.platform as Identity['platform'],
    install: row.install,
    externalId: row.externalId,
    personId: row.personId,
  }
}

export function ticketRow(workspaceId: string, ticket: Ticket, seal: SealedText): Row<typeof tickets> {
  const { title, resolution, ...rest } = ticket
  return {
    workspaceId,
    ...rest,
    rank: RANK[ticket.priority],
    titleSealed: seal.text(workspaceId, `ticket ${ticket.id} title`, title),
    resolutionSealed:
      resolution === null ? null : seal.text(workspaceId, `ticket ${ticket.id} resolution`, resolution),
  }
}

export function ticketOf(row: Row<typeof tickets>, seal: SealedText): Ticket {
  const { workspaceId, rank: _, titleSealed, resolutionSealed, ...rest } = row
  return {
    ...rest,
    title: seal.read(workspaceId, `ticket ${row.id} title`, titleSealed),
    resolution:
      resolutionSealed === null
        ? null
        : seal.read(workspaceId, `ticket ${row.id} resolution`, resolutionSealed),
    status: row.status as Ticket['status'],
    priority: row.priority as Ticket['priority'],
    language: row.language as Locale,
    platform: row.platform as Ticket['platform'],
    priorityReasons: reasons.parse(row.priorityReasons),
    queueReasons: reasons.parse(row.queueReasons),
    collaboratorIds: strings.parse(row.collaboratorIds),
    watcherIds: strings.parse(row.watcherIds),
    links: numbers.parse(row.links),
    fields: z.record(z.string(), z.string()).parse(row.fields),
  }
}

export function threadRow(workspaceId: string, thread: Thread): Row<typeof threads> {
  return { workspaceId, ...thread }
}

export function threadOf(row: Row<typeof threads>): Thread {
  const { workspaceId: _, ...rest } = row
  return { ...rest, kind: row.kind as Thread['kind'], platform: row.platform as Thread['platform'] }
}

export function messageRow(
  workspaceId: string,
  message: StoredMessage,
  seal: SealedText,
): Row<typeof messages> {
  const { text, ...rest } = message
  return {
    workspaceId,
    ...rest,
    textSealed: message.deletedAt === null ? seal.text(workspaceId, `message ${message.id}`, text) : null,
  }
}

export function messageOf(row: Row<typeof messages>, seal: SealedText): StoredMessage {
  const { workspaceId, textSealed, ...rest } = row
  return {
    ...rest,
    platform: row.platform as StoredMessage['platform'],
    by: row.by as StoredMessage['by'],
    visibility: row.visibility as StoredMessage['visibility'],
    text: textSealed === null ? '' : seal.read(workspaceId, `message ${row.id}`, textSealed),
  }
}

export function attachmentRow(
  workspaceId: string,
  attachment: Attachment,
  seal: SealedText,
): Row<typeof attachments> {
  const { name, ...rest } = attachment
  return { workspaceId, ...rest, nameSealed: seal.text(workspaceId, `attachment ${attachment.id}`, name) }
}

export function attachmentOf(row: Row<typeof attachments>, seal: SealedText): Attachment {
  const { workspaceId, nameSealed, ...rest } = row
  return {
    ...rest,
    state: row.state as Attachment['state'],
    name: seal.read(workspaceId, `attachment ${row.id}`, nameSealed),
  }
}

/** The words of a change (`text`) are sealed apart; `opened` keeps its whole ticket sealed, since that has a title. */
export function journalRow(workspaceId: string, line: JournalLine, seal: SealedText): Row<typeof journal> {
  const { change, cause } = line
  const context = `journal ${line.ticketId} ${line.version}`
  const { type, ...rest } = change
  const words =
    change.type === 'opened' ? JSON.stringify(change.ticket) : 'text' in change ? change.text : null
  const data = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'text' && key !== 'ticket'))
  return {
    workspaceId,
    ticketId: line.ticketId,
    version: line.version,
    id: line.id,
    at: cause.at,
    actorId: cause.actorId,
    causeKey: cause.key,
    type,
    data,
    textSealed: words === null ? null : seal.text(workspaceId, context, words),
  }
}

export function journalOf(row: Row<typeof journal>, seal: SealedText): JournalLine {
  const words =
    row.textSealed === null
      ? null
      : seal.read(row.workspaceId, `journal ${row.ticketId} ${row.version}`, row.textSealed)
  const data = withDates(row.data as Record<string, unknown>)
  const change =
    row.type === 'opened'
      ? { ticket: withDates(JSON.parse(words ?? '{}')) }
      : words === null
        ? data
        : { ...data, text: words }
  return {
    id: row.id,
    ticketId: row.ticketId,
    version: row.version,
    cause: { actorId: row.actorId, key: row.causeKey, at: row.at },
    change: { type: row.type, ...change } as Change,
  }
}

/** JSON has no instants: they are the strings under keys that end in `At` or `Since`. */
function withDates(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      /(?:At|statusSince)$/u.test(key) && typeof value === 'string' ? new Date(value) : value,
    ]),
  )
}
