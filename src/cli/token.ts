import type { Administration } from '../core/administration.ts'
import type { Exit, Print } from './print.ts'
import { EXIT, table } from './print.ts'

/** Makes a token and shows it, once: alone on the standard output, so that it can be piped into a secret store. */
export async function createToken(administration: Administration, name: string, print: Print): Promise<Exit> {
  const token = await administration.createToken(name)
  if (token === null) {
    print.problem(`There is a valid token ${name} already. Choose another name, or revoke that one first.`)
    return EXIT.refused
  }
  print.line(token)
  print.problem('This is the only time that it is shown: the desk keeps its hash alone.')
  return EXIT.ok
}

export async function listTokens(administration: Administration, print: Print): Promise<Exit> {
  const tokens = await administration.tokens()
  if (tokens.length === 0) print.line('There are no tokens. Make one with: gongdan token create NAME')
  const rows = tokens.map(({ name, createdAt, revokedAt }) => [
    name,
    `made ${minute(createdAt)}`,
    revokedAt === null ? 'valid' : `revoked ${minute(revokedAt)}`,
  ])
  for (const line of table(rows)) print.line(line)
  return EXIT.ok
}

export async function revokeToken(administration: Administration, name: string, print: Print): Promise<Exit> {
  if (!(await administration.revokeToken(name))) {
    print.problem(`There is no valid token ${name}.`)
    return EXIT.refused
  }
  print.line(`The token ${name} is revoked.`)
  return EXIT.ok
}

/** `2026-03-02 08:59Z` */
export function minute(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`
}
