import type { Config } from '../config.ts'
import type { Administration } from '../core/administration.ts'
import { FolderInUseError } from '../db/lock.ts'
import type { Exit, Print } from './print.ts'
import { EXIT } from './print.ts'
import { remoteAdministration } from './remote.ts'
import { withTools } from './tools.ts'

/**
 * Administration wherever the desk is: on the database itself, or, when that is the embedded one and a running desk has
 * it, over that desk's REST interface with ADMIN_TOKEN.
 */
export async function withAdministration(
  config: Config,
  print: Print,
  work: (administration: Administration) => Promise<Exit>,
): Promise<Exit> {
  try {
    return await withTools(config, ({ administration }) => work(administration))
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error
    if (config.ADMIN_TOKEN !== undefined)
      return work(remoteAdministration(addressOf(config), config.ADMIN_TOKEN))
    sayInUse(print, error, 'stop it first, or start it with ADMIN_TOKEN and set the same one here')
    return EXIT.refused
  }
}

/** The kind word for a folder that a running desk has. */
export function sayInUse(print: Print, error: FolderInUseError, remedy: string): void {
  print.problem(
    `A running desk (process ${error.pid}) has the embedded database in ${error.folder}: ${remedy}.`,
  )
}

/** Where the desk with these settings listens, as seen from this machine. */
export function addressOf(config: Pick<Config, 'HOST' | 'PORT'>): string {
  const host = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[config.HOST] ?? config.HOST
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${config.PORT}`
}
