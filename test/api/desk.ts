import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/config.ts'
import type { Connection } from '../../src/db/client.ts'
import { connectServer, migrateUrl } from '../../src/db/client.ts'
import type { Desk } from '../../src/main.ts'
import { startDesk } from '../../src/main.ts'
import { freshPostgres } from '../support/shared-postgres.ts'

export const ADMIN_TOKEN = 'api-admin-token-0123456789'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what a stranger's JSON is, before the test has looked at it
  readonly body: any
}

/** A desk over PostgreSQL as other programs see it, with a connection of the test's own to its database. */
export interface ServedDesk {
  readonly desk: Desk
  readonly connection: Connection
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  end(): Promise<void>
}

export async function servedDesk(): Promise<ServedDesk> {
  const folder = await mkdtemp(join(tmpdir(), 'gongdan-api-'))
  const database = await freshPostgres(migrateUrl, 'api')
  const read = readConfig({
    PORT: '0',
    DATA_DIR: folder,
    DATABASE_URL: database.url,
    WEB_CHAT: '1',
    ADMIN_TOKEN,
  })
  if (!read.ok) throw new Error(read.problems.join())
  const quiet = { info() {}, warn() {}, error() {}, debug() {} }
  const desk = await startDesk(read.config, quiet)
  const connection = connectServer(database.url, 2)
  return {
    desk,
    connection,
    async call(method, path, body, headers = {}) {
      const response = await fetch(`${desk.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${ADMIN_TOKEN}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const json = response.headers.get('content-type')?.includes('json') ?? false
      return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text }
    },
    async end() {
      await connection.close()
      await desk.stop()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
