import { readdirSync } from 'node:fs'
import { describeMachine } from './support/machine.ts'
import { say } from './support/progress.ts'

/** What a measurement exports: takes the words after its name, returns what is printed as the last line. */
export interface Bench {
  run(args: readonly string[]): Promise<Record<string, unknown>>
}

/** `npm run bench -- NAME [options]`: progress on stderr, one JSON line last on stdout. */
async function main(): Promise<void> {
  const names = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
    .map((file) => file.slice(0, -'.ts'.length))
  const [name, ...args] = process.argv.slice(2)
  if (name === undefined || !names.includes(name)) {
    say(`npm run bench -- NAME, where NAME is one of: ${names.join(', ')}`)
    process.exitCode = 2
    return
  }
  say(describeMachine())
  const bench: Bench = await import(`./${name}.ts`)
  const result = await bench.run(args)
  process.stdout.write(`${JSON.stringify({ bench: name, ...result })}\n`)
}

await main()
