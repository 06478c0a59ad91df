import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrateUrl } from '../../src/db/client.ts'
import { lockFolder } from '../../src/db/lock.ts'
import { newKey, writeKeys } from '../../src/db/seal.ts'
import type { FreshDatabase } from '../support/postgres.ts'
import { freshPostgres } from '../support/shared-postgres.ts'
import { gongdan } from './command.ts'

let folder: string
let database: FreshDatabase
let settings: Record<string, string>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gongdan-cli-'))
  database = await freshPostgres(migrateUrl, 'cli')
  settings = {
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    WEB_CHAT: '1',
    GONGDAN_KEYS: writeKeys([newKey()]),
  }
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const demo = () => readFile(new URL('../../src/demo-policy.yaml', import.meta.url), 'utf8')

describe('policy', () => {
  it('check says each flaw by line and column, and ends with 1', async () => {
    const text = (await demo())
      .replace('default_queue: it', 'default_queue: legal')
      .replace('    prefix: HR', '    prefix: it-hr')
      .replace('zone: Asia/Shanghai', 'zone: Asia/Beijing')
    const line = (part: string) => text.slice(0, text.indexOf(part)).split('\n').length
    const path = await file('flawed.yaml', text)
    const ended = await gongdan(['policy', 'check', path])
    expect(ended.exit).toBe(1)
    // What points nowhere is looked for only when everything else is well.
    expect(ended.out.split('\n').filter(Boolean)).toEqual([
      expect.stringContaining(`${path}:${line('zone: Asia/Beijing')}:7: zone: not an IANA time zone`),
      expect.stringContaining(
        `${path}:${line('prefix: it-hr')}:13: queues.1.prefix: one to eight capital letters`,
      ),
    ])
    const second = await file(
      'nowhere.yaml',
      (await demo()).replace('default_queue: it', 'default_queue: legal'),
    )
    expect((await gongdan(['policy', 'check', second])).out).toContain(
      `:${line('default_queue')}:16: default_queue: There is no queue "legal"`,
    )
  })

  it('check says where the YAML itself ends', async () => {
    const ended = await gongdan(['policy', 'check', await file('broken.yaml', 'version: 1\nname: "x\n')])
    expect([ended.exit, ended.out]).toEqual([1, expect.stringMatching(/broken\.yaml:\d+:\d+: /u)])
    expect(ended.problems).not.toMatch(/at .*\.js:/u)
  })

  it('a file that is not there, and a command that is none, end with 2', async () => {
    const [missing, nonsense, help] = await Promise.all([
      gongdan(['policy', 'check', join(folder, 'missing.yaml')]),
      gongdan(['polcy']),
      gongdan(['--help']),
    ])
    expect([missing.exit, missing.problems]).toEqual([2, expect.stringContaining('there is no such file')])
    expect(nonsense.exit).toBe(2)
    expect([help.exit, help.out]).toEqual([0, expect.stringContaining('policy')])
  })

  it('diff says what apply then does, and applying the same again does nothing', async () => {
    const first = await file('first.yaml', await demo())
    expect((await gongdan(['policy', 'diff', first], settings)).out).toContain('+ queue hr')
    expect(await gongdan(['policy', 'apply', first], settings)).toMatchObject({
      exit: 0,
      out: 'Version 1 of the policy is in force.\n',
    })
    const changed = (await demo())
      .replace('urgent: 15m', 'urgent: 10m')
      .replace(/ {2}- \{ key: tom,.*\n/u, '')
      .replace('auto_close: 3d', 'auto_close: 5d')
    const second = await file('second.yaml', changed)
    expect((await gongdan(['policy', 'diff', second], settings)).out.split('\n').filter(Boolean)).toEqual([
      'Against version 1:',
      '~ queue it',
      '    first_response.urgent: 15m → 10m',
      '- person tom',
      '~ auto_close: 3d → 5d',
    ])
    expect((await gongdan(['policy', 'apply', second], settings)).out).toContain('Version 2')
    expect((await gongdan(['policy', 'apply', second], settings)).out).toContain(
      'Nothing to change: version 2',
    )
  })
})

describe('token', () => {
  it('is shown once on its own, listed by name, and revoked', async () => {
    const made = await gongdan(['token', 'create', 'grafana'], settings)
    expect([made.exit, made.out]).toEqual([0, expect.stringMatching(/^gdn_[0-9a-f]{32}_[\w-]{32}\n$/u)])
    expect((await gongdan(['token', 'create', 'grafana'], settings)).exit).toBe(1)
    const listed = await gongdan(['token', 'list'], settings)
    expect(listed.out).toMatch(/^grafana {2}made .* valid\n$/u)
    expect((await gongdan(['token', 'revoke', 'grafana'], settings)).exit).toBe(0)
    expect((await gongdan(['token', 'revoke', 'grafana'], settings)).exit).toBe(1)
  })
})

describe('doctor', () => {
  it('finds a sound set-up sound', async () => {
    const ended = await gongdan(['doctor'], settings)
    expect(ended.out).not.toMatch(/^[✗!]/mu)
    expect(ended.out).toMatch(/✓ PostgreSQL \d+ answers/u)
    expect(ended.out).toMatch(/✓ The tables are those of this version/u)
    expect(ended.exit).toBe(0)
  })

  it('says what is wrong without a stack, and ends with 1', async () => {
    const [wrong, away, keys] = await Promise.all([
      gongdan(['doctor'], { PORT: 'eighty', ADMIN_TOKEN: 'short' }),
      gongdan(['doctor'], { ...settings, DATABASE_URL: 'postgres://desk:secret@127.0.0.1:1/x' }),
      gongdan(['doctor'], { ...settings, GONGDAN_KEYS: 'abc' }),
    ])
    expect([wrong.exit, wrong.out]).toEqual([1, expect.stringMatching(/✗ PORT: [\s\S]*✗ ADMIN_TOKEN: /u)])
    expect([away.exit, away.out]).toEqual([1, expect.stringContaining('ECONNREFUSED')])
    expect(away.out + away.problems).not.toMatch(/secret|at .*\.js:/u)
    expect([keys.exit, keys.out]).toEqual([1, expect.stringContaining('✗ The key ring cannot be read')])
  })
})

describe('a folder that a running desk has', () => {
  it('is said kindly by whatever needs it', async () => {
    const busy = await mkdtemp(join(tmpdir(), 'gongdan-busy-'))
    const lock = lockFolder(busy)
    try {
      const [list, reseal, remote] = await Promise.all([
        gongdan(['outbox', 'list'], { DATA_DIR: busy }),
        gongdan(['keys', 'reseal'], { DATA_DIR: busy }),
        gongdan(['outbox', 'list'], { DATA_DIR: busy, PORT: '1', ADMIN_TOKEN: '0123456789abcdef' }),
      ])
      expect([list.exit, list.problems]).toEqual([
        1,
        expect.stringMatching(/running desk \(process \d+\).*ADMIN_TOKEN/u),
      ])
      expect([reseal.exit, reseal.problems]).toEqual([1, expect.stringContaining('stop it first')])
      expect([remote.exit, remote.problems]).toEqual([
        1,
        expect.stringContaining('does not answer at http://127.0.0.1:1'),
      ])
    } finally {
      lock.release()
      await rm(busy, { recursive: true, force: true })
    }
  })
})

describe('keys', () => {
  it('rotate puts a new one in front, in the file or in the setting', async () => {
    const own = await mkdtemp(join(tmpdir(), 'gongdan-keys-'))
    try {
      expect((await gongdan(['keys', 'rotate'], { DATA_DIR: own })).exit).toBe(0)
      expect((await readFile(join(own, 'keys'), 'utf8')).split(',')).toHaveLength(2)
      const setting = await gongdan(['keys', 'rotate'], settings)
      expect(setting.out).toMatch(
        new RegExp(`^GONGDAN_KEYS=[\\w+/=]{44},${settings.GONGDAN_KEYS!.replaceAll('+', '\\+')}\n$`, 'u'),
      )
    } finally {
      await rm(own, { recursive: true, force: true })
    }
  })
})

describe('replay', () => {
  const recorded = (name: string) => new URL(`../fixtures/slack/${name}.json`, import.meta.url).pathname

  it('prints event, decision and card on an empty desk', async () => {
    const ended = await gongdan(['replay', 'slack', recorded('message-im')])
    expect(ended.exit).toBe(0)
    expect(ended.out).toMatch(
      /EVENT message[\s\S]*DECISION\n {2}IT-1 opened: [\s\S]*SAY card in slack:D024BE91L, zh\n {2}IT-1 · 打印机/u,
    )
  })

  it('on the present data writes nothing', async () => {
    const before = await gongdan(['replay', 'slack', recorded('message-im'), '--workspace'], settings)
    const again = await gongdan(['replay', 'slack', recorded('message-im'), '--workspace'], settings)
    expect(before.out).toContain('IT-1 opened')
    expect(again.out).toContain('IT-1 opened')
  })

  it('says what means nothing, and which platforms it knows', async () => {
    expect((await gongdan(['replay', 'slack', recorded('nothing-own-message')])).out).toContain('no event')
    expect(await gongdan(['replay', 'fax', recorded('message-im')])).toMatchObject({ exit: 2 })
  })
})
