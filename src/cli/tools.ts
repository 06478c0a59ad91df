import { mkdir } from 'node:fs/promises'
import type { Config } from '../config.ts'
import { readConfig } from '../config.ts'
import type { Administration } from '../core/administration.ts'
import type { Clock } from '../core/ports.ts'
import type { ReadStore } from '../core/store.ts'
import { administrationOf } from '../db/administration.ts'
import type { Connection } from '../db/client.ts'
import { keyRing } from '../db/keys.ts'
import { outboxStore } from '../db/outbox.ts'
import { readStore } from '../db/read.ts'
import type { Key } from '../db/seal.ts'
import { sealerOf } from '../db/seal.ts'
import type { SealedText } from '../db/sealed.ts'
import { sealedText } from '../db/sealed.ts'
import { workspaceStore } from '../db/workspace.ts'
import { connect, HOME_WORKSPACE, installOf, machine } from '../main.ts'
import type { Print } from './print.ts'

/** The desk's database with what a command needs of it; no adapter, no server, no worker. */
export interface Tools {
  readonly connection: Connection
  /** The home workspace, made if there was none. */
  readonly workspace: string
  readonly clock: Clock
  readonly keys: readonly Key[]
  readonly seal: SealedText
  readonly read: ReadStore
  readonly administration: Administration
}

/** The settings of the environment; null after saying what is wrong with them. */
export function settings(print: Print): Config | null {
  const read = readConfig(process.env)
  if (read.ok) return read.config
  print.problem('The settings are wrong:')
  for (const problem of read.problems) print.problem(`  ${problem}`)
  return null
}

/**
 * Opens the database (migrated), lets `work` have it, and closes it in any case. Throws a FolderInUseError or an
 * EmbeddedError, and what the database throws.
 */
export async function withTools<T>(config: Config, work: (tools: Tools) => Promise<T>): Promise<T> {
  await mkdir(config.DATA_DIR, { recursive: true, mode: 0o700 })
  const connection = await connect(config)
  try {
    const { database } = connection
    const workspaces = workspaceStore(database, machine.ids)
    const workspace = await workspaces.ensure(HOME_WORKSPACE, machine.real())
    const offset = await workspaces.clockOffset(workspace)
    const clock: Clock = { real: machine.real, now: () => new Date(machine.real().getTime() + offset) }
    const keys = keyRing(config.GONGDAN_KEYS ?? null, config.DATA_DIR)
    const seal = sealedText(sealerOf(keys))
    const administration = administrationOf(workspace, {
      workspaces,
      outbox: outboxStore(database),
      clock,
      installOf,
      secret: machine.secret,
      // A running desk looks every second.
      revived: () => {},
    })
    return await work({
      connection,
      workspace,
      clock,
      keys,
      seal,
      read: readStore(database, seal, clock),
      administration,
    })
  } finally {
    await connection.close()
  }
}
