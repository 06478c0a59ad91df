import { sql } from 'drizzle-orm'
import type { Database } from './client.ts'

/** Rows changed before a table is worth a look. */
const CHANGES_MIN = 200

/**
 * Counts anew what has grown to several times the size that the planner knows. The server does so by itself, but only
 * once a minute: in the first minute of a young database, or of an import, every plan (those of the foreign keys too)
 * is made for empty tables and reads far too much. Costs milliseconds, and nothing where nothing has grown.
 */
export async function refreshStatistics(database: Database): Promise<void> {
  const grown = await database.execute<Record<string, unknown>>(sql`
    select s.relname from pg_stat_user_tables s join pg_class c on c.oid = s.relid
    where s.schemaname = current_schema() and s.n_mod_since_analyze > greatest(${CHANGES_MIN}::bigint, 3 * c.reltuples::bigint)`)
  for (const { relname } of grown) await database.execute(sql`analyze ${sql.identifier(String(relname))}`)
}
