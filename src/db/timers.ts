import { and, asc, eq, lte } from 'drizzle-orm'
import type { Timer, TimerStore } from '../core/store.ts'
import type { Database } from './client.ts'
import { timers } from './ledger.ts'

/** Timers over the database. They are not claimed: the event that a timer becomes has a key, and the inbox keeps one. */
export function timerStore(database: Database): TimerStore {
  return {
    async due(now, limit) {
      const rows = await database
        .select()
        .from(timers)
        .where(lte(timers.dueAt, now))
        .orderBy(asc(timers.dueAt))
        .limit(limit)
      return rows.map((row) => ({
        workspace: row.workspaceId,
        key: row.key,
        ticketId: row.ticketId,
        kind: row.kind as Timer['kind'],
        dueAt: row.dueAt,
      }))
    },
    async fired(workspace, key, dueAt) {
      await database
        .delete(timers)
        .where(and(eq(timers.workspaceId, workspace), eq(timers.key, key), eq(timers.dueAt, dueAt)))
    },
  }
}
