import { and, eq, or, sql } from 'drizzle-orm'
import type { Platform } from '../core/event.ts'
import { PLATFORMS } from '../core/event.ts'
import type { Identity, Person } from '../core/person.ts'
import type { AppliedPolicy } from '../core/policy.ts'
import type { Loaded, Needs } from '../core/store.ts'
import type { Db } from './client.ts'
import { attachmentOf, identityOf, messageOf, personOf, threadOf, ticketOf } from './mapping.ts'
import { anyOf, idsOf, records } from './rows.ts'
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
  const [people, threadRows, messagesThere, messagesById, recentRows, numbered] = await Promise.all([
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
              sql`${threads.id} = ${idsOf(threads, workspace, needs.threads, { platform: 'platform', channel: 'channel', root: 'root' })}`,
            ),
          ),
    needs.messages.length === 0
      ? none
      : tx
          .select()
          .from(messages)
          .where(
            and(
              eq(messages.workspaceId, workspace),
              sql`${messages.id} = ${idsOf(messages, workspace, needs.messages, { platform: 'platform', channel: 'channel', externalId: 'external_id' })}`,
            ),
          ),
    needs.messageIds.length === 0
      ? none
      : tx
          .select()
          .from(messages)
          .where(and(eq(messages.workspaceId, workspace), sql`${messages.id} = ${anyOf(needs.messageIds)}`)),
    needs.recent.length === 0 ? none : loadRecent(tx, workspace, needs),
    needs.numbers.length === 0
      ? none
      : tx
          .select({ id: tickets.id })
          .from(tickets)
          .where(
            and(
              eq(tickets.workspaceId, workspace),
              sql`${tickets.number} = any (array(select value::int from jsonb_array_elements_text(${JSON.stringify(needs.numbers)}::text::jsonb)))`,
            ),
          ),
  ])
  const messageRows = [...messagesThere, ...messagesById]
  const ticketIds = [
    ...new Set([
      ...threadRows.map((row) => row.ticketId),
      ...messageRows.map((row) => row.ticketId),
      ...recentRows.map((row) => row.ticketId),
      ...numbered.map((row) => row.id),
      ...needs.ticketIds,
    ]),
  ]
  const ticketRows =
    ticketIds.length === 0
      ? []
      : await tx
          .select()
          .from(tickets)
          .where(and(eq(tickets.workspaceId, workspace), sql`${tickets.id} = ${anyOf(ticketIds)}`))
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
          .where(and(eq(threads.workspaceId, workspace), sql`${threads.ticketId} = ${anyOf(ids)}`)),
    messageRows.length === 0
      ? none
      : tx
          .select()
          .from(attachments)
          .where(
            and(
              eq(attachments.workspaceId, workspace),
              sql`${attachments.messageId} = ${anyOf(messageRows.map((row) => row.id))}`,
            ),
          ),
    personIds.length === 0
      ? none
      : tx
          .select()
          .from(persons)
          .where(and(eq(persons.workspaceId, workspace), sql`${persons.id} = ${anyOf(personIds)}`)),
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
              // One platform after the other, so that the primary key is met column by column.
              or(
                ...PLATFORMS.map((platform) => {
                  const asked = needs.identities.filter((one) => one.platform === platform)
                  return asked.length === 0
                    ? undefined
                    : and(
                        eq(identities.platform, platform),
                        sql`${identities.externalId} = ${anyOf(
                          asked.map((one) => one.externalId),
                          'text',
                        )}`,
                      )
                }),
              ),
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
        sql`(${persons.mail} = ${anyOf(needs.mails, 'text')} or ${persons.id} = ${anyOf(needs.personIds)})`,
      ),
    )
  return [...byIdentity, ...others]
}

/** The latest ticket of a person in a channel. */
async function loadRecent(tx: Db, workspace: string, needs: Needs): Promise<Loaded['recent']> {
  const rows = await tx.execute<Record<string, unknown>>(sql`
    select asked.platform, asked.channel, asked."externalId" as external_id, latest.id as ticket_id
    from ${records(needs.recent, 'platform text, channel text, "externalId" text')}
    cross join lateral (
      select person_id from ${identities}
      where workspace_id = ${workspace} and platform = asked.platform and external_id = asked."externalId" offset 0
    ) who
    cross join lateral (
      select t.id from ${tickets} t
      where t.workspace_id = ${workspace} and t.requester_id = who.person_id and t.status not in ('resolved', 'closed')
        and exists (
          select from ${threads} h where h.workspace_id = t.workspace_id and h.ticket_id = t.id
            and h.kind = 'requester' and h.platform = asked.platform and h.channel = asked.channel
        )
      order by t.number desc limit 1
    ) latest`)
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
