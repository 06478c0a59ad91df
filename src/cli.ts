#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import type { Exit } from './cli/print.ts'
import { EXIT, print } from './cli/print.ts'
import type { Administration } from './core/administration.ts'
import type { Policy } from './core/policy.ts'
import { reasonOf } from './reason.ts'
import { VERSION } from './version.ts'

/**
 * The command line. Each command ends with 0 (done), 1 (refused, or something is unhealthy) or 2 (asked for wrongly).
 * What needs the desk's database is loaded only by the commands that need it.
 */

const program = new Command('gongdan')
  .description('The ticket desk that lives in your chat: what an administrator does from a terminal.')
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('(see gongdan --help)')

/** Runs a command; what it returns is how the process ends. */
function run<T extends readonly unknown[]>(
  work: (...given: T) => Promise<Exit>,
): (...given: T) => Promise<void> {
  return async (...given) => {
    process.exitCode = await work(...given).catch(explain)
  }
}

/** An expected failure is one sentence; of another one, the stack is shown to whoever asks for it. */
async function explain(error: unknown): Promise<Exit> {
  print.problem(`gongdan: ${reasonOf(error)}`)
  if (process.env.LOG_LEVEL === 'debug' && error instanceof Error) print.problem(error.stack ?? '')
  return EXIT.refused
}

/** On the workspace's administration, wherever the desk is. */
async function administer(work: (administration: Administration) => Promise<Exit>): Promise<Exit> {
  const [{ settings }, { withAdministration }] = await Promise.all([
    import('./cli/tools.ts'),
    import('./cli/office.ts'),
  ])
  const config = settings(print)
  return config === null ? EXIT.usage : withAdministration(config, print, work)
}

/** With a policy that was found sound first, so that a flawed file never reaches a database. */
async function withPolicy(
  file: string,
  work: (administration: Administration, policy: Policy) => Promise<Exit>,
): Promise<Exit> {
  const { soundPolicy } = await import('./cli/policy.ts')
  const policy = await soundPolicy(file, print)
  return typeof policy === 'number' ? policy : administer((administration) => work(administration, policy))
}

const policy = program.command('policy').description('queues, people, calendars and rules, as one file')
policy
  .command('check <file>')
  .description('say what is wrong in a policy file, by line and column; needs no database')
  .action(run(async (file: string) => (await import('./cli/policy.ts')).checkPolicy(file, print)))
policy
  .command('diff <file>')
  .description('say what applying it would change')
  .action(
    run(async (file: string) => {
      const { diffPolicy } = await import('./cli/policy.ts')
      return withPolicy(file, (administration, sound) => diffPolicy(administration, sound, print))
    }),
  )
policy
  .command('apply <file>')
  .description('put it in force')
  .action(
    run(async (file: string) => {
      const { applyPolicy } = await import('./cli/policy.ts')
      return withPolicy(file, (administration, sound) => applyPolicy(administration, sound, print))
    }),
  )

program
  .command('doctor')
  .description('examine settings, keys, database, platforms and channels; changes nothing')
  .action(run(async () => (await import('./cli/doctor.ts')).doctor(print)))

const token = program.command('token').description('tokens for the REST interface')
token
  .command('create <name>')
  .description('make one; it is shown this once')
  .action(
    run(async (name: string) => {
      const { createToken } = await import('./cli/token.ts')
      if (!/^[\w.-]{1,64}$/u.test(name)) {
        print.problem('The name of a token has letters, digits, points and hyphens, at most 64.')
        return EXIT.usage
      }
      return administer((administration) => createToken(administration, name, print))
    }),
  )
token
  .command('list')
  .description('names of tokens, valid and revoked')
  .action(
    run(async () => {
      const { listTokens } = await import('./cli/token.ts')
      return administer((administration) => listTokens(administration, print))
    }),
  )
token
  .command('revoke <name>')
  .description('make it invalid at once')
  .action(
    run(async (name: string) => {
      const { revokeToken } = await import('./cli/token.ts')
      return administer((administration) => revokeToken(administration, name, print))
    }),
  )

const outbox = program.command('outbox').description('deliveries that were given up')
outbox
  .command('list')
  .description('what could not be delivered, and why')
  .action(
    run(async () => {
      const { listDeadLetters } = await import('./cli/outbox.ts')
      return administer((administration) => listDeadLetters(administration, print))
    }),
  )
outbox
  .command('retry [key]')
  .description('try one again, or all of them')
  .option('--all', 'every one')
  .action(
    run(async (key: string | undefined, { all }: { all?: true }) => {
      const { retryDeadLetters } = await import('./cli/outbox.ts')
      if ((key === undefined) === (all === undefined)) {
        print.problem('Name the KEY of one delivery (gongdan outbox list), or say --all.')
        return EXIT.usage
      }
      return administer((administration) => retryDeadLetters(administration, key ?? null, print))
    }),
  )

const keys = program.command('keys').description('the keys that personal content is sealed with')
keys
  .command('rotate')
  .description('put a new key in front of the ring')
  .action(
    run(async () => {
      const [{ rotateKeys }, { settings }] = await Promise.all([
        import('./cli/keys.ts'),
        import('./cli/tools.ts'),
      ])
      const config = settings(print)
      return config === null ? EXIT.usage : rotateKeys(config, print)
    }),
  )
keys
  .command('reseal')
  .description('seal everything anew with the current key; may be stopped and begun again')
  .action(
    run(async () => {
      const { resealAll } = await import('./cli/keys.ts')
      return withDatabase((tools) => resealAll(tools, print))
    }),
  )

program
  .command('replay <platform> <file>')
  .description('play a recorded webhook body: what it means, what is decided, what would be said')
  .option('--workspace', 'against the present data instead of an empty desk; nothing is written')
  .option('--policy <file>', 'the policy of the empty desk; the demo’s if left out')
  .action(
    run(async (platform: string, file: string, options: { workspace?: true; policy?: string }) => {
      const { replayOnEmpty, replayOnData } = await import('./cli/stage.ts')
      if (options.workspace === undefined) return replayOnEmpty(platform, file, options.policy ?? null, print)
      return withDatabase((tools) => replayOnData(platform, file, tools, print))
    }),
  )

/** On the database itself, which a running desk may not have to itself. */
async function withDatabase(work: (tools: import('./cli/tools.ts').Tools) => Promise<Exit>): Promise<Exit> {
  const [{ settings, withTools }, { sayInUse }, { FolderInUseError }] = await Promise.all([
    import('./cli/tools.ts'),
    import('./cli/office.ts'),
    import('./db/lock.ts'),
  ])
  const config = settings(print)
  if (config === null) return EXIT.usage
  try {
    return await withTools(config, work)
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error
    sayInUse(print, error, 'stop it first')
    return EXIT.refused
  }
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  // Help that was asked for is no mistake; commander has printed whatever there is to say.
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
}
