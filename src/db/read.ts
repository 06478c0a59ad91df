import { and, asc, desc, eq, isNull, lt, sql } from 'drizzle-orm'
import type { AppliedPolicy } from '../core/policy.ts'
import { policySchema } from '../core/policy.ts'
import type { Clock } from '../core/ports.ts'
import type { Counts, ReadStore, TicketFilter } from '../core/store.ts'
import type { Database } from './client.ts'
import { attachmentOf, identityOf, journalOf, messageOf, personOf, threadOf, ticketOf } from './mapping.ts'
import { anyOf } from './rows.ts'
import { attachments, identities, journal, messages, persons, policies, threads, tickets } from './schema.ts'
import type { SealedText } from './sealed.ts'

/** Cards may be drawn by a policy that is this old; decisions never are (see `load.ts`). */
const POLICY_FRESH_MS = 1_000

/** Reading without changing anything. Every statement names the workspace first and goes through an index. */
export function readStore(database: Database, seal: SealedText, clock: Clock): ReadStore {
  const hot = hotStatements(database)
  const documents = new Map<string, { applied: AppliedPolicy; readAt: number }>()

  return {
    async policy(workspace) {
      const known = documents.get(workspace)
      const now = clock.real().getTime()
      if (known !== undefined && now - known.readAt < POLICY_FRESH_MS) return known.applied
      const [row] = await database
        .select()
        .from(policies)
        .where(eq(policies.workspaceId, workspace))
        .orderBy(desc(policies.version))
        .limit(1)
      if (row === undefined) throw new Error('a workspace without a policy')
      // The same document stays the same object: what was prepared from it is found again.
      const applied =
        known?.applied.version === row.version
          ? known.applied
          : { version: row.version, document: policySchema.parse(row.document) }
      documents.set(workspace, { applied, readAt: now })
      return applied
    },
    async ticket(workspace, by) {
      const [row] =
        'number' in by
          ? await hot.ticketByNumber.execute({ workspace, number: by.number })
          : await hot.ticket.execute({ workspace, id: by.id })
      return row === undefined ? null : ticketOf(row, seal)
    },
    async tickets(workspace, filter) {
      const rows = await database
        .select()
        .from(tickets)
        .where(and(eq(tickets.workspaceId, workspace), ...conditions(filter)))
        .orderBy(
          ...(filter.order === 'most-urgent'
            ? [asc(tickets.rank), asc(tickets.openedAt)]
            : [desc(tickets.number)]),
        )
        .limit(filter.limit)
      return rows.map((row) => ticketOf(row, seal))
    },
    counts: (workspace, queues) => counts(database, seal, workspace, queues),
    async threads(workspace, ticketId) {
      return (await hot.threads.execute({ workspace, ticketId })).map(threadOf)
    },
    async thread(workspace, id) {
      const [row] = await database
        .select()
        .from(threads)
        .where(and(eq(threads.workspaceId, workspace), eq(threads.id, id)))
      return row === undefined ? null : threadOf(row)
    },
    async message(workspace, id) {
      const [row] = await hot.message.execute({ workspace, id })
      return row === undefined ? null : messageOf(row, seal)
    },
    async messages(workspace, ticketId, limit, end) {
      const rows = await (end === 'oldest' ? hot.oldest : hot.newest).execute({ workspace, ticketId, limit })
      const found = rows.map((row) => messageOf(row, seal))
      return end === 'oldest' ? found : found.toReversed()
    },
    async attachments(workspace, ticketId) {
      const rows = await database
        .select()
        .from(attachments)
        .where(and(eq(attachments.workspaceId, workspace), eq(attachments.ticketId, ticketId)))
      return rows.map((row) => attachmentOf(row, seal))
    },
    async journal(workspace, ticketId) {
      const rows = await database
        .select()
        .from(journal)
        .where(and(eq(journal.workspaceId, workspace), eq(journal.ticketId, ticketId)))
        .orderBy(asc(journal.version))
      return rows.map((row) => journalOf(row, seal))
    },
    async journalLine(workspace, ticketId, version) {
      const [row] = await hot.journalLine.execute({ workspace, ticketId, version })
      return row === undefined ? null : journalOf(row, seal)
    },
    async person(workspace, by) {
      if ('platform' in by) {
        const [row] = await database
          .select({ person: persons })
          .from(identities)
          .innerJoin(
            persons,
            and(eq(persons.workspaceId, identities.workspaceId), eq(persons.id, identities.personId)),
          )
          .where(
            and(
              eq(identities.workspaceId, workspace),
              eq(identities.platform, by.platform),
              eq(identities.externalId, by.externalId),
            ),
          )
        return row === undefined ? null : personOf(row.person)
      }
      const one =
        'id' in by
          ? eq(persons.id, by.id)
          : 'mail' in by
            ? eq(persons.mail, by.mail)
            : eq(persons.key, by.key)
      const [row] = await database
        .select()
        .from(persons)
        .where(and(eq(persons.workspaceId, workspace), one, isNull(persons.mergedInto)))
      return row === undefined ? null : personOf(row)
    },
    async persons(workspace, ids) {
      if (ids.length === 0) return []
      return (await hot.persons.execute({ workspace, ids: JSON.stringify(ids) })).map(personOf)
    },
    async staff(workspace) {
      const rows = await database
        .select()
        .from(persons)
        .where(and(eq(persons.workspaceId, workspace), sql`${persons.grants} <> '[]'::jsonb`))
      return rows.map(personOf)
    },
    async identities(workspace, personId) {
      const rows = await database
        .select()
        .from(identities)
        .where(and(eq(identities.workspaceId, workspace), eq(identities.personId, personId)))
      return rows.map(identityOf)
    },
  }
}

/** What every delivery asks for, built once: building a statement costs the process more than carrying it out. */
function hotStatements(database: Database) {
  const { placeholder } = sql
  const workspace = placeholder('workspace')
  const ofTicket = and(eq(messages.workspaceId, workspace), eq(messages.ticketId, placeholder('ticketId')))
  const limit = placeholder('limit')
  return {
    ticket: database
      .select()
      .from(tickets)
      .where(and(eq(tickets.workspaceId, workspace), eq(tickets.id, placeholder('id'))))
      .prepare('ticket'),
    ticketByNumber: database
      .select()
      .from(tickets)
      .where(and(eq(tickets.workspaceId, workspace), eq(tickets.number, placeholder('number'))))
      .prepare('ticket_by_number'),
    threads: database
      .select()
      .from(threads)
      .where(and(eq(threads.workspaceId, workspace), eq(threads.ticketId, placeholder('ticketId'))))
      .prepare('threads'),
    persons: database
      .select()
      .from(persons)
      .where(and(eq(persons.workspaceId, workspace), sql`${persons.id} = ${anyOf(placeholder('ids'))}`))
      .prepare('persons'),
    message: database
      .select()
      .from(messages)
      .where(and(eq(messages.workspaceId, workspace), eq(messages.id, placeholder('id'))))
      .prepare('message'),
    oldest: database
      .select()
      .from(messages)
      .where(ofTicket)
      .orderBy(asc(messages.at), asc(messages.id))
      .limit(limit)
      .prepare('messages_oldest'),
    newest: database
      .select()
      .from(messages)
      .where(ofTicket)
      .orderBy(desc(messages.at), desc(messages.id))
      .limit(limit)
      .prepare('messages_newest'),
    journalLine: database
      .select()
      .from(journal)
      .where(
        and(
          eq(journal.workspaceId, workspace),
          eq(journal.ticketId, placeholder('ticketId')),
          eq(journal.version, placeholder('version')),
        ),
      )
      .prepare('journal_line'),
  }
}

function conditions(filter: TicketFilter) {
  return [
    filter.statuses === undefined
      ? undefined
      : isLiving(filter.statuses)
        ? LIVING
        : sql`${tickets.status} = ${anyOf(filter.statuses, 'text')}`,
    filter.queues === undefined ? undefined : sql`${tickets.queue} = ${anyOf(filter.queues, 'text')}`,
    filter.assigneeId === undefined
      ? undefined
      : filter.assigneeId === null
        ? isNull(tickets.assigneeId)
        : eq(tickets.assigneeId, filter.assigneeId),
    filter.requesterId === undefined ? undefined : eq(tickets.requesterId, filter.requesterId),
    filter.before === undefined ? undefined : lt(tickets.number, filter.before),
  ]
}

/** In the words of the partial indexes, or they would not be used. */
const LIVING = sql`${tickets.status} not in ('resolved', 'closed')`

function isLiving(statuses: readonly string[]): boolean {
  return statuses.length === 5 && !statuses.includes('resolved') && !statuses.includes('closed')
}

async function counts(
  database: Database,
  seal: SealedText,
  workspace: string,
  queues: readonly string[] | null,
): Promise<Counts> {
  const living = and(
    eq(tickets.workspaceId, workspace),
    LIVING,
    queues === null ? undefined : sql`${tickets.queue} = ${anyOf(queues, 'text')}`,
  )
  const [byQueue, [oldest]] = await Promise.all([
    database
      .select({
        queue: tickets.queue,
        open: sql<number>`count(*)`.mapWith(Number),
        unassigned: sql<number>`count(*) filter (where ${tickets.assigneeId} is null)`.mapWith(Number),
        waiting:
          sql<number>`count(*) filter (where ${tickets.status} in ('waiting-requester', 'on-hold'))`.mapWith(
            Number,
          ),
        breached:
          sql<number>`count(*) filter (where ${tickets.firstResponseBreached} and ${tickets.firstRespondedAt} is null)`.mapWith(
            Number,
          ),
      })
      .from(tickets)
      .where(living)
      .groupBy(tickets.queue)
      .orderBy(asc(tickets.queue)),
    database.select().from(tickets).where(living).orderBy(asc(tickets.openedAt)).limit(1),
  ])
  const sum = (column: 'open' | 'unassigned' | 'waiting' | 'breached') =>
    byQueue.reduce((total, row) => total + row[column], 0)
  const ticket = oldest === undefined ? null : ticketOf(oldest, seal)
  return {
    open: sum('open'),
    unassigned: sum('unassigned'),
    waiting: sum('waiting'),
    breached: sum('breached'),
    byQueue,
    oldest:
      ticket === null
        ? null
        : { number: ticket.number, prefix: ticket.prefix, title: ticket.title, openedAt: ticket.openedAt },
  }
}
