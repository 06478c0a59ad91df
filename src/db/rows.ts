import type { SQL } from 'drizzle-orm'
import { getTableColumns, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Db } from './client.ts'

/**
 * Writes any number of rows in one statement with one parameter: drizzle's multi-row insert spends more time on building
 * its text and thousands of parameters than the database spends on the rows. Column names come from the schema, so a
 * renamed column is found by the compiler.
 */
export async function writeRows<T extends PgTable>(
  db: Db,
  table: T,
  rows: readonly T['$inferSelect'][],
  onConflict: SQL,
): Promise<void> {
  if (rows.length === 0) return
  await db.execute(
    sql`insert into ${table} select * from jsonb_populate_recordset(null::${table}, ${rowsAsJson(table, rows)}::text::jsonb) ${onConflict}`,
  )
}

/** Rows as JSON with the database's column names; bytes as PostgreSQL's hex. */
export function rowsAsJson<T extends PgTable>(table: T, rows: readonly T['$inferSelect'][]): string {
  const columns = columnsOf(table)
  return JSON.stringify(
    rows.map((row) => {
      const values: Record<string, unknown> = {}
      for (const [property, name] of columns) values[name] = plain((row as Record<string, unknown>)[property])
      return values
    }),
  )
}

const names = new WeakMap<PgTable, readonly (readonly [property: string, column: string])[]>()

function columnsOf(table: PgTable): readonly (readonly [property: string, column: string])[] {
  const known = names.get(table)
  if (known !== undefined) return known
  const fresh = Object.entries(getTableColumns(table)).map(
    ([property, column]) => [property, column.name] as const,
  )
  names.set(table, fresh)
  return fresh
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array
    ? `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
    : value
}

/** `set every = excluded.every` for all columns but those of the key. */
export function replaceAll(table: PgTable, key: readonly string[]): SQL {
  const columns = Object.values(getTableColumns(table)).map((column) => column.name)
  const sets = columns
    .filter((name) => !key.includes(name))
    .map((name) => sql`${sql.identifier(name)} = excluded.${sql.identifier(name)}`)
  return sql`on conflict (${sql.join(
    key.map((name) => sql.identifier(name)),
    sql`, `,
  )}) do update set ${sql.join(sets, sql`, `)}`
}

export const ignoreKnown: SQL = sql`on conflict do nothing`

/** A relation made of JSON records, for joining what is asked for with what there is. */
export function records(values: readonly Record<string, string | number | null>[], columns: string): SQL {
  return sql`jsonb_to_recordset(${JSON.stringify(values)}::text::jsonb) as asked(${sql.raw(columns)})`
}

export function uuids(ids: readonly string[]): SQL {
  return sql`(select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))`
}
