import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Platform } from '../core/event.ts'
import type { Identity, Person } from '../core/person.ts'
import type { AppliedPolicy } from '../core/policy.ts'
import type { Loaded, Needs } from '../core/store.ts'
import type { Db } from './client.ts'
import { attachmentOf, identityOf, messageOf, personOf, threadOf, ticketOf } from './mapping.ts'
import { records, uuids } from './rows.ts'
import { attachments, identities, messages, persons, threads, tickets } from './schema.ts'
import type { SealedText } from './sealed.ts'

/** What every batch knows without asking: the policy in force, and everybody with a role. */
export interface Staff {
  readonly policy: AppliedPolicy
  readonly persons: readonly Person[]
  readonly identities: readonly Identity[]
  readonly readAt: number
}

/**
 * Reads everything that a batch refers to in as few rounds as possible, and locks its tickets until the end of the
 * transaction.
 */
export async function load(
  tx: Db,
  workspace: string,
  needs: Needs,
  seal: SealedText,
  staff: Staff,
): Promise<Loaded> {
  const none = Promise.resolve([])
  const [people, threadRows, messageRows, recentRows] = await Promise.all([
    needs.identities.length + needs.mails.length + needs.personIds.length === 0
      ? none
      : loadPeople(tx, workspace, needs),
    needs.threads.length === 0
      ? none
      : tx
          .select()
          .from(threads)
          .where(
            and(
              eq(threads.workspaceId, workspace),
              sql`(${threads.platform}, ${threads.channel}, ${threads.root}) in (select * from ${records(needs.threads, 'platform text, channel text, root text')})`,
            ),
          ),
    needs.messages.length + needs.messageIds.length === 0
      ? none
      : tx
          .select()
          .from(messages)
          .where(
            and(
              eq(messages.workspaceId, workspace),
              sql`((${messages.platform}, ${messages.channel}, ${messages.externalId}) in (select * from ${records(needs.messages, 'platform text, channel text, "externalId" text')}) or ${messages.id} in ${uuids(needs.messageIds)})`,
            ),
          ),
    needs.recent.length === 0 ? none : loadRecent(tx, workspace, needs),
  ])
  const ticketIds = [
    ...new Set([
      ...threadRows.map((row) => row.ticketId),
      ...messageRows.map((row) => row.ticketId),
      ...recentRows.map((row) => row.ticketId),
      ...needs.ticketIds,
    ]),
  ]
  const ticketRows =
    ticketIds.length + needs.numbers.length === 0
      ? []
      : await tx
          .select()
          .from(tickets)
          .where(
            and(
              eq(tickets.workspaceId, workspace),
              sql`(${tickets.id} in ${uuids(ticketIds)} or ${tickets.number} in (select value::int from jsonb_array_elements_text(${JSON.stringify(needs.numbers)}::text::jsonb)))`,
            ),
          )
          // In one order everywhere, so that two batches wait for each other and never in a circle.
          .orderBy(tickets.id)
          .for('update')
  const ids = ticketRows.map((row) => row.id)
  const personIds = [
    ...new Set([
      ...ticketRows.flatMap((row) => [row.requesterId, ...(row.assigneeId === null ? [] : [row.assigneeId])]),
      ...messageRows.map((row) => row.authorId),
    ]),
  ]
  const [moreThreads, attachmentRows, morePeople] = await Promise.all([
    ids.length === 0
      ? none
      : tx
          .select()
          .from(threads)
          .where(and(eq(threads.workspaceId, workspace), inArray(threads.ticketId, ids))),
    messageRows.length === 0
      ? none
      : tx
          .select()
          .from(attachments)
          .where(
            and(
              eq(attachments.workspaceId, workspace),
              inArray(
                attachments.messageId,
                messageRows.map((row) => row.id),
              ),
            ),
          ),
    personIds.length === 0
      ? none
      : tx
          .select()
          .from(persons)
          .where(and(eq(persons.workspaceId, workspace), inArray(persons.id, personIds))),
  ])
  return {
    policy: staff.policy,
    persons: unique(
      [
        ...staff.persons,
        ...people.flatMap((row) => (row.person === null ? [] : [personOf(row.person)])),
        ...morePeople.map(personOf),
      ],
      (one) => one.id,
    ),
    identities: [
      ...staff.identities,
      ...people.flatMap((row) => (row.identity === null ? [] : [identityOf(row.identity)])),
    ],
    tickets: ticketRows.map((row) => ticketOf(row, seal)),
    threads: unique([...threadRows, ...moreThreads].map(threadOf), (one) => one.id),
    messages: messageRows.map((row) => messageOf(row, seal)),
    attachments: attachmentRows.map((row) => attachmentOf(row, seal)),
    recent: recentRows,
  }
}

/** People by identity, by mail and by id. */
async function loadPeople(tx: Db, workspace: string, needs: Needs) {
  const byIdentity =
    needs.identities.length === 0
      ? []
      : await tx
          .select({ person: persons, identity: identities })
          .from(identities)
          .innerJoin(
            persons,
            and(eq(persons.workspaceId, identities.workspaceId), eq(persons.id, identities.personId)),
          )
          .where(
            and(
              eq(identities.workspaceId, workspace),
              sql`(${identities.platform}, ${identities.externalId}) in (select * from ${records(needs.identities, 'platform text, "externalId" text')})`,
            ),
          )
  if (needs.mails.length + needs.personIds.length === 0) return byIdentity
  const others = await tx
    .select({ person: persons, identity: identities })
    .from(persons)
    .leftJoin(
      identities,
      and(eq(identities.workspaceId, persons.workspaceId), eq(identities.personId, persons.id)),
    )
    .where(
      and(
        eq(persons.workspaceId, workspace),
        sql`${persons.mergedInto} is null`,
        sql`(${persons.mail} in (select jsonb_array_elements_text(${JSON.stringify(needs.mails)}::text::jsonb)) or ${persons.id} in ${uuids(needs.personIds)})`,
      ),
    )
  return [...byIdentity, ...others]
}

/** The latest ticket of a person in a channel. */
async function loadRecent(tx: Db, workspace: string, needs: Needs): Promise<Loaded['recent']> {
  const rows = await tx.execute<Record<string, unknown>>(sql`
    select distinct on (asked.platform, asked.channel, asked."externalId")
      asked.platform, asked.channel, asked."externalId" as external_id, t.id as ticket_id
    from ${records(needs.recent, 'platform text, channel text, "externalId" text')}
    join ${identities} i on i.workspace_id = ${workspace} and i.platform = asked.platform and i.external_id = asked."externalId"
    join ${tickets} t on t.workspace_id = ${workspace} and t.requester_id = i.person_id and t.status not in ('resolved', 'closed')
    join ${threads} h on h.workspace_id = ${workspace} and h.ticket_id = t.id and h.kind = 'requester'
      and h.platform = asked.platform and h.channel = asked.channel
    order by asked.platform, asked.channel, asked."externalId", t.number desc`)
  return [...rows].map((row) => ({
    platform: row.platform as Platform,
    channel: String(row.channel),
    externalId: String(row.external_id),
    ticketId: String(row.ticket_id),
  }))
}

function unique<T>(all: readonly T[], key: (one: T) => string): readonly T[] {
  return [...new Map(all.map((one) => [key(one), one])).values()]
}
