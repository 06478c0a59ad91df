import type { Administration } from '../core/administration.ts'
import type { Policy } from '../core/policy.ts'
import { differences } from './difference.ts'
import { readPolicyFile } from './policy-file.ts'
import type { Exit, Print } from './print.ts'
import { EXIT } from './print.ts'

/** The policy of a file; or how the command ends, after every flaw was said as `file:line:column: sentence`. */
export async function soundPolicy(path: string, print: Print): Promise<Policy | Exit> {
  const file = await readPolicyFile(path)
  switch (file.kind) {
    case 'sound':
      return file.policy
    case 'unreadable':
      print.problem(file.sentence)
      return EXIT.usage
    case 'flawed':
      for (const { line, column, sentence } of file.marks)
        print.line(`${path}:${line}:${column}: ${sentence}`)
      print.problem(file.marks.length === 1 ? 'There is one flaw.' : `There are ${file.marks.length} flaws.`)
      return EXIT.refused
  }
}

/** Says whether a file is a sound policy. Needs no database. */
export async function checkPolicy(path: string, print: Print): Promise<Exit> {
  const policy = await soundPolicy(path, print)
  if (typeof policy === 'number') return policy
  const { queues, people, calendars } = policy
  const counted = [
    many(queues.length, 'queue', 'queues'),
    many(people.length, 'person', 'people'),
    many(Object.keys(calendars).length, 'calendar', 'calendars'),
  ]
  print.line(`${path} is sound: ${counted.join(', ')}.`)
  return EXIT.ok
}

/** Says what applying a sound policy would change. */
export async function diffPolicy(
  administration: Administration,
  policy: Policy,
  print: Print,
): Promise<Exit> {
  const applied = await administration.policy()
  const lines = differences(applied?.document ?? null, policy)
  if (applied === null) print.line('No policy is in force yet.')
  else if (lines.length === 0) print.line(`Nothing would change: version ${applied.version} says the same.`)
  else print.line(`Against version ${applied.version}:`)
  for (const line of lines) print.line(line)
  return EXIT.ok
}

/** Puts a sound policy in force. One that changes nothing makes no new version. */
export async function applyPolicy(
  administration: Administration,
  policy: Policy,
  print: Print,
): Promise<Exit> {
  const applied = await administration.policy()
  if (applied !== null && differences(applied.document, policy).length === 0) {
    print.line(`Nothing to change: version ${applied.version} stays in force.`)
    return EXIT.ok
  }
  const version = await administration.apply(policy, 'command line')
  print.line(`Version ${version} of the policy is in force.`)
  return EXIT.ok
}

function many(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`
}
