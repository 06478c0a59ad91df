import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { ready } from './load.ts'

const root = path.join(import.meta.dirname, '..', '..')

export interface Child {
  readonly origin: string
  readonly pid: number
  /** SIGTERM, then SIGKILL after ten seconds; resolves when the process is gone. */
  stop(): Promise<void>
}

/**
 * Starts `file` (from the repository's root, TypeScript included) as a process of its own that serves HTTP on
 * `port`, and waits until `health` answers. Its stderr is handed on only when it dies before that.
 */
export async function startChild(
  file: string,
  port: number,
  options: { env?: Record<string, string>; health?: string; withinMs?: number; waitReady?: boolean } = {},
): Promise<Child> {
  const target = path.join(root, file)
  if (!existsSync(target)) throw new Error(`${file} is missing: run npm run build first`)
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : ['--enable-source-maps']
  const child = spawn(process.execPath, [...loader, target], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', PORT: String(port), HOST: '127.0.0.1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4_000)
    })
  }
  const dead = new Promise<never>((_resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`${file} ended with ${code ?? signal}:\n${output}`)),
    )
  })
  dead.catch(() => {}) // after the start its end is somebody's decision: stop() below waits for it
  const origin = `http://127.0.0.1:${port}`
  const killer = () => child.kill('SIGKILL')
  process.once('exit', killer)
  const stop = async () => {
    await ended(child)
    process.off('exit', killer)
  }
  try {
    const wait = options.waitReady ?? true
    if (wait)
      await Promise.race([ready(`${origin}${options.health ?? '/'}`, options.withinMs ?? 20_000), dead])
  } catch (error) {
    await stop()
    throw error
  }
  return { origin, pid: child.pid ?? 0, stop }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const impatient = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(impatient)
}
