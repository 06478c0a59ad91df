import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Platform } from '../core/event.ts'
import type { Clock, Log } from '../core/ports.ts'

/** How long the database may take to answer a probe. */
const PING_MS = 2_000
/** How long ago the worker may have looked for work: it is poked every second. */
const LOOK_MS = 15_000

export interface OperationsOptions {
  /** One small question to the database; rejects when it does not answer. */
  ping(): Promise<unknown>
  /** When the worker last looked for work, by the real clock. */
  lastLook(): Date | null
  readonly metrics: Metrics
  /** Its `real()` only. */
  readonly clock: Clock
  readonly version: string
}

/** What is counted, by whoever sees it happen. Labels are platforms, types and outcomes: never ids, never words. */
export interface Metrics {
  request(route: string, status: number): void
  /** An inbound event was made durable. */
  accepted(platform: Platform, type: string): void
  /** An attempt at a delivery ended: `done`, `wait` or the kind of its fault. */
  delivered(platform: Platform, outcome: string): void
  /** The page that Prometheus reads. */
  page(): Promise<{ type: string; text: string }>
}

/** Counters of one desk, with those of the process. `depth` is asked for at each scrape. */
export function metricsOf(options: {
  depth(): Promise<{ ready: number; dead: number; oldestReadyAt: Date | null }>
  clock: Clock
  log: Log
  version: string
}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  // The event loop's lag, memory, garbage collection: https://github.com/siimon/prom-client#default-metrics
  collectDefaultMetrics({ register: registry })
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Counter({ name, help, labelNames, registers })
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })

  const requests = counter('gongdan_http_requests_total', 'Requests by route and status.', [
    'route',
    'status',
  ])
  const accepted = counter('gongdan_events_accepted_total', 'Events made durable.', ['platform', 'type'])
  const delivered = counter('gongdan_deliveries_total', 'Attempts at deliveries.', ['platform', 'outcome'])
  const ready = gauge('gongdan_outbox_ready', 'Deliveries that wait.')
  const dead = gauge('gongdan_outbox_dead', 'Deliveries that were given up; see `gongdan outbox list`.')
  const oldest = gauge('gongdan_outbox_oldest_seconds', 'Age of the oldest delivery that waits.')
  const info = new Gauge({
    name: 'gongdan_info',
    help: 'The version that runs.',
    labelNames: ['version'],
    registers,
  })
  info.set({ version: options.version }, 1)

  async function measure(): Promise<void> {
    try {
      const depth = await within(PING_MS, options.depth())
      ready.set(depth.ready)
      dead.set(depth.dead)
      const since = depth.oldestReadyAt?.getTime() ?? null
      oldest.set(since === null ? 0 : Math.max(0, (options.clock.real().getTime() - since) / 1000))
    } catch (error) {
      // The other figures are wanted all the more while the database is away.
      for (const one of [ready, dead, oldest]) one.set(Number.NaN)
      options.log.warn(
        { code: error instanceof Error ? error.name : 'unknown' },
        'the outbox could not be measured',
      )
    }
  }

  return {
    request: (route, status) => requests.inc({ route, status }),
    accepted: (platform, type) => accepted.inc({ platform, type }),
    delivered: (platform, outcome) => delivered.inc({ platform, outcome }),
    async page() {
      await measure()
      return { type: registry.contentType, text: await registry.metrics() }
    },
  }
}

/**
 * `/healthz` answers as long as the process lives; `/readyz` only if the database answers and the worker looks for
 * work; `/metrics` is for Prometheus. To be called before any other route, so that each one's answers are counted.
 */
export function registerOperations(app: FastifyInstance, options: OperationsOptions): void {
  const { metrics, clock, version } = options
  let pinging: Promise<unknown> | null = null

  /** One question at a time: probes that come while the database hangs must not pile up on it. */
  async function databaseAnswers(): Promise<boolean> {
    pinging ??= options.ping().finally(() => {
      pinging = null
    })
    return within(PING_MS, pinging).then(
      () => true,
      () => false,
    )
  }

  app.addHook('onResponse', async (request, reply) => {
    metrics.request(request.routeOptions.url ?? 'none', reply.statusCode)
  })

  app.get('/healthz', () => ({ status: 'ok', version }))

  app.get('/readyz', async (_request, reply) => {
    const looked = options.lastLook()
    const database = (await databaseAnswers()) ? 'ok' : 'no answer'
    const worker =
      looked !== null && clock.real().getTime() - looked.getTime() <= LOOK_MS ? 'ok' : 'not looking'
    const ready = database === 'ok' && worker === 'ok'
    reply.code(ready ? 200 : 503)
    return { status: ready ? 'ready' : 'not ready', database, worker }
  })

  app.get('/metrics', async (_request, reply) => {
    const { type, text } = await metrics.page()
    return reply.type(type).send(text)
  })
}

/** Rejects with a TimeoutError when the work takes longer than `milliseconds`; the work itself goes on. */
function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.timeout(milliseconds)
    limit.addEventListener('abort', () => reject(limit.reason), { once: true })
    work.then(resolve, reject)
  })
}
