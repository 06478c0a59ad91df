import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor } from './wait.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MAIN = path.join(ROOT, 'dist', 'main.js')

/** A desk as an administrator runs it: a process of its own, which can be killed. */
export interface DeskProcess {
  /** Where it listens. */
  readonly url: string
  readonly pid: number
  /** What it has written so far, log lines and complaints. */
  output(): string
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

/**
 * Starts `dist/main.js` with these settings and nothing of the caller's environment, on a free port. Resolves when it
 * listens; throws with its output if it ends before that.
 */
export async function startDeskProcess(settings: Readonly<Record<string, string>>): Promise<DeskProcess> {
  const desk = launch(settings)
  const url = await waitFor('the desk listens', 30_000, () => {
    const found = /"url":"(http:[^"]+)"/u.exec(desk.output())?.[1]
    if (found === undefined && desk.child.exitCode !== null) throw new Error(`no desk:\n${desk.output()}`)
    return found
  })
  return { url, pid: desk.child.pid ?? 0, output: desk.output, kill: desk.kill, ended: desk.ended }
}

/** Starts a desk that is expected to refuse; resolves when it has ended. */
export async function refusedDesk(
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const desk = launch(settings)
  const { code } = await desk.ended
  return { code, output: desk.output() }
}

function launch(settings: Readonly<Record<string, string>>) {
  buildIfStale()
  const child: ChildProcess = spawn(process.execPath, ['--enable-source-maps', MAIN], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', TZ: 'UTC', PORT: '0', HOST: '127.0.0.1', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-200_000)
    })
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  const abandon = () => void child.kill('SIGKILL')
  process.once('exit', abandon)
  void ended.then(() => process.off('exit', abandon))
  return {
    child,
    ended,
    output: () => output,
    kill: (signal: 'SIGTERM' | 'SIGKILL') => void child.kill(signal),
  }
}

let built = false

/** `npm test` builds first; a single file run by hand does so here, if a source is newer than what was built. */
function buildIfStale(): void {
  if (built) return
  built = true
  const src = path.join(ROOT, 'src')
  const newest = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ts$/u.test(name) && !name.includes('page'))
    .reduce((latest, name) => Math.max(latest, statSync(path.join(src, name)).mtimeMs), 0)
  if (existsSync(MAIN) && statSync(MAIN).mtimeMs >= newest) return
  execFileSync(process.execPath, [path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', src], {
    cwd: ROOT,
    stdio: 'pipe',
  })
}
