import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { sql } from 'drizzle-orm'
import { schedule } from 'node-cron'
import { uuidv7 } from 'uuidv7'
import { parse as parseYaml } from 'yaml'
import { authenticatorOf } from './adapters/api/access.ts'
import { registerApi } from './adapters/api/index.ts'
import { httpServer, openDoor, outcomeOf } from './adapters/http.ts'
import { metricsOf, registerOperations } from './adapters/operations.ts'
import type { Config } from './config.ts'
import { readConfig } from './config.ts'
import type { Adapter } from './core/adapter.ts'
import { consult } from './core/consult.ts'
import type { Delivering } from './core/deliver.ts'
import type { Platform } from './core/event.ts'
import type { Handling } from './core/handle.ts'
import { codeOf, ingestWith } from './core/ingest.ts'
import type { Policy } from './core/policy.ts'
import { queueOf, readPolicy } from './core/policy.ts'
import type { Clock, Ids, Log } from './core/ports.ts'
import { serveCommand, serveOpen } from './core/serve.ts'
import { nextBusinessDay } from './core/sla/calendar.ts'
import type { OutboxStore } from './core/store.ts'
import { workerWith } from './core/worker.ts'
import { administrationOf } from './db/administration.ts'
import type { Connection } from './db/client.ts'
import { connectServer, migrate, openFolder } from './db/client.ts'
import { deskStore } from './db/desk-store.ts'
import { fileStore } from './db/files.ts'
import { inboxStore } from './db/inbox.ts'
import { keyRing } from './db/keys.ts'
import { outboxStore } from './db/outbox.ts'
import { readStore } from './db/read.ts'
import { roomStore } from './db/room.ts'
import { deriveSecret, sealerOf } from './db/seal.ts'
import { sealedText } from './db/sealed.ts'
import { refreshStatistics } from './db/statistics.ts'
import { timerStore } from './db/timers.ts'
import type { WorkspaceStore } from './db/workspace.ts'
import { workspaceStore } from './db/workspace.ts'
import { pinoLog } from './log.ts'
import { reasonOf } from './reason.ts'
import { VERSION } from './version.ts'

/** The composition root: the only place that knows the time, makes ids, and sees core, adapters and database at once. */

export interface Desk {
  /** Where the server listens. */
  readonly url: string
  readonly workspace: string
  /** Lets everything that was begun come to its end, then lets go of it all. */
  stop(): Promise<void>
}

export const DEMO_POLICY = fileURLToPath(new URL('../src/demo-policy.yaml', import.meta.url))
const PAGE = fileURLToPath(new URL('../dist/adapters/web/page', import.meta.url))
/** The key of the workspace that a desk with settings in the environment serves. */
export const HOME_WORKSPACE = 'home'

/** Time, ids and secrets of this machine, for the desk and for the command line, which have no others. */
export const machine = {
  real: () => new Date(),
  ids: { next: () => uuidv7() } satisfies Ids,
  /** What nobody can guess, for a token. */
  secret: () => randomBytes(24).toString('base64url'),
}

/** The install that the desk writes through on a platform whose credentials stand in the settings. */
export function installOf(platform: Platform): string {
  return platform === 'web' ? 'web' : 'default'
}

/** Starts the desk and resolves when it listens. Throws what keeps it from starting. */
export async function startDesk(config: Config, log: Log): Promise<Desk> {
  await mkdir(config.DATA_DIR, { recursive: true, mode: 0o700 })
  const connection = await connect(config)
  try {
    return await startOn(connection, config, log)
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** Opens the database that the settings name, migrated. */
export async function connect(config: Config): Promise<Connection> {
  const url = config.DATABASE_URL ?? null
  const connection = url === null ? await openFolder(config.DATA_DIR) : connectServer(url)
  try {
    await migrate(connection, url)
    return connection
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function startOn(connection: Connection, config: Config, log: Log): Promise<Desk> {
  const { database } = connection
  const { real, ids } = machine
  const owner = `${hostname()}:${process.pid}:${ids.next().slice(-6)}`
  const workspaces = workspaceStore(database, ids)
  const workspace = await workspaces.ensure(HOME_WORKSPACE, real())
  const offset = { milliseconds: await workspaces.clockOffset(workspace) }
  const clock: Clock = { real, now: () => new Date(Date.now() + offset.milliseconds) }

  const keys = keyRing(config.GONGDAN_KEYS ?? null, config.DATA_DIR)
  const sealer = sealerOf(keys)
  const seal = sealedText(sealer)
  await ensurePolicy(workspaces, workspace, clock)

  const read = readStore(database, seal, clock)
  const files = fileStore(database, sealer)
  const outbox = counted(outboxStore(database), (platform, outcome) => metrics.delivered(platform, outcome))
  const timers = timerStore(database)
  const inbox = inboxStore(connection.front, seal, ids)
  const room = roomStore(database, seal)
  const adapters = new Map<Platform, Adapter>()
  const live = new Map<Platform, string>()
  const handling: Handling = { store: deskStore(database, seal, clock), clock, ids, live }

  const ingest = ingestWith({ inbox, handling, clock, log, owner, handled: () => worker.send() })
  const delivering: Delivering = {
    adapters,
    outbox,
    read,
    files,
    clock,
    log,
    chance: () => Math.random(),
    emit: (of, events) => ingest.accept(of, events),
  }
  const worker = workerWith({ delivering, ingest, outbox, timers, clock, log, owner })
  const app = httpServer(log)
  const metrics = metricsOf({ depth: () => outbox.depth(), clock, log, version: VERSION })
  registerOperations(app, {
    ping: () => database.execute(sql`select 1`),
    lastLook: () => worker.lastLook(),
    metrics,
    clock,
    version: VERSION,
  })
  /** What was answered is committed; what it announces is delivered at once. */
  const served = async <T>(result: Promise<T>): Promise<T> => {
    const done = await result
    worker.poke()
    return done
  }
  await registerApi(app, {
    read,
    open: (of, request, key) => served(serveOpen(handling, of, request, key)),
    command: (of, number, actor, command, key) =>
      served(serveCommand(handling, of, number, actor, command, key)),
    authenticate: authenticatorOf({
      adminToken: config.ADMIN_TOKEN ?? null,
      home: workspace,
      tokenOwner: (token) => workspaces.tokenOwner(token),
    }),
    administration: (of) =>
      administrationOf(of, {
        workspaces,
        outbox,
        clock,
        installOf,
        secret: machine.secret,
        revived: () => worker.send(),
      }),
    ids,
    log,
    version: VERSION,
  })

  const timeMachine = {
    async advance(step: { kind: 'by'; milliseconds: number } | { kind: 'next-business-day' }): Promise<Date> {
      const by =
        step.kind === 'by'
          ? step.milliseconds
          : toNextBusinessDay((await read.policy(workspace)).document, clock.now())
      offset.milliseconds += by
      await workspaces.setClockOffset(workspace, offset.milliseconds)
      worker.poke()
      return clock.now()
    },
  }

  if (config.WEB_CHAT) {
    const { webAdapter } = await import('./adapters/web/index.ts')
    const { registerWeb } = await import('./adapters/web/server.ts')
    const { directoryOf } = await import('./adapters/web/people.ts')
    const options = {
      room,
      files,
      directory: async () => directoryOf((await read.policy(workspace)).document),
      workspace,
      install: 'web',
      sessionKey: deriveSecret(keys, 'web session'),
      clock,
      ids,
      log,
    }
    const adapter = webAdapter(options)
    adapters.set('web', adapter)
    live.set('web', 'web')
    const web = await registerWeb(app, {
      ...options,
      page: PAGE,
      hosts: [config.HOST],
      demo: true,
      timeMachine,
    })
    const reception = receptionOf(async () => workspace)
    openDoor(
      app,
      '/web/events',
      ['POST'],
      adapter,
      { ...reception, accept: (events) => reception.accept(events).then(() => web.wake()) },
      clock,
      log,
    )
  } else {
    log.info({ platform: 'web' }, 'the web chat is off: set WEB_CHAT=1 to have it')
  }

  for (const { adapter, path, methods } of await platformsOf(config, clock, log)) {
    adapters.set(adapter.platform, adapter)
    live.set(adapter.platform, installOf(adapter.platform))
    openDoor(app, path, methods, adapter, receptionOf(workspaceByInstall()), clock, log)
  }

  /** The workspace of what comes in, remembered: an install never moves while the desk runs. */
  function workspaceByInstall(): (platform: Platform, install: string) => Promise<string> {
    const known = new Map<string, string>()
    return async (platform, install) => {
      const found = known.get(install)
      if (found !== undefined) return found
      const fresh = await workspaces.workspaceOf(platform, install, workspace, clock.real())
      known.set(install, fresh)
      return fresh
    }
  }

  function receptionOf(workspaceOf: (platform: Platform, install: string) => Promise<string>) {
    return {
      consult: async (event: Parameters<typeof consult>[1]) =>
        consult(await workspaceOf(event.place.platform, event.place.install), event, read, clock),
      accept: async (events: Parameters<typeof ingest.accept>[1]) => {
        for (const event of events) {
          await ingest.accept(await workspaceOf(event.place.platform, event.place.install), [event])
          metrics.accepted(event.place.platform, event.type)
        }
      },
    }
  }

  const gateways: (() => Promise<void>)[] = []
  for (const adapter of adapters.values()) {
    if (adapter.listen === undefined) continue
    const reception = receptionOf(workspaceByInstall())
    gateways.push(await adapter.listen((events) => outcomeOf(events, reception)))
  }

  if (connection.kind === 'embedded') await inbox.releaseAll()
  const heartbeat = schedule('* * * * * *', async () => {
    // Another process may have moved the demo's clock.
    // It only ever moves forward, so an answer that is older than our own move changes nothing.
    const stored = await workspaces.clockOffset(workspace).catch(() => 0)
    offset.milliseconds = Math.max(offset.milliseconds, stored)
    worker.poke()
    if (connection.kind === 'server') {
      // Without it everything is slower, nothing is wrong.
      await refreshStatistics(database).catch((error) =>
        log.warn({ code: codeOf(error) }, 'no new statistics'),
      )
    }
  })
  worker.poke()
  const url = await app.listen({ host: config.HOST, port: config.PORT })
  log.info({ url, database: connection.kind }, 'the desk is open')

  return {
    url,
    workspace,
    async stop() {
      await heartbeat.stop()
      for (const stop of gateways) await stop()
      await app.close()
      await ingest.settled()
      await worker.stop()
      // What the last deliveries brought back (a profile, a file) is handled too.
      await ingest.settled()
      await inbox.release(owner)
      await connection.close()
    },
  }
}

/** A platform that the settings turn on, and its door. */
export interface PlatformDoor {
  readonly adapter: Adapter
  readonly path: string
  readonly methods: ('GET' | 'POST')[]
}

/** The platforms that the settings turn on, each with its SDK loaded only then. Says in a line each which are off. */
export async function platformsOf(config: Config, clock: Clock, log: Log): Promise<readonly PlatformDoor[]> {
  const doors: PlatformDoor[] = []
  if (config.SLACK_BOT_TOKEN === undefined) {
    log.info({ platform: 'slack' }, 'Slack is off: set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET to have it')
  } else {
    const { slackAdapter } = await import('./adapters/slack/index.ts')
    const adapter = slackAdapter({
      signingSecret: config.SLACK_SIGNING_SECRET ?? null,
      botToken: config.SLACK_BOT_TOKEN,
      appToken: config.SLACK_APP_TOKEN ?? null,
      apiUrl: config.SLACK_API_URL,
      clock,
      log,
    })
    doors.push({ adapter, path: '/slack/events', methods: ['POST'] })
    log.info({ platform: 'slack' }, 'Slack is on')
  }
  return doors
}

/** The outbox, with each attempt's end told to `tell`: `done`, or the kind of its fault. */
function counted(outbox: OutboxStore, tell: (platform: Platform, outcome: string) => void): OutboxStore {
  const platformOf = (lane: string) => lane.slice(0, lane.indexOf(':')) as Platform
  return {
    ...outbox,
    async delivered(errand, ...rest) {
      await outbox.delivered(errand, ...rest)
      tell(platformOf(errand.lane), 'done')
    },
    async failed(errand, failure, now) {
      await outbox.failed(errand, failure, now)
      tell(platformOf(errand.lane), failure.code.slice(0, failure.code.indexOf(':')))
    },
  }
}

/** A workspace without a policy gets the demo's. */
export async function ensurePolicy(
  workspaces: WorkspaceStore,
  workspace: string,
  clock: Clock,
): Promise<void> {
  if ((await workspaces.policy(workspace)) !== null) return
  const read = readPolicy(parseYaml(readFileSync(DEMO_POLICY, 'utf8')))
  if (!read.ok) throw new Error(`the demo policy is wrong: ${read.flaws[0]?.sentence}`)
  await workspaces.apply(workspace, read.policy, 'demo', installOf, clock.now())
}

/** Milliseconds until the next day of business begins in the calendar of the default queue. */
function toNextBusinessDay(policy: Policy, now: Date): number {
  const calendar = policy.calendars[queueOf(policy, policy.default_queue).calendar]
  const opening = calendar === undefined ? null : nextBusinessDay(calendar, now)
  return opening === null ? 86_400_000 : opening.getTime() - now.getTime()
}

async function main(): Promise<void> {
  const read = readConfig(process.env)
  if (!read.ok) {
    process.stderr.write(
      `gongdan cannot start, the settings are wrong:\n${read.problems.map((one) => `  ${one}`).join('\n')}\n`,
    )
    process.exitCode = 2
    return
  }
  const log = pinoLog(read.config.LOG_LEVEL)
  try {
    const desk = await startDesk(read.config, log)
    const stop = () => {
      log.info({}, 'the desk is closing')
      desk.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    }
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
  } catch (error) {
    process.stderr.write(`gongdan cannot start: ${reasonOf(error)}\n`)
    process.exitCode = 1
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main()
