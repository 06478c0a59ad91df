import type { Placeholder, SQL } from 'drizzle-orm'
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
    sql`insert into ${table} select * from json_populate_recordset(null::${table}, ${rowsAsJson(table, rows)}::text::json) ${onConflict}`,
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

/**
 * `= any (…)` over a list that travels as one parameter, so that the statement's text is the same for any length. The
 * array is made once, before the plan runs, and each item is then looked up in the index: a join with the list would be
 * planned by guessed row numbers, and a plan made on empty tables reads whole ones later.
 */
export function anyOf(values: readonly string[] | Placeholder, type: 'uuid' | 'text' = 'uuid'): SQL {
  const list = Array.isArray(values) ? JSON.stringify(values) : values
  return sql`any (array(select value::${sql.raw(type)} from jsonb_array_elements_text(${list}::text::jsonb)))`
}

/**
 * `= any (…)` over the ids of the rows of `table` that have what is asked for, one look-up in the index for each record.
 * `offset 0` keeps the planner from turning that into a join of the whole table.
 */
export function idsOf(
  table: PgTable,
  workspace: string,
  asked: readonly Readonly<Record<string, string>>[],
  columns: Readonly<Record<string, string>>,
): SQL {
  const declared = Object.values(columns).map((column) => `${column} text`)
  const list = asked.map((record) =>
    Object.fromEntries(Object.entries(columns).map(([from, to]) => [to, record[from] ?? null])),
  )
  const same = Object.values(columns).map(
    (column) => sql`found.${sql.identifier(column)} = asked.${sql.identifier(column)}`,
  )
  return sql`any (array(
    select hit.id from ${records(list, declared.join(', '))}
    cross join lateral (
      select found.id from ${table} found where found.workspace_id = ${workspace} and ${sql.join(same, sql` and `)} offset 0
    ) hit))`
}
