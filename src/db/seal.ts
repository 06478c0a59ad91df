import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type { Sealer } from '../core/ports.ts'

/**
 * AES-256-GCM boxes: version (1 byte), key id (8), nonce (12), tag (16), ciphertext. The context is authenticated but
 * not stored, so a box that is moved to another row does not open there.
 */
const VERSION = 1
const HEAD = 1 + 8 + 12 + 16

export interface Key {
  readonly id: string
  readonly bytes: Uint8Array
}

/** A key ring from text: base64 keys of 32 bytes, separated by commas, the current one first. Throws a RangeError otherwise. */
export function readKeys(text: string): readonly Key[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => keyOf(Buffer.from(part, 'base64')))
}

export function newKey(): Key {
  return keyOf(randomBytes(32))
}

export function writeKeys(keys: readonly Key[]): string {
  return keys.map((key) => Buffer.from(key.bytes).toString('base64')).join(',')
}

function keyOf(bytes: Uint8Array): Key {
  if (bytes.length !== 32) throw new RangeError('a key is 32 bytes in base64')
  return { id: createHash('sha256').update('gongdan key').update(bytes).digest('hex').slice(0, 16), bytes }
}

/** A secret derived from the current key for one purpose, such as signing the sessions of the web chat. */
export function deriveSecret(keys: readonly Key[], purpose: string): Uint8Array {
  return createHash('sha256').update(`gongdan ${purpose}`).update(keys[0]!.bytes).digest()
}

/** Asking the system for twelve bytes costs more than sealing a short text, so they are asked for by the thousand. */
function nonces(): () => Uint8Array {
  let pool = randomBytes(12 * 1024)
  let used = 0
  return () => {
    if (used === pool.length) {
      pool = randomBytes(12 * 1024)
      used = 0
    }
    used += 12
    return pool.subarray(used - 12, used)
  }
}

/** Seals with the first key of the ring and opens with any. */
export function sealerOf(keys: readonly Key[]): Sealer {
  const current = keys[0]
  if (current === undefined) throw new RangeError('a key ring without keys')
  const ring = new Map(keys.map((key) => [key.id, key]))
  const currentId = Buffer.from(current.id, 'hex')
  const nextNonce = nonces()
  return {
    seal(plain, context) {
      const nonce = nextNonce()
      const cipher = createCipheriv('aes-256-gcm', current.bytes, nonce)
      cipher.setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(plain), cipher.final()])
      return Buffer.concat([Buffer.of(VERSION), currentId, nonce, cipher.getAuthTag(), body])
    },
    open(box, context) {
      const bytes = Buffer.from(box.buffer, box.byteOffset, box.byteLength)
      if (bytes.length < HEAD || bytes[0] !== VERSION) throw new SealError('not a sealed box')
      const key = ring.get(bytes.subarray(1, 9).toString('hex'))
      if (key === undefined) throw new SealError('sealed with a key that is not in the ring')
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(9, 21))
      decipher.setAAD(Buffer.from(context))
      decipher.setAuthTag(bytes.subarray(21, HEAD))
      try {
        return Buffer.concat([decipher.update(bytes.subarray(HEAD)), decipher.final()])
      } catch (cause) {
        throw new SealError('the box does not open: it was changed, or belongs to another row', { cause })
      }
    },
  }
}

/** The id of the key that a box was sealed with. */
export function keyIdOf(box: Uint8Array): string {
  return Buffer.from(box.subarray(1, 9)).toString('hex')
}

export class SealError extends Error {
  override readonly name = 'SealError'
}
