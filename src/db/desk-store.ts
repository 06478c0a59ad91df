import { and, desc, eq, sql } from 'drizzle-orm'
import { policySchema } from '../core/policy.ts'
import type { Clock } from '../core/ports.ts'
import type { DeskStore, Writes } from '../core/store.ts'
import type { Database, Db } from './client.ts'
import { inbox, timers } from './ledger.ts'
import type { Staff } from './load.ts'
import { load } from './load.ts'
import {
  attachmentRow,
  identityOf,
  identityRow,
  journalRow,
  messageRow,
  personOf,
  personRow,
  threadRow,
  ticketRow,
} from './mapping.ts'
import { putErrands } from './outbox.ts'
import { anyOf, replaceAll, writeRows } from './rows.ts'
import {
  attachments,
  counters,
  identities,
  journal,
  messages,
  persons,
  policies,
  threads,
  tickets,
} from './schema.ts'
import type { SealedText } from './sealed.ts'

/** How long the list of the staff may be older than the database, in another process than the one that changed it. */
const STAFF_FRESH_MS = 30_000

/** One batch, one transaction: a round of reads, a thought, a round of writes. */
export function deskStore(database: Database, seal: SealedText, clock: Clock): DeskStore {
  const staff = new Map<string, Staff>()

  async function staffOf(tx: Db, workspace: string): Promise<Staff> {
    const [latest] = await tx
      .select({ version: policies.version })
      .from(policies)
      .where(eq(policies.workspaceId, workspace))
      .orderBy(desc(policies.version))
      .limit(1)
    const known = staff.get(workspace)
    const now = clock.real().getTime()
    if (
      known !== undefined &&
      known.policy.version === latest?.version &&
      now - known.readAt < STAFF_FRESH_MS
    )
      return known
    const [[policy], people, reach] = await Promise.all([
      tx
        .select()
        .from(policies)
        .where(and(eq(policies.workspaceId, workspace), eq(policies.version, latest?.version ?? 0))),
      tx
        .select()
        .from(persons)
        .where(and(eq(persons.workspaceId, workspace), sql`${persons.grants} <> '[]'::jsonb`)),
      tx
        .select({ identity: identities })
        .from(identities)
        .innerJoin(
          persons,
          and(eq(persons.workspaceId, identities.workspaceId), eq(persons.id, identities.personId)),
        )
        .where(and(eq(identities.workspaceId, workspace), sql`${persons.grants} <> '[]'::jsonb`)),
    ])
    if (policy === undefined) throw new Error('a workspace without a policy')
    const fresh: Staff = {
      policy: { version: policy.version, document: policySchema.parse(policy.document) },
      persons: people.map(personOf),
      identities: reach.map((row) => identityOf(row.identity)),
      readAt: now,
    }
    staff.set(workspace, fresh)
    return fresh
  }

  return {
    transact: (workspace, needs, opens, think) =>
      database.transaction(async (tx) => {
        const first = opens ? await holdNumbers(tx, workspace) : 0
        const loaded = await load(tx, workspace, needs, seal, await staffOf(tx, workspace))
        const { writes, numbersUsed, result } = think(loaded, first)
        if (numbersUsed > 0) await useNumbers(tx, workspace, numbersUsed)
        await save(tx, workspace, writes, seal, clock.real())
        const touched = new Set(
          loaded.persons.filter((person) => person.grants.length > 0).map((person) => person.id),
        )
        if (
          writes.merged.length > 0 ||
          writes.persons.some((person) => person.grants.length > 0 || touched.has(person.id))
        )
          staff.delete(workspace)
        return result
      }),
  }
}

const TICKET_NUMBERS = 'ticket'

/** Locks the counter's row until the end, so that numbers have no gaps and follow the order of commits. */
async function holdNumbers(tx: Db, workspaceId: string): Promise<number> {
  const [row] = await tx
    .insert(counters)
    .values({ workspaceId, kind: TICKET_NUMBERS, next: 1 })
    .onConflictDoUpdate({
      target: [counters.workspaceId, counters.kind],
      set: { next: sql`${counters.next}` },
    })
    .returning({ next: counters.next })
  return row!.next
}

async function useNumbers(tx: Db, workspaceId: string, count: number): Promise<void> {
  await tx
    .update(counters)
    .set({ next: sql`${counters.next} + ${count}` })
    .where(and(eq(counters.workspaceId, workspaceId), eq(counters.kind, TICKET_NUMBERS)))
}

/**
 * Parents before children, each table in one statement. They are sent one behind the other on the transaction's one
 * connection, which carries them out in that order, without waiting for each answer.
 */
async function save(tx: Db, workspace: string, writes: Writes, seal: SealedText, now: Date): Promise<void> {
  const key = ['workspace_id', 'id']
  const of = <T, R>(all: readonly T[], row: (workspace: string, one: T, seal: SealedText) => R) =>
    all.map((one) => row(workspace, one, seal))
  await Promise.all([
    writeRows(tx, persons, of(writes.persons, personRow), replaceAll(persons, key)),
    // Not replaced: two processes may meet somebody new at the same time, and must not make two persons of him. The
    // second one starts again and finds him.
    writeRows(tx, identities, of(writes.identities, identityRow), sql``),
    writeRows(tx, tickets, of(writes.tickets, ticketRow), replaceAll(tickets, key)),
    writeRows(tx, threads, of(writes.threads, threadRow), replaceAll(threads, key)),
    writeRows(tx, messages, of(writes.messages, messageRow), replaceAll(messages, key)),
    writeRows(tx, attachments, of(writes.attachments, attachmentRow), replaceAll(attachments, key)),
    // Not replaced: a version that is there already means that another process was faster, and this batch starts again.
    writeRows(tx, journal, of(writes.journal, journalRow), sql``),
    writeRows(
      tx,
      timers,
      writes.timers.map((one) => ({ workspaceId: workspace, ...one })),
      replaceAll(timers, ['workspace_id', 'key']),
    ),
    forget(tx, workspace, writes.timersGone),
    putErrands(tx, workspace, writes.errands, now),
    finish(tx, workspace, writes.done),
    ...writes.later.map((one) => putOff(tx, workspace, one)),
  ])
  for (const { from, to } of writes.merged) {
    await tx
      .update(identities)
      .set({ personId: to, linkedFrom: from })
      .where(and(eq(identities.workspaceId, workspace), eq(identities.personId, from)))
    await tx
      .update(tickets)
      .set({ requesterId: to })
      .where(and(eq(tickets.workspaceId, workspace), eq(tickets.requesterId, from)))
    await tx
      .update(messages)
      .set({ authorId: to })
      .where(and(eq(messages.workspaceId, workspace), eq(messages.authorId, from)))
    await tx
      .update(persons)
      .set({ mergedInto: to })
      .where(and(eq(persons.workspaceId, workspace), eq(persons.id, from)))
  }
}

async function forget(tx: Db, workspace: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await tx
    .delete(timers)
    .where(and(eq(timers.workspaceId, workspace), sql`${timers.key} = ${anyOf(keys, 'text')}`))
}

/** An event to be looked at again a little later. */
async function putOff(tx: Db, workspace: string, one: Writes['later'][number]): Promise<void> {
  await tx
    .update(inbox)
    .set({ leaseUntil: one.at, leaseOwner: null, attempts: sql`${inbox.attempts} + 1` })
    .where(and(eq(inbox.workspaceId, workspace), eq(inbox.key, one.key)))
}

/**
 * Ends the events of the batch, or the batch: if one of them was carried out by somebody else meanwhile (its lease ended
 * in slow hands), nothing of this may be written. The row's lock makes the second one wait for the first.
 */
async function finish(tx: Db, workspace: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  const rows = await tx.execute(
    sql`update ${inbox} set state = 'done', event_sealed = null, lease_owner = null where workspace_id = ${workspace} and state = 'waiting' and key = ${anyOf(keys, 'text')} returning key`,
  )
  if ([...rows].length < keys.length) throw new HandledElsewhereError()
}

/** An event of the batch has been carried out by another process already. */
export class HandledElsewhereError extends Error {
  override readonly name = 'HandledElsewhereError'
}
