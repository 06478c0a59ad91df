import { existsSync, readFileSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Config } from '../config.ts'
import { readConfig } from '../config.ts'
import type { Finding } from '../core/adapter.ts'
import type { Platform } from '../core/event.ts'
import type { Policy } from '../core/policy.ts'
import type { Clock } from '../core/ports.ts'
import type { Connection, Database } from '../db/client.ts'
import { connectServer, openFolder } from '../db/client.ts'
import { keyRing } from '../db/keys.ts'
import { FolderInUseError } from '../db/lock.ts'
import { outboxStore } from '../db/outbox.ts'
import { sampleKeys } from '../db/reseal.ts'
import type { Key } from '../db/seal.ts'
import { sealerOf } from '../db/seal.ts'
import { workspaceStore } from '../db/workspace.ts'
import { pinoLog } from '../log.ts'
import { HOME_WORKSPACE, machine, platformsOf } from '../main.ts'
import { addressOf } from './office.ts'
import type { Exit, Print } from './print.ts'
import { EXIT } from './print.ts'

const SIGNS = { ok: '✓', warning: '!', error: '✗' } as const
/** How long one platform may take to be examined. */
const EXAMINE_MS = 20_000
/** Boxes of each sealed column that are tried. */
const SAMPLE = 20

const ok = (sentence: string): Finding => ({ level: 'ok', sentence })
const warning = (sentence: string): Finding => ({ level: 'warning', sentence })
const bad = (sentence: string): Finding => ({ level: 'error', sentence })

/**
 * Examines the set-up from the settings to the channels and says in a line each what is well, what is worth a look and
 * what is wrong, with the remedy. Changes nothing: it neither migrates nor makes keys. Refused if anything is wrong.
 */
export async function doctor(print: Print): Promise<Exit> {
  let sick = false
  const say = ({ level, sentence }: Finding) => {
    sick ||= level === 'error'
    print.line(`${SIGNS[level]} ${sentence}`)
  }
  const read = readConfig(process.env)
  if (!read.ok) {
    for (const problem of read.problems) say(bad(problem))
    return EXIT.refused
  }
  const { config } = read
  say(ok('The settings are sound.'))
  if (config.WEB_CHAT && !['127.0.0.1', 'localhost', '::1'].includes(config.HOST)) {
    say(
      warning(`The web chat with its demo people is open to whoever reaches ${config.HOST}: set WEB_CHAT=0.`),
    )
  }
  const keys = keysOf(config, say)
  const policy = await examineData(config, keys, say)
  await examinePlatforms(config, policy, say)
  return sick ? EXIT.refused : EXIT.ok
}

type Say = (finding: Finding) => void

/** The key ring, without making one. */
function keysOf(config: Config, say: Say): readonly Key[] | null {
  if (config.GONGDAN_KEYS === undefined && !existsSync(`${config.DATA_DIR}/keys`)) {
    say(ok(`There are no keys yet; the first start makes one in ${config.DATA_DIR}/keys.`))
    return null
  }
  try {
    const keys = keyRing(config.GONGDAN_KEYS ?? null, config.DATA_DIR)
    if (keys.length === 0) throw new RangeError('the ring is empty')
    say(
      ok(
        `The key ring has ${keys.length === 1 ? 'one key' : `${keys.length} keys`}; ${keys[0]!.id} is current.`,
      ),
    )
    return keys
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    say(bad(`The key ring cannot be read: ${error.message}.`))
    return null
  }
}

/** The database and what is in it. Returns the policy in force, for the platforms' channels. */
async function examineData(config: Config, keys: readonly Key[] | null, say: Say): Promise<Policy | null> {
  const connection = await open(config, say)
  if (connection === null) return null
  try {
    const { database } = connection
    await examineServer(database, connection.kind, say)
    if (!(await examineMigrations(database, say))) return null
    if (keys !== null) await examineKeys(database, keys, say)
    const depth = await outboxStore(database).depth()
    if (depth.dead > 0) say(warning(`${depth.dead} deliveries were given up: gongdan outbox list says why.`))
    return await policyOf(database, say)
  } catch (error) {
    say(bad(`The database does not answer: ${reason(error)}.`))
    return null
  } finally {
    await connection.close()
  }
}

async function open(config: Config, say: Say): Promise<Connection | null> {
  if (config.DATABASE_URL !== undefined) return connectServer(config.DATABASE_URL, 1)
  if (!existsSync(`${config.DATA_DIR}/database`)) {
    say(ok(`The embedded database will be made in ${config.DATA_DIR} at the first start.`))
    return null
  }
  try {
    return await openFolder(config.DATA_DIR)
  } catch (error) {
    if (error instanceof FolderInUseError) {
      say(
        ok(
          `A running desk (process ${error.pid}) has the embedded database; its data is not examined beside it.`,
        ),
      )
      say(await probe(addressOf(config)))
      return null
    }
    say(bad(`The embedded database in ${config.DATA_DIR} cannot be opened: ${reason(error)}.`))
    return null
  }
}

/** What the running desk says of itself. */
async function probe(address: string): Promise<Finding> {
  try {
    const response = await fetch(`${address}/readyz`, { signal: AbortSignal.timeout(5_000) })
    if (response.ok) return ok(`It is ready at ${address}.`)
    return bad(`It is not ready at ${address} (${response.status}).`)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return warning(`It does not answer at ${address}; perhaps it was started with another HOST or PORT.`)
  }
}

async function examineServer(database: Database, kind: Connection['kind'], say: Say): Promise<void> {
  const rows = await database.execute<{ version: string; ctype: string; encoding: string }>(
    sql`select current_setting('server_version_num') as version, datctype as ctype, pg_encoding_to_char(encoding) as encoding
        from pg_database where datname = current_database()`,
  )
  const { version, ctype, encoding } = rows[0]!
  const major = Math.floor(Number(version) / 10_000)
  say(ok(kind === 'embedded' ? 'The embedded database opens.' : `PostgreSQL ${major} answers.`))
  if (major < 15) say(bad(`PostgreSQL ${major} is too old: the desk needs 15 or newer.`))
  if (encoding !== 'UTF8') say(bad(`The database is in ${encoding}: make one with encoding UTF8.`))
  if (['C', 'POSIX'].includes(ctype)) {
    say(
      warning(
        `The database has the locale ${ctype}, which knows no letters but English ones: make one with C.UTF-8.`,
      ),
    )
  }
}

const journal = z.object({ entries: z.array(z.object({ when: z.number() })) })

/** True: the tables are those of this version. */
async function examineMigrations(database: Database, say: Say): Promise<boolean> {
  const file = new URL('../../src/db/migrations/meta/_journal.json', import.meta.url)
  const known = journal.parse(JSON.parse(readFileSync(file, 'utf8'))).entries.length
  const table = await database.execute<{ found: string | null }>(
    sql`select to_regclass('drizzle.__drizzle_migrations')::text as found`,
  )
  const done =
    table[0]?.found == null
      ? 0
      : Number(
          (
            await database.execute<{ count: string }>(
              sql`select count(*) as count from drizzle.__drizzle_migrations`,
            )
          )[0]?.count,
        )
  if (done === known) say(ok(`The tables are those of this version (${known} of ${known} migrations).`))
  else if (done < known)
    say(warning(`${known - done} of ${known} migrations are to be done; the desk does them when it starts.`))
  else say(bad('The tables are of a newer version of gongdan: start that one.'))
  return done === known
}

async function examineKeys(database: Database, keys: readonly Key[], say: Say): Promise<void> {
  const uses = await sampleKeys(database, sealerOf(keys), SAMPLE)
  const shut = uses.filter((use) => !use.opens)
  if (shut.length > 0) {
    const ids = shut.map((use) => use.keyId).join(', ')
    say(
      bad(
        `The keys do not open what was sealed with ${ids}: add that key to the ring, behind the current one.`,
      ),
    )
    return
  }
  say(ok(uses.length === 0 ? 'Nothing is sealed yet.' : 'The keys open the data.'))
  if (uses.some((use) => use.keyId !== keys[0]!.id)) {
    say(warning('Some of it is sealed with an older key: gongdan keys reseal.'))
  }
}

async function policyOf(database: Database, say: Say): Promise<Policy | null> {
  const workspaces = workspaceStore(database, machine.ids)
  const workspace = await workspaces.find(HOME_WORKSPACE)
  const applied = workspace === null ? null : await workspaces.policy(workspace)
  say(
    applied === null
      ? ok('There is no policy yet; the first start applies the demo’s.')
      : ok(`Version ${applied.version} of the policy is in force.`),
  )
  return applied?.document ?? null
}

async function examinePlatforms(config: Config, policy: Policy | null, say: Say): Promise<void> {
  const clock: Clock = { real: machine.real, now: machine.real }
  const doors = await platformsOf(config, clock, pinoLog('silent'))
  if (doors.length === 0) {
    say(
      config.WEB_CHAT
        ? ok('The web chat is on, and no other platform.')
        : bad('No platform is on: set SLACK_BOT_TOKEN, or WEB_CHAT=1.'),
    )
  }
  for (const { adapter } of doors) {
    const channels = policy === null ? [] : channelsOn(policy, adapter.platform)
    for (const { level, sentence } of await adapter.examine(channels, AbortSignal.timeout(EXAMINE_MS))) {
      say({ level, sentence: `${adapter.platform}: ${sentence}` })
    }
    if (policy !== null && !policy.queues.some((queue) => queue.channels[adapter.platform] !== undefined)) {
      say(
        warning(
          `${adapter.platform}: no queue has a channel there, so agents see nothing on it: add it to the policy.`,
        ),
      )
    }
  }
}

/** Every channel that the policy names on a platform. */
function channelsOn(policy: Policy, platform: Platform): readonly string[] {
  const named = [
    ...policy.queues.map((queue) => queue.channels[platform]),
    policy.managers[platform],
    ...(policy.intake.channels[platform] ?? []),
  ]
  return [...new Set(named.filter((channel) => channel !== undefined))]
}

/** Codes where there are some: a driver's message may quote the address with its password. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'an unknown fault'
  const cause = error.cause instanceof Error ? error.cause : error
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
}
