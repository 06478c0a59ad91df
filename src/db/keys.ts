import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Key } from './seal.ts'
import { newKey, readKeys, writeKeys } from './seal.ts'

/**
 * The key ring: from the setting, or from a file in the data folder that is made on first use and that its owner alone
 * can read. Throws a RangeError for keys that are none.
 */
export function keyRing(setting: string | null, folder: string): readonly Key[] {
  if (setting !== null) return readKeys(setting)
  const path = keyFile(folder)
  if (!existsSync(path)) writeFileSync(path, `${writeKeys([newKey()])}\n`, { mode: 0o600, flag: 'wx' })
  return readKeys(readFileSync(path, 'utf8'))
}

/** Puts a new key in front of the ring in the data folder; what was sealed before still opens. */
export function addKey(folder: string): readonly Key[] {
  const keys = [newKey(), ...keyRing(null, folder)]
  writeFileSync(keyFile(folder), `${writeKeys(keys)}\n`, { mode: 0o600 })
  return keys
}

function keyFile(folder: string): string {
  return join(folder, 'keys')
}
