import { afterEach, describe, expect, it } from 'vitest'
import { httpServer } from '../../src/adapters/http.ts'
import { metricsOf, registerOperations } from '../../src/adapters/operations.ts'

const quiet = { info() {}, warn() {}, error() {}, debug() {} }
const NOW = new Date('2026-03-02T09:00:00Z')
const clock = { now: () => NOW, real: () => NOW }
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function server(options: {
  ping?: () => Promise<unknown>
  looked?: Date | null
  depth?: () => Promise<never>
}) {
  const app = httpServer(quiet)
  const metrics = metricsOf({
    depth:
      options.depth ?? (async () => ({ ready: 2, dead: 1, oldestReadyAt: new Date(NOW.getTime() - 90_000) })),
    clock,
    log: quiet,
    version: '1.2.3',
  })
  registerOperations(app, {
    ping: options.ping ?? (async () => 1),
    lastLook: () => (options.looked === undefined ? NOW : options.looked),
    metrics,
    clock,
    version: '1.2.3',
  })
  closing.push(() => app.close())
  return { app, metrics }
}

describe('/readyz', () => {
  it.each([
    ['database and worker are well', {}, 200, { database: 'ok', worker: 'ok' }],
    [
      'the database refuses',
      { ping: () => Promise.reject(new Error('gone')) },
      503,
      { database: 'no answer', worker: 'ok' },
    ],
    ['the worker never looked', { looked: null }, 503, { database: 'ok', worker: 'not looking' }],
    [
      'the worker is stuck',
      { looked: new Date(NOW.getTime() - 16_000) },
      503,
      { database: 'ok', worker: 'not looking' },
    ],
  ])('%s', async (_case, options, status, body) => {
    const answer = await server(options).app.inject('/readyz')
    expect(answer.statusCode).toBe(status)
    expect(answer.json()).toMatchObject(body)
  })

  it('gives up on a database that hangs after two seconds, and asks it once for many probes', async () => {
    let asked = 0
    const { app } = server({
      ping: () => {
        asked++
        return new Promise(() => {})
      },
    })
    const [first] = await Promise.all([app.inject('/readyz'), app.inject('/readyz'), app.inject('/readyz')])
    expect(first.statusCode).toBe(503)
    expect(asked).toBe(1)
    expect((await app.inject('/healthz')).statusCode).toBe(200)
  })
})

describe('/metrics', () => {
  it('counts by route and status, never by address, and measures the outbox', async () => {
    const { app, metrics } = server({})
    app.get('/tickets/:number', () => 'x')
    await app.inject('/tickets/4711')
    await app.inject('/nowhere/4712')
    metrics.accepted('slack', 'message')
    metrics.delivered('slack', 'done')
    const page = (await app.inject('/metrics')).body
    expect(page).toContain('gongdan_http_requests_total{route="/tickets/:number",status="200"} 1')
    expect(page).toContain('gongdan_http_requests_total{route="none",status="404"} 1')
    expect(page).not.toMatch(/471[12]/u)
    expect(page).toContain('gongdan_events_accepted_total{platform="slack",type="message"} 1')
    expect(page).toContain('gongdan_deliveries_total{platform="slack",outcome="done"} 1')
    expect(page).toContain('gongdan_outbox_ready 2')
    expect(page).toContain('gongdan_outbox_oldest_seconds 90')
    expect(page).toContain('gongdan_info{version="1.2.3"} 1')
  })

  it('says what it can while the database is away', async () => {
    const { app } = server({ depth: () => Promise.reject(new Error('away')) })
    const page = (await app.inject('/metrics')).body
    expect(page).toContain('gongdan_outbox_ready Nan')
    expect(page).toContain('process_cpu_seconds_total')
  })
})
