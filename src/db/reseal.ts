import type { SQL } from 'drizzle-orm'
import { and, asc, eq, isNotNull, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Sealer } from '../core/ports.ts'
import type { Database } from './client.ts'
import { inbox } from './ledger.ts'
import { attachments, files, journal, messages, roomPosts, tickets } from './schema.ts'
import { keyIdOf, SealError } from './seal.ts'

/**
 * Everything that is sealed, in one list: where it stands, and the context under which its store seals it (after the
 * workspace's id). A test goes through the schema and finds a sealed column that is missing here.
 */
interface Place {
  readonly name: string
  readonly table: PgTable
  /** The primary key. */
  readonly key: readonly PgColumn[]
  readonly sealed: PgColumn
  /** The context, from the values of the primary key without the workspace. */
  context(...key: readonly string[]): string
  /** Rows in one round. Files have megabytes each. */
  readonly batch: number
}

const MANY = 200
const FEW = 4

export const SEALED: readonly Place[] = [
  place('tickets.title_sealed', tickets, tickets.titleSealed, (id) => `ticket ${id} title`),
  place('tickets.resolution_sealed', tickets, tickets.resolutionSealed, (id) => `ticket ${id} resolution`),
  place('messages.text_sealed', messages, messages.textSealed, (id) => `message ${id}`),
  place('attachments.name_sealed', attachments, attachments.nameSealed, (id) => `attachment ${id}`),
  place('files.name_sealed', files, files.nameSealed, (id) => `file ${id} name`),
  { ...place('files.bytes_sealed', files, files.bytesSealed, (id) => `file ${id}`), batch: FEW },
  place('room_posts.body_sealed', roomPosts, roomPosts.bodySealed, (id) => `post ${id}`),
  {
    name: 'journal.text_sealed',
    table: journal,
    key: [journal.workspaceId, journal.ticketId, journal.version],
    sealed: journal.textSealed,
    context: (ticket, version) => `journal ${ticket} ${version}`,
    batch: MANY,
  },
  {
    name: 'inbox.event_sealed',
    table: inbox,
    key: [inbox.workspaceId, inbox.key],
    sealed: inbox.eventSealed,
    context: (key) => `inbox ${key}`,
    batch: MANY,
  },
]

function place<T extends PgTable & { workspaceId: PgColumn; id: PgColumn }>(
  name: string,
  table: T,
  sealed: PgColumn,
  context: (id: string) => string,
): Place {
  return {
    name,
    table,
    key: [table.workspaceId, table.id],
    sealed,
    context: (id = '') => context(id),
    batch: MANY,
  }
}

export interface Progress {
  readonly column: string
  /** Boxes of this column sealed anew so far. */
  readonly resealed: number
  /** Boxes that open with no key of the ring; they are left as they are. */
  readonly lost: number
}

/**
 * Seals everything anew that is not sealed with the current key, column by column. It may be stopped at any time and
 * begun again: what is done is not looked at twice. It is safe beside a running desk: a row that the desk changes in
 * between keeps the desk's box. Every running process must have the current key in its ring before this starts.
 */
export async function reseal(
  database: Database,
  sealer: Sealer,
  currentKey: string,
  report: (progress: Progress) => void,
): Promise<readonly Progress[]> {
  const totals: Progress[] = []
  for (const one of SEALED) totals.push(await resealColumn(database, one, sealer, currentKey, report))
  return totals
}

async function resealColumn(
  database: Database,
  one: Place,
  sealer: Sealer,
  currentKey: string,
  report: (progress: Progress) => void,
): Promise<Progress> {
  let progress: Progress = { column: one.name, resealed: 0, lost: 0 }
  let after: readonly string[] | null = null
  for (;;) {
    const rows: readonly Box[] = await boxes(
      database,
      one,
      sql`${keyOf(one)} <> ${currentKey}`,
      after,
      one.batch,
    )
    const outcomes = await Promise.all(rows.map((row) => resealRow(database, one, row, sealer)))
    progress = {
      column: one.name,
      resealed: progress.resealed + outcomes.filter((outcome) => outcome).length,
      lost: progress.lost + outcomes.filter((outcome) => !outcome).length,
    }
    if (rows.length > 0) report(progress)
    if (rows.length < one.batch) return progress
    after = rows.at(-1)!.key
  }
}

/** False: the box does not open. */
async function resealRow(database: Database, one: Place, row: Box, sealer: Sealer): Promise<boolean> {
  const plain = opened(one, row, sealer)
  if (plain === null) return false
  const box = sealer.seal(plain, contextOf(one, row))
  // The head has the nonce and the tag: another head is another box, written by the desk in between.
  const same = sql`substring(${one.sealed} from 1 for 37) = ${Buffer.from(row.box.subarray(0, 37))}`
  await database
    .update(one.table)
    .set({ [propertyOf(one)]: box })
    .where(and(...one.key.map((column, index) => eq(column, row.key[index])), same))
  return true
}

export interface KeyUse {
  readonly keyId: string
  readonly boxes: number
  readonly opens: boolean
}

/** Which keys a sample of the sealed columns needs (at most `limit` boxes of each), and whether the ring opens them. */
export async function sampleKeys(
  database: Database,
  sealer: Sealer,
  limit: number,
): Promise<readonly KeyUse[]> {
  const uses = new Map<string, KeyUse>()
  for (const one of SEALED) {
    for (const row of await boxes(database, one, sql`true`, null, Math.min(limit, one.batch))) {
      const keyId = keyIdOf(row.box)
      const known = uses.get(keyId)
      const opens = opened(one, row, sealer) !== null
      uses.set(keyId, { keyId, boxes: (known?.boxes ?? 0) + 1, opens: opens && (known?.opens ?? true) })
    }
  }
  return [...uses.values()]
}

interface Box {
  /** Values of the primary key, the workspace first. */
  readonly key: readonly string[]
  readonly box: Uint8Array
}

async function boxes(
  database: Database,
  one: Place,
  wanted: SQL,
  after: readonly string[] | null,
  limit: number,
): Promise<readonly Box[]> {
  const key = sql`(${sql.join([...one.key], sql`, `)})`
  const values = after?.map((value, index) => sql`${value}::${sql.raw(one.key[index]!.getSQLType())}`)
  const rows = await database
    .select({
      key: sql<string[]>`jsonb_build_array(${sql.join(
        one.key.map((column) => sql`${column}::text`),
        sql`, `,
      )})`,
      box: one.sealed,
    })
    .from(one.table)
    .where(
      and(
        isNotNull(one.sealed),
        wanted,
        values === undefined ? undefined : sql`${key} > (${sql.join(values, sql`, `)})`,
      ),
    )
    .orderBy(...one.key.map((column) => asc(column)))
    .limit(limit)
  return rows.map((row) => ({ key: row.key, box: row.box as Uint8Array }))
}

function opened(one: Place, row: Box, sealer: Sealer): Uint8Array | null {
  try {
    return sealer.open(row.box, contextOf(one, row))
  } catch (error) {
    if (error instanceof SealError) return null
    throw error
  }
}

function contextOf(one: Place, row: Box): string {
  const [workspace, ...key] = row.key
  return `${workspace} ${one.context(...key)}`
}

function keyOf(one: Place): SQL {
  return sql`encode(substring(${one.sealed} from 2 for 8), 'hex')`
}

/** drizzle sets columns by the names that the schema gives them. */
function propertyOf(one: Place): string {
  return one.sealed.name.replace(/_[a-z]/gu, (part) => part[1]!.toUpperCase())
}
