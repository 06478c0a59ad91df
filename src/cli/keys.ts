import type { Config } from '../config.ts'
import { addKey } from '../db/keys.ts'
import { reseal } from '../db/reseal.ts'
import { newKey, readKeys, sealerOf, writeKeys } from '../db/seal.ts'
import type { Exit, Print } from './print.ts'
import { EXIT, table } from './print.ts'
import type { Tools } from './tools.ts'

/**
 * Puts a new key in front of the ring: into the file of the data folder, or, when the ring is the setting GONGDAN_KEYS,
 * prints the new ring to set. Nothing is sealed anew by it.
 */
export async function rotateKeys(config: Config, print: Print): Promise<Exit> {
  if (config.GONGDAN_KEYS !== undefined) {
    const old = readKeys(config.GONGDAN_KEYS)
    const fresh = newKey()
    print.line(`GONGDAN_KEYS=${writeKeys([fresh, ...old])}`)
    print.problem(
      'Set this for every process of the desk and start each again, then run: gongdan keys reseal',
    )
    print.problem(
      'Where several run side by side, first give them the ring with the new key last, so that each can open',
    )
    print.problem('what another seals; then this one.')
    return EXIT.ok
  }
  const keys = addKey(config.DATA_DIR)
  print.line(
    `The key ${keys[0]!.id} is in front of the ring in ${config.DATA_DIR}/keys (${keys.length} keys).`,
  )
  print.problem(
    'Keep a copy of that file apart from the database. Start the desk again, then run: gongdan keys reseal',
  )
  return EXIT.ok
}

/** Seals everything anew with the current key. May be stopped and begun again at any time. */
export async function resealAll({ connection, keys }: Tools, print: Print): Promise<Exit> {
  const current = keys[0]!
  const totals = await reseal(connection.database, sealerOf(keys), current.id, ({ column, resealed }) =>
    print.problem(`${column}: ${resealed} …`),
  )
  for (const line of table(totals.map(({ column, resealed }) => [column, String(resealed)]))) print.line(line)
  const lost = totals.reduce((sum, { lost: count }) => sum + count, 0)
  if (lost > 0) {
    print.problem(
      `${lost} boxes open with no key of the ring. Add the key that is missing, and run this again.`,
    )
    return EXIT.refused
  }
  print.line(`Everything is sealed with the key ${current.id}.`)
  if (keys.length > 1) print.problem('The other keys may leave the ring, as soon as no backup needs them.')
  return EXIT.ok
}
