import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { databaseUrl, freePort, startPostgres } from '../test/support/postgres.ts'
import { bareSqlPerSecond } from './support/bare-sql.ts'
import { startChild } from './support/child.ts'
import { startDesk } from './support/desk.ts'
import { fire, type Shot, tally } from './support/load.ts'
import { percentile, round, spread } from './support/percentile.ts'
import { option, say } from './support/progress.ts'
import { messageEvent, retried } from './support/slack-event.ts'

/** Transactions under way in the bare SQL baseline, as many as the desk's pool has connections. */
const CONNECTIONS = 10

/**
 * How many signed Slack events a second the desk acknowledges, and turns into tickets, beside two floors on the
 * same machine and minute: the same rows by bare SQL, and a route that only checks the signature. PostgreSQL
 * runs with fsync on, and desk, database, Slack and this client share the machine's cores. 3 % of the events
 * are delivered twice. The last line is the one at concurrency 64. `--tickets N` (4000), `--baselines 1` only
 * the two floors.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const tickets = option(args, 'tickets', 4_000)
  const database = await startPostgres({ durable: true })
  try {
    const runs: number[] = []
    for (const _ of [1, 2, 3])
      runs.push(await bareSqlPerSecond(database.adminUrl, Math.ceil(tickets / 2), CONNECTIONS))
    const sql = percentile(
      runs.toSorted((a, b) => a - b),
      0.5,
    )
    say(`bare SQL, ${CONNECTIONS} connections: ${runs.map((rate) => round(rate)).join(', ')} tickets/s`)
    const http = new Map<number, number>()
    for (const concurrency of [1, 16, 64]) {
      http.set(concurrency, await verifyOnly(Math.max(tickets, 4_000), concurrency))
    }
    if (args.includes('--baselines')) {
      return { sql_per_s: round(sql), http_per_s: round(http.get(64) ?? 0) }
    }
    let last: Record<string, unknown> = {}
    for (const concurrency of [1, 16, 64]) {
      const events = concurrency === 1 ? Math.ceil(tickets / 4) : tickets
      const url = await emptyDatabase(database.adminUrl, `intake_${concurrency}`)
      const measured = await intake(url, events, concurrency)
      const floor = http.get(concurrency) ?? Number.NaN
      last = {
        concurrency,
        acked_per_s: round(measured.ackedPerSecond),
        tickets_per_s: round(measured.ticketsPerSecond),
        sql_per_s: round(sql),
        http_per_s: round(floor),
        ratio_sql: round(measured.ticketsPerSecond / sql, 3),
        ratio_http: round(measured.ackedPerSecond / floor, 3),
        ack_ms: spread(measured.latenciesMs),
        lost: measured.lost,
        doubled: measured.doubled,
      }
      say(JSON.stringify(last))
    }
    return last
  } finally {
    await database.stop()
  }
}

async function verifyOnly(count: number, concurrency: number): Promise<number> {
  const port = await freePort()
  const server = await startChild('bench/support/verify-only.ts', port)
  try {
    const url = `${server.origin}/slack/events`
    await fire(url, volley('WARM', 1_000, Date.now()), concurrency)
    const { seconds, latenciesMs, statuses } = await fire(url, volley('HTTP', count, Date.now()), concurrency)
    if (statuses.size !== 1 || !statuses.has(200)) throw new Error(`signature only: ${tally(statuses)}`)
    const perSecond = latenciesMs.length / seconds
    say(
      `signature only, ${concurrency} at once: ${round(perSecond)}/s, ms ${JSON.stringify(spread(latenciesMs))}`,
    )
    return perSecond
  } finally {
    await server.stop()
  }
}

async function intake(url: string, count: number, concurrency: number) {
  const slack = await startChild('bench/support/loopback-slack.ts', await freePort())
  const desk = await startDesk(slack.origin, { DATABASE_URL: url })
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const warm = 300
    await fire(desk.eventsUrl, volley('WARM', warm, Date.now()), concurrency)
    await ticketsReach(sql, warm, 30_000)
    const before = await countTickets(sql)
    const shots = volley('LOAD', count, Date.now())
    const start = performance.now()
    const shooting = fire(desk.eventsUrl, shots, concurrency)
    const { seconds, latenciesMs, statuses } = await shooting
    await ticketsReach(sql, before.tickets + count, 60_000)
    const ticketSeconds = (performance.now() - start) / 1_000
    say(`${concurrency} at once: ${tally(statuses)}`)
    const acked = statuses.get(200) ?? 0
    await sleep(1_000) // whatever would still double a ticket has happened by now
    const after = await countTickets(sql)
    return {
      ackedPerSecond: acked / seconds,
      ticketsPerSecond: Math.min(count, after.tickets - before.tickets) / ticketSeconds,
      latenciesMs,
      lost: count - (after.requesters - before.requesters),
      doubled: after.tickets - before.tickets - (after.requesters - before.requesters),
    }
  } finally {
    await sql.end({ timeout: 5 })
    await desk.stop()
    await slack.stop()
  }
}

/**
 * Events of `count` people, each with one request of his own, and behind every 33rd a second delivery of it,
 * some 20 events later: 3 %.
 */
function volley(run: string, count: number, at: number): Shot[] {
  const again: { due: number; shot: Shot }[] = []
  const shots: Shot[] = []
  for (let n = 0; n < count; n += 1) {
    const shot = messageEvent(run, n, at)
    shots.push(shot)
    if (n % 33 === 0) again.push({ due: n + 20, shot: retried(shot) })
    while (again[0] && again[0].due <= n) shots.push(...again.splice(0, 1).map((late) => late.shot))
  }
  return [...shots, ...again.map((late) => late.shot)]
}

async function countTickets(sql: postgres.Sql): Promise<{ tickets: number; requesters: number }> {
  const [row] = await sql<{ tickets: number; requesters: number }[]>`
    select count(*)::int as tickets, count(distinct requester_id)::int as requesters from tickets`
  return row ?? { tickets: 0, requesters: 0 }
}

/** Waits until so many tickets are there; gives up silently, because the count afterwards tells what is missing. */
async function ticketsReach(sql: postgres.Sql, wanted: number, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (performance.now() < deadline) {
    if ((await countTickets(sql)).tickets >= wanted) return
    await sleep(20)
  }
}

async function emptyDatabase(adminUrl: string, name: string): Promise<string> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} })
  await sql`create database ${sql(name)}`
  await sql.end()
  return databaseUrl(adminUrl, name)
}
