import { and, eq, sql } from 'drizzle-orm'
import type { InboundEvent } from '../core/event.ts'
import { inboundEvent } from '../core/event.ts'
import type { Ids } from '../core/ports.ts'
import type { Claimed, InboxStore, Lease } from '../core/store.ts'
import { claimInbox } from './claim.ts'
import type { Database } from './client.ts'
import { inbox, lanes } from './ledger.ts'
import { ignoreKnown, rowsAsJson } from './rows.ts'
import type { SealedText } from './sealed.ts'

/** Rows in one statement at most. */
const GROUP_MAX = 500

interface Waiting {
  readonly workspace: string
  readonly events: readonly InboundEvent[]
  readonly lease: Lease
  readonly at: Date
  readonly resolve: (keys: ReadonlySet<string>) => void
  readonly reject: (error: unknown) => void
}

/** The inbox over the database. Acceptances that arrive while one is being written share the next statement. */
export function inboxStore(database: Database, seal: SealedText, ids: Ids): InboxStore {
  const waiting: Waiting[] = []
  let writing = false

  async function flush(): Promise<void> {
    writing = true
    while (waiting.length > 0) {
      const group = takeGroup()
      try {
        const fresh = await insert(group)
        for (const one of group) one.resolve(take(fresh, one))
      } catch (error) {
        if (group.length === 1) group[0]!.reject(error)
        else
          for (const one of group)
            await insert([one]).then((fresh) => one.resolve(take(fresh, one)), one.reject)
      }
    }
    writing = false
  }

  function takeGroup(): readonly Waiting[] {
    let rows = 0
    let count = 0
    for (const one of waiting) {
      if (count > 0 && rows + one.events.length > GROUP_MAX) break
      rows += one.events.length
      count++
    }
    return waiting.splice(0, count)
  }

  /** One key twice in a group belongs to whoever came first. */
  function take(fresh: Set<string>, one: Waiting): ReadonlySet<string> {
    return new Set(
      one.events.filter((event) => fresh.delete(`${one.workspace} ${event.key}`)).map((event) => event.key),
    )
  }

  async function insert(group: readonly Waiting[]): Promise<Set<string>> {
    const rows = group.flatMap(({ workspace, events, lease, at }) =>
      events.map((event) => ({
        workspaceId: workspace,
        key: event.key,
        id: ids.next(),
        receivedAt: at,
        state: 'waiting',
        eventSealed: seal.text(workspace, `inbox ${event.key}`, JSON.stringify(event)),
        attempts: 0,
        leaseOwner: lease.owner,
        leaseUntil: lease.until,
        lastCode: null,
      })),
    )
    const written = await database.execute<Record<string, unknown>>(
      sql`insert into ${inbox} select * from json_populate_recordset(null::${inbox}, ${rowsAsJson(inbox, rows)}::text::json) ${ignoreKnown} returning workspace_id, key`,
    )
    return new Set([...written].map((row) => `${String(row.workspace_id)} ${String(row.key)}`))
  }

  async function park(workspace: string, key: string): Promise<void> {
    await database
      .update(inbox)
      .set({ state: 'parked', lastCode: 'unreadable', leaseOwner: null })
      .where(and(eq(inbox.workspaceId, workspace), eq(inbox.key, key)))
  }

  return {
    accept(workspace, events, lease, at) {
      return new Promise((resolve, reject) => {
        waiting.push({ workspace, events, lease, at, resolve, reject })
        if (!writing) void flush()
      })
    },
    async takeOver(limit, lease, now) {
      const rows = await claimInbox(database, limit, lease, now)
      const claimed: Claimed[] = []
      for (const row of rows) {
        try {
          const event = inboundEvent.parse(
            JSON.parse(seal.read(row.workspace_id, `inbox ${row.key}`, row.event_sealed)),
          )
          claimed.push({ workspace: row.workspace_id, event, attempts: row.attempts })
        } catch {
          // Its key is lost, or it is of a version that this one cannot read: what came with it must not wait for it.
          await park(row.workspace_id, row.key)
        }
      }
      return claimed
    },
    async failed(workspace, key, code, again, max) {
      const [row] = await database
        .update(inbox)
        .set({
          attempts: sql`${inbox.attempts} + 1`,
          state: sql`case when ${inbox.attempts} + 1 >= ${max} then 'parked' else ${inbox.state} end`,
          lastCode: code,
          leaseOwner: null,
          leaseUntil: again,
        })
        // One that somebody else has carried out meanwhile is done, not failed.
        .where(and(eq(inbox.workspaceId, workspace), eq(inbox.key, key), eq(inbox.state, 'waiting')))
        .returning({ state: inbox.state })
      return row?.state === 'parked' ? 'parked' : 'again'
    },
    async releaseAll() {
      await database
        .update(inbox)
        .set({ leaseOwner: null, leaseUntil: new Date(0) })
        .where(eq(inbox.state, 'waiting'))
      await database.update(lanes).set({ leaseOwner: null, leaseUntil: null })
    },
    async release(owner) {
      await database
        .update(inbox)
        .set({ leaseOwner: null, leaseUntil: new Date(0) })
        .where(and(eq(inbox.leaseOwner, owner), eq(inbox.state, 'waiting')))
    },
  }
}
