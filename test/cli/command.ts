import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Ended {
  readonly exit: number | null
  readonly out: string
  readonly problems: string
}

/** Runs the built command line as a shell would, with these settings and no others. Killed after 25 seconds. */
export async function gongdan(
  words: readonly string[],
  settings: Record<string, string> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...words], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', ...settings },
    timeout: 25_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, problems] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    problems += text
  })
  const exit = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { exit, out, problems }
}
