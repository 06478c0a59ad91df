import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { lockFolder } from './lock.ts'
import { openEmbedded } from './pglite.ts'

/** A database handle or a transaction on it. */
export type Db = Pick<PostgresJsDatabase, 'select' | 'insert' | 'update' | 'delete' | 'execute'>
export type Database = PostgresJsDatabase

export interface Connection {
  readonly database: Database
  /** For acknowledgements alone: they have a deadline, and must not queue behind anything slower on a shared connection. */
  readonly front: Database
  /** `embedded`: one session in this process; `server`: PostgreSQL, shared with other processes. */
  readonly kind: 'embedded' | 'server'
  close(): Promise<void>
}

/** Any number: all processes that migrate the same database take the same lock. */
const MIGRATION_LOCK = 7_036_205_513

/** Connects to a PostgreSQL server. Nothing is sent before the first query. */
export function connectServer(url: string, connections = 10): Connection {
  const client = postgres(url, { ...OPTIONS, max: connections })
  const front = postgres(url, { ...OPTIONS, max: 1 })
  return {
    database: drizzle({ client: prepared(client) }),
    front: drizzle({ client: prepared(front) }),
    kind: 'server',
    close: async () => {
      await Promise.all([client.end({ timeout: 5 }), front.end({ timeout: 5 })])
    },
  }
}

/**
 * Opens the embedded database in a folder, with the same client and the same code as for a server: PGlite speaks the
 * wire protocol in its own thread. Throws a FolderInUseError or an EmbeddedError.
 */
export async function openFolder(folder: string): Promise<Connection> {
  const lock = lockFolder(folder)
  try {
    const embedded = await openEmbedded(`${folder}/database`)
    const options: EmbeddedOptions = {
      ...OPTIONS,
      max: 1,
      ssl: false,
      host: 'embedded',
      username: 'postgres',
      database: 'postgres',
      socket: () => embedded.socket(),
    }
    const client = postgres(options)
    const database = drizzle({ client: prepared(client) })
    return {
      database,
      front: database,
      kind: 'embedded',
      async close() {
        await client.end({ timeout: 5 })
        await embedded.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/**
 * Every statement prepared, and planned once a connection instead of once a call: drizzle asks for that nowhere. The
 * texts are few, since lists travel as one JSON parameter and not as one placeholder an item.
 */
function prepared<T extends object>(client: T): T {
  return new Proxy(client, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver)
      if (typeof member !== 'function') return member
      if (name === 'unsafe') {
        return (text: string, values: unknown[], options: object) =>
          member.call(target, text, values, { prepare: true, ...options })
      }
      if (name === 'begin' || name === 'savepoint') {
        return (work: (transaction: object) => unknown) =>
          member.call(target, (transaction: object) => work(prepared(transaction)))
      }
      return member
    },
  })
}

/** `socket` is in the client's documentation and not in its types. */
type EmbeddedOptions = postgres.Options<Record<string, never>> & { socket: () => unknown }

const OPTIONS = {
  fetch_types: false,
  onnotice: () => {},
  // Plans are kept with the prepared statements, and the first are made while the tables are empty, when reading a whole
  // table looks cheapest. Every statement here has its index.
  connection: { TimeZone: 'UTC', application_name: 'gongdan', enable_seqscan: 'off' },
  connect_timeout: 10,
} as const

/**
 * Brings the tables up to date. Several processes may start at once: drizzle takes no lock, so an advisory one is held
 * on a connection of its own around it.
 */
export async function migrate(connection: Connection, url: string | null): Promise<void> {
  const migrationsFolder = fileURLToPath(new URL('../../src/db/migrations', import.meta.url))
  if (url === null) return runMigrations(connection.database, { migrationsFolder })
  const client = postgres(url, { ...OPTIONS, max: 1 })
  try {
    const single = drizzle({ client })
    await single.execute(sql`select pg_advisory_lock(${MIGRATION_LOCK})`)
    await runMigrations(single, { migrationsFolder })
  } finally {
    await client.end({ timeout: 5 })
  }
}

/** For tests and tools: migrates the database at a URL and disconnects. */
export async function migrateUrl(url: string): Promise<void> {
  const connection = connectServer(url, 1)
  try {
    await migrate(connection, url)
  } finally {
    await connection.close()
  }
}
