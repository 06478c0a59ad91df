import type { Placeholder } from 'drizzle-orm'
import { and, asc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Errand } from '../core/intent.ts'
import { intent } from '../core/intent.ts'
import type { DueErrand, OutboxStore } from '../core/store.ts'
import { claimLanes } from './claim.ts'
import type { Database, Db } from './client.ts'
import { lanes, outbox } from './ledger.ts'
import { records, rowsAsJson } from './rows.ts'
import { threads } from './schema.ts'

const receiptsSchema = z.array(z.object({ channel: z.string(), message: z.string() }))

/**
 * Puts errands into their lanes, in the transaction of what they announce. The same key again makes the row ready once
 * more, at a new place in its lane, with the receipts it has: that is how a card is edited instead of posted twice.
 */
export async function putErrands(
  tx: Db,
  workspaceId: string,
  errands: readonly Errand[],
  now: Date,
): Promise<void> {
  if (errands.length === 0) return
  const rows = errands.map((errand) => ({
    workspaceId,
    key: errand.key,
    id: errand.id,
    lane: errand.lane,
    ticketId: errand.ticketId,
    intent: errand.intent,
    state: 'ready',
    revision: 1,
    attempts: 0,
    unsure: false,
    runAt: now,
    lastCode: null,
    receipts: [],
    createdAt: now,
    sentAt: null,
  }))
  const perLane = new Map<string, number>()
  for (const errand of errands) perLane.set(errand.lane, (perLane.get(errand.lane) ?? 0) + 1)
  // Sorted, so that two transactions lock lanes in one order.
  const counts = [...perLane]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([lane, count]) => ({ lane, count }))
  await tx.execute(sql`
    insert into ${outbox} select * from json_populate_recordset(null::${outbox}, ${rowsAsJson(outbox, rows)}::text::json)
    on conflict (workspace_id, key) do update set
      -- One that still waits keeps its place in the lane; only what was sent goes to the end.
      id = case when outbox.state = 'ready' then outbox.id else excluded.id end,
      run_at = case when outbox.state = 'ready' then outbox.run_at else excluded.run_at end,
      attempts = case when outbox.state = 'ready' then outbox.attempts else 0 end,
      lane = excluded.lane, intent = excluded.intent, state = 'ready', revision = outbox.revision + 1`)
  await tx.execute(sql`
    insert into ${lanes} (workspace_id, lane, due_at, revision)
    select ${workspaceId}::uuid, lane, ${now.toISOString()}::timestamptz, count from ${records(counts, 'lane text, count int')}
    on conflict (workspace_id, lane) do update set
      due_at = least(coalesce(${lanes}.due_at, excluded.due_at), excluded.due_at), revision = ${lanes}.revision + excluded.revision`)
}

/** The outbox over the database; see `claim.ts` for how lanes are shared out. */
export function outboxStore(database: Database): OutboxStore {
  const hot = hotStatements(database)
  return {
    claimLanes: (limit, lease, now) => claimLanes(database, limit, lease, now),

    async errands(claim, now, limit) {
      const rows = await hot.errands.execute({ workspace: claim.workspace, lane: claim.lane, limit })
      const due: DueErrand[] = []
      for (const row of rows) {
        // Strict order: what is behind one that waits for its next attempt waits with it.
        if (row.runAt > now) break
        const read = intent.safeParse(row.intent)
        if (!read.success) {
          // Written by another version, or by hand. It must not keep the lane from everything behind it.
          await database
            .update(outbox)
            .set({ state: 'dead', lastCode: 'bug:unreadable' })
            .where(and(eq(outbox.workspaceId, row.workspaceId), eq(outbox.key, row.key)))
          continue
        }
        due.push({
          workspace: row.workspaceId,
          id: row.id,
          key: row.key,
          lane: row.lane,
          ticketId: row.ticketId,
          intent: read.data,
          revision: row.revision,
          attempts: row.attempts,
          unsure: row.unsure,
          receipts: receiptsSchema.parse(row.receipts),
          createdAt: row.createdAt,
        })
      }
      return due
    },

    async sending(errand) {
      await hot.sending.execute({ workspace: errand.workspace, key: errand.key })
    },

    async delivered(errand, receipts, opens, now) {
      const values = { receipts: JSON.stringify(receipts), revision: errand.revision, now: now.toISOString() }
      if (opens === null) {
        await hot.delivered.execute({ workspace: errand.workspace, key: errand.key, ...values })
        return
      }
      await database.transaction(async (tx) => {
        await tx
          .update(outbox)
          .set(delivered(values.receipts, values.revision, values.now))
          .where(and(eq(outbox.workspaceId, errand.workspace), eq(outbox.key, errand.key)))
        await tx
          .update(threads)
          .set({ root: opens.root.message, channel: opens.root.channel })
          .where(and(eq(threads.workspaceId, errand.workspace), eq(threads.id, opens.threadId)))
      })
    },

    async failed(errand, failure, now) {
      await database
        .update(outbox)
        .set({
          attempts: sql`${outbox.attempts} + 1`,
          lastCode: failure.code,
          unsure: failure.unsure,
          receipts: failure.receipts,
          runAt: failure.again ?? now,
          state: failure.again === null ? 'dead' : 'ready',
        })
        .where(and(eq(outbox.workspaceId, errand.workspace), eq(outbox.key, errand.key)))
    },

    async leave(claim, blockedUntil, now) {
      // Idle only if nothing was added since the claim; otherwise due at once, so that no wake-up is lost.
      await database
        .update(lanes)
        .set({
          leaseOwner: null,
          leaseUntil: null,
          dueAt:
            blockedUntil ??
            sql`case when ${lanes.revision} = ${claim.revision} then (
              select run_at from ${outbox} where ${outbox.workspaceId} = ${claim.workspace} and ${outbox.lane} = ${claim.lane} and ${outbox.state} = 'ready'
              -- The first in the lane alone: what is behind it waits with it, and would wake the lane for nothing.
              order by ${outbox.id} limit 1
            ) else ${now.toISOString()}::timestamptz end`,
        })
        .where(and(eq(lanes.workspaceId, claim.workspace), eq(lanes.lane, claim.lane)))
    },

    async hold(claim, lease) {
      const rows = await database
        .update(lanes)
        .set({ leaseUntil: lease.until })
        .where(
          and(
            eq(lanes.workspaceId, claim.workspace),
            eq(lanes.lane, claim.lane),
            eq(lanes.leaseOwner, lease.owner),
          ),
        )
        .returning({ lane: lanes.lane })
      return rows.length > 0
    },

    async dead(workspace, limit) {
      const rows = await database
        .select()
        .from(outbox)
        .where(and(eq(outbox.workspaceId, workspace), sql`${outbox.state} = 'dead'`))
        .orderBy(asc(outbox.id))
        .limit(limit)
      return rows.map((row) => ({
        key: row.key,
        lane: row.lane,
        kind: z.object({ kind: z.string() }).catch({ kind: 'unreadable' }).parse(row.intent).kind,
        code: row.lastCode ?? '',
        attempts: row.attempts,
        createdAt: row.createdAt,
      }))
    },

    revive: (workspace, key, now) =>
      database.transaction(async (tx) => {
        const rows = await tx
          .update(outbox)
          .set({ state: 'ready', runAt: now, attempts: 0, revision: sql`${outbox.revision} + 1` })
          .where(
            and(
              eq(outbox.workspaceId, workspace),
              sql`${outbox.state} = 'dead'`,
              key === null ? undefined : eq(outbox.key, key),
            ),
          )
          .returning({ lane: outbox.lane })
        for (const lane of new Set(rows.map((row) => row.lane))) {
          await tx
            .update(lanes)
            .set({ dueAt: now, revision: sql`${lanes.revision} + 1` })
            .where(and(eq(lanes.workspaceId, workspace), eq(lanes.lane, lane)))
        }
        return rows.length
      }),

    async depth() {
      const [row] = await database
        .select({
          ready: sql<number>`count(*) filter (where ${outbox.state} = 'ready')`.mapWith(Number),
          dead: sql<number>`count(*) filter (where ${outbox.state} = 'dead')`.mapWith(Number),
          oldest: sql<string | null>`min(${outbox.createdAt}) filter (where ${outbox.state} = 'ready')`,
        })
        .from(outbox)
        .where(sql`${outbox.state} in ('ready', 'dead')`)
      return {
        ready: row?.ready ?? 0,
        dead: row?.dead ?? 0,
        oldestReadyAt: row?.oldest == null ? null : new Date(row.oldest),
      }
    },
  }
}

/** What is noted of a delivery; JSON, number and instant as values or as placeholders for them. */
function delivered(
  receipts: string | Placeholder,
  revision: number | Placeholder,
  now: string | Placeholder,
) {
  return {
    receipts: sql`${receipts}::text::jsonb`,
    unsure: false,
    attempts: 0,
    lastCode: null,
    sentAt: sql`${now}::timestamptz`,
    // Wanted again while it was on its way: it stays ready.
    state: sql`case when ${outbox.revision} = ${revision} then 'sent' else ${outbox.state} end`,
  }
}

/** What every delivery writes down, built once: building a statement costs the process more than carrying it out. */
function hotStatements(database: Database) {
  const { placeholder } = sql
  const one = and(eq(outbox.workspaceId, placeholder('workspace')), eq(outbox.key, placeholder('key')))
  return {
    errands: database
      .select()
      .from(outbox)
      .where(
        and(
          eq(outbox.workspaceId, placeholder('workspace')),
          eq(outbox.lane, placeholder('lane')),
          // In the words of the partial index, or it would not be used.
          sql`${outbox.state} = 'ready'`,
        ),
      )
      .orderBy(asc(outbox.id))
      .limit(placeholder('limit'))
      .prepare('errands'),
    sending: database.update(outbox).set({ unsure: true }).where(one).prepare('sending'),
    delivered: database
      .update(outbox)
      .set(delivered(placeholder('receipts'), placeholder('revision'), placeholder('now')))
      .where(one)
      .prepare('delivered'),
  }
}
