import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addKey, keyRing } from '../../src/db/keys.ts'
import { keyIdOf, newKey, readKeys, SealError, sealerOf, writeKeys } from '../../src/db/seal.ts'
import { sealedText } from '../../src/db/sealed.ts'

const words = Buffer.from('什么都不该看到 nothing to see')

describe('a sealed box', () => {
  const key = newKey()
  const sealer = sealerOf([key])

  it('opens where it was sealed, and is never the same twice', () => {
    const [one, two] = [sealer.seal(words, 'w1 ticket 1'), sealer.seal(words, 'w1 ticket 1')]
    expect(Buffer.from(sealer.open(one, 'w1 ticket 1'))).toEqual(words)
    expect(Buffer.from(one).equals(Buffer.from(two))).toBe(false)
    expect(Buffer.from(one).includes('nothing')).toBe(false)
  })

  it('does not open in another row or workspace', () => {
    const box = sealer.seal(words, 'w1 ticket 1')
    for (const context of ['w1 ticket 2', 'w2 ticket 1', ''])
      expect(() => sealer.open(box, context)).toThrow(SealError)
    const text = sealedText(sealer)
    const said = text.text('w1', 'message 1', 'hello')
    expect(text.read('w1', 'message 1', said)).toBe('hello')
    expect(() => text.read('w2', 'message 1', said)).toThrow(SealError)
  })

  it('does not open when any byte of it was changed, or any is missing', () => {
    const box = Buffer.from(sealer.seal(words, 'row'))
    for (let index = 0; index < box.length; index++) {
      const changed = Buffer.from(box)
      changed[index] = changed[index]! ^ 1
      expect(() => sealer.open(changed, 'row'), `byte ${index}`).toThrow(SealError)
      expect(() => sealer.open(box.subarray(0, index), 'row'), `cut at ${index}`).toThrow(SealError)
    }
  })

  it('says which key it needs, and does not open without it', () => {
    const other = newKey()
    const box = sealer.seal(words, 'row')
    expect(keyIdOf(box)).toBe(key.id)
    expect(() => sealerOf([other]).open(box, 'row')).toThrow(/key/u)
  })
})

describe('a ring of keys', () => {
  it('seals with the newest and opens what older ones have sealed', () => {
    const [old, fresh] = [newKey(), newKey()]
    const before = sealerOf([old]).seal(words, 'row')
    const ring = sealerOf([fresh, old])
    expect(Buffer.from(ring.open(before, 'row'))).toEqual(words)
    expect(keyIdOf(ring.seal(words, 'row'))).toBe(fresh.id)
  })

  it('is read as it was written, and refuses what is no key', () => {
    const keys = [newKey(), newKey()]
    expect(readKeys(` ${writeKeys(keys).replace(',', ' , ')}\n`).map(({ id }) => id)).toEqual(
      keys.map(({ id }) => id),
    )
    for (const text of ['short', Buffer.alloc(31).toString('base64'), `${writeKeys(keys)},x`])
      expect(() => readKeys(text)).toThrow(RangeError)
    expect(() => sealerOf(readKeys(''))).toThrow(RangeError)
  })

  it('in a folder is its owner’s alone, and grows at the front', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gongdan-keys-'))
    try {
      const [first] = keyRing(null, folder)
      expect(statSync(join(folder, 'keys')).mode & 0o777).toBe(0o600)
      expect(keyRing(null, folder).map(({ id }) => id)).toEqual([first!.id])
      const [second, kept] = addKey(folder)
      expect(kept?.id).toBe(first!.id)
      expect(keyRing(null, folder).map(({ id }) => id)).toEqual([second!.id, first!.id])
      expect(statSync(join(folder, 'keys')).mode & 0o777).toBe(0o600)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
