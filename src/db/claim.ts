import { sql } from 'drizzle-orm'
import type { Lease } from '../core/store.ts'
import type { Db } from './client.ts'
import { inbox, lanes } from './ledger.ts'

/**
 * The claims of work, all of them here. Each is one statement: rows are taken with `for update skip locked`, so that any
 * number of processes looking at the same time get different ones, and given a lease, so that what a dead process held
 * is free again by itself. On Citus these two tables stay local to the coordinator, or are looked at per workspace.
 */

export interface ClaimedInboxRow {
  readonly workspace_id: string
  readonly key: string
  readonly event_sealed: Uint8Array
  readonly attempts: number
}

/** Waiting events whose lease has ended, in the order of arrival. */
export async function claimInbox(
  db: Db,
  limit: number,
  lease: Lease,
  now: Date,
): Promise<readonly ClaimedInboxRow[]> {
  const rows = await db.execute<Record<string, unknown>>(sql`
    with taken as (
      select workspace_id, key from ${inbox}
      where state = 'waiting' and lease_until <= ${now.toISOString()}
      order by lease_until, id
      limit ${limit}
      for update skip locked
    )
    update ${inbox} as i set lease_owner = ${lease.owner}, lease_until = ${lease.until.toISOString()}
    from taken where i.workspace_id = taken.workspace_id and i.key = taken.key
    returning i.workspace_id, i.key, i.id, i.event_sealed, i.attempts`)
  return [...rows]
    .toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
    .map((row) => ({
      workspace_id: String(row.workspace_id),
      key: String(row.key),
      event_sealed: row.event_sealed as Uint8Array,
      attempts: Number(row.attempts),
    }))
}

/** Lanes that have something due and that nobody is sending in. */
export async function claimLanes(
  db: Db,
  limit: number,
  lease: Lease,
  now: Date,
): Promise<readonly { workspace: string; lane: string; revision: number }[]> {
  const at = now.toISOString()
  const rows = await db.execute<Record<string, unknown>>(sql`
    with taken as (
      select workspace_id, lane from ${lanes}
      where due_at <= ${at} and (lease_until is null or lease_until <= ${at})
      order by due_at
      limit ${limit}
      for update skip locked
    )
    update ${lanes} as l set lease_owner = ${lease.owner}, lease_until = ${lease.until.toISOString()}
    from taken where l.workspace_id = taken.workspace_id and l.lane = taken.lane
    returning l.workspace_id, l.lane, l.revision`)
  return [...rows].map((row) => ({
    workspace: String(row.workspace_id),
    lane: String(row.lane),
    revision: Number(row.revision),
  }))
}
