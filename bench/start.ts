import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, startPostgres } from '../test/support/postgres.ts'
import { startChild } from './support/child.ts'
import { startDesk } from './support/desk.ts'
import { peakMemoryMb } from './support/machine.ts'
import { percentile, round } from './support/percentile.ts'
import { option, say } from './support/progress.ts'
import { messageEvent } from './support/slack-event.ts'

interface Start {
  readonly seconds: number
  readonly megabytes: number
}

/**
 * From starting the process to the first ticket that it accepted durably, and its peak memory by then: with the
 * embedded database on the first and on a later run, and with PostgreSQL (whose own memory is not counted).
 * Medians of `--runs N` (3).
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const runs = option(args, 'runs', 3)
  const slack = await startChild('bench/support/loopback-slack.ts', await freePort())
  const database = await startPostgres({ durable: true })
  const first: Start[] = []
  const later: Start[] = []
  const production: Start[] = []
  try {
    // The first start makes the tables, as the first deployment does; it is not counted.
    await start('PostgreSQL, tables made', slack.origin, { DATABASE_URL: database.adminUrl }, 0)
    for (let index = 1; index <= runs; index += 1) {
      const folder = mkdtempSync(path.join(tmpdir(), 'gongdan-start-'))
      first.push(await start('PGlite, first run', slack.origin, { DATA_DIR: folder }, index * 2))
      later.push(await start('PGlite, later run', slack.origin, { DATA_DIR: folder }, index * 2 + 1))
      rmSync(folder, { recursive: true, force: true })
      production.push(await start('PostgreSQL', slack.origin, { DATABASE_URL: database.adminUrl }, index))
    }
  } finally {
    await database.stop()
    await slack.stop()
  }
  return {
    pglite_first_s: median(first, 'seconds'),
    pglite_later_s: median(later, 'seconds'),
    postgres_s: median(production, 'seconds'),
    pglite_mb: median([...first, ...later], 'megabytes'),
    postgres_mb: median(production, 'megabytes'),
  }
}

async function start(what: string, slack: string, env: Record<string, string>, n: number): Promise<Start> {
  const begun = performance.now()
  const desk = await startDesk(slack, env, { waitReady: false })
  try {
    const shot = messageEvent('START', n, Date.now())
    await accepted(desk.eventsUrl, shot, 60_000)
    const result = { seconds: (performance.now() - begun) / 1_000, megabytes: peakMemoryMb(desk.pid) }
    say(`${what}: ${round(result.seconds, 2)} s, ${round(result.megabytes)} MB`)
    return result
  } finally {
    await desk.stop()
  }
}

/** Delivers one event again and again, as Slack would, until it is acknowledged. */
async function accepted(
  url: string,
  shot: { headers: Readonly<Record<string, string>>; body: string },
  withinMs: number,
): Promise<void> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const ok = await fetch(url, { method: 'POST', headers: shot.headers, body: shot.body }).then(
      (response) => response.ok,
      () => false,
    )
    if (ok) return
    if (performance.now() > deadline) throw new Error(`no event was accepted within ${withinMs} ms`)
    await sleep(10)
  }
}

function median(starts: readonly Start[], key: keyof Start): number {
  const sorted = starts.map((one) => one[key]).toSorted((a, b) => a - b)
  return round(percentile(sorted, 0.5), key === 'seconds' ? 2 : 0)
}
