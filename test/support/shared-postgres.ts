import { createServer } from 'node:http'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import { type FreshDatabase, freshDatabases, startPostgres, type TestPostgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a worker asks for the run's PostgreSQL, which starts with the first question. */
    postgresDesk: string
  }
}

/**
 * vitest's global setup: one PostgreSQL for the whole run, started only when a test first asks for it, so that
 * a run of the pure suites never pays for it. Workers are processes of their own, hence the question over HTTP.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let server: Promise<TestPostgres> | undefined
  const desk = createServer((_request, response) => {
    server ??= startPostgres({ durable: false })
    server.then(
      ({ adminUrl }) => response.end(adminUrl),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    )
  })
  await new Promise<void>((resolve) => desk.listen(0, '127.0.0.1', resolve))
  const address = desk.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port on loopback')
  project.provide('postgresDesk', `http://127.0.0.1:${address.port}/`)
  return async () => {
    desk.closeAllConnections()
    desk.close()
    // A start that failed was already reported to the test that asked for it.
    const started = await server?.catch(() => undefined)
    await started?.stop()
  }
}

const makers = new Map<string, ReturnType<typeof freshDatabases>>()

/**
 * A migrated PostgreSQL database of the caller's own, for one test or one file: `drop` it in `afterAll`.
 * `migrate(url)` runs once for the whole run as long as `template` stays the same. Only inside vitest.
 */
export async function freshPostgres(
  migrate: (url: string) => Promise<unknown>,
  name = 'test',
  template = 'gongdan_template',
): Promise<FreshDatabase> {
  let make = makers.get(template)
  if (!make) {
    make = freshDatabases(await adminUrl(), migrate, template)
    makers.set(template, make)
  }
  return make(name)
}

async function adminUrl(): Promise<string> {
  const response = await fetch(inject('postgresDesk'))
  const text = await response.text()
  if (!response.ok) throw new Error(`no PostgreSQL for the tests: ${text}`)
  return text
}
