import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { importBreaches, impurities, longFiles, type Sources } from './support/house-rules.ts'

/** Where clock, chance or console are used outside `src/main.ts`, and why that is right there. */
const IMPURE: Record<string, string> = {
  'src/adapters/web/page/': 'runs in the reader’s browser, where nobody hands in a clock or ids',
  'src/db/seal.ts':
    'nonces and keys have to be unguessable; a test that could choose them would prove nothing',
}

/** Files of more than 400 lines, and why they stay one. */
const LONG: Record<string, string> = {}

describe('the house as it is', () => {
  let sources: Sources

  beforeAll(async () => {
    const root = fileURLToPath(new URL('..', import.meta.url))
    const names = await readdir(path.join(root, 'src'), { recursive: true })
    const files = names.map((name) => `src/${name.replaceAll(path.sep, '/')}`)
    sources = new Map(
      files
        .filter((file) => /\.[jt]sx?$/.test(file) && !file.endsWith('.d.ts'))
        .map((file) => [file, readFileSync(path.join(root, file), 'utf8')]),
    )
    expect(sources.size).toBeGreaterThan(0)
  })

  test('imports go one way', () => expect(importBreaches(sources)).toEqual([]))
  test('time, ids and chance are arguments, and only the command line prints', () =>
    expect(impurities(sources, IMPURE)).toEqual([]))
  test('no file is longer than 400 lines without a reason', () =>
    expect(longFiles(sources, 400, LONG)).toEqual([]))
})

describe('the rules can be broken', () => {
  const breaches = (files: Record<string, string>) => importBreaches(new Map(Object.entries(files)))

  test.each([
    ['core → db', 'src/core/a.ts', `import { b } from '../db/b.ts'`],
    ['core → adapters, types only', 'src/core/a.ts', `import type { B } from '../adapters/http.ts'`],
    ['core → adapters, a type in passing', 'src/core/a.ts', `type B = import('../adapters/http.ts').B`],
    ['core → a store', 'src/core/a.ts', `import { sql } from 'drizzle-orm/pg-core'`],
    ['core → an SDK', 'src/core/a.ts', `export * from '@slack/bolt'`],
    ['core → the network', 'src/core/a.ts', `const http = await import('node:http')`],
    ['core → the root', 'src/core/a.ts', `import '../main.ts'`],
    ['adapter → db', 'src/adapters/slack/a.ts', `import { b } from '../../db/b.ts'`],
    ['adapter → adapter', 'src/adapters/slack/a.ts', `import { b } from '../teams/render.ts'`],
    ['adapter → a store', 'src/adapters/slack/a.ts', `import postgres from 'postgres'`],
    ["adapter → another's SDK", 'src/adapters/slack/a.ts', `import { Client } from 'discord.js'`],
    ['http.ts → an adapter', 'src/adapters/http.ts', `import { b } from './web/index.ts'`],
    ['db → adapters', 'src/db/a.ts', `import { b } from '../adapters/http.ts'`],
    ['db → a server', 'src/db/a.ts', `import fastify from 'fastify'`],
    ['main → an SDK', 'src/main.ts', `import bolt from '@slack/bolt'`],
    [
      'another root file → both',
      'src/a.ts',
      `import './adapters/http.ts'
import './db/b.ts'`,
    ],
  ])('%s', (_name, file, text) => expect(breaches({ [file]: text })).not.toEqual([]))

  test('main → adapter → SDK, unless the adapter is loaded on demand', () => {
    const adapter = { 'src/adapters/slack/index.ts': `import bolt from '@slack/bolt'` }
    expect(breaches({ ...adapter, 'src/main.ts': `import './adapters/slack/index.ts'` })).toEqual([
      'src/main.ts loads @slack/bolt at once: src/main.ts → src/adapters/slack/index.ts',
    ])
    expect(breaches({ ...adapter, 'src/main.ts': `await import('./adapters/slack/index.ts')` })).toEqual([])
    const types = `import type { App } from '@slack/bolt'`
    expect(
      breaches({
        'src/adapters/slack/index.ts': types,
        'src/main.ts': `import './adapters/slack/index.ts'`,
      }),
    ).toEqual([])
  })

  test.each([
    ['src/adapters/slack/a.ts', `import { b } from './b.ts'; import '../http.ts'; import '../../core/a.ts'`],
    ['src/db/a.ts', `import { drizzle } from 'drizzle-orm/postgres-js'; import '../core/a.ts'`],
    ['src/main.ts', `import './core/a.ts'; import './db/a.ts'; import './adapters/http.ts'`],
    ['src/cli/replay.ts', `import '../core/a.ts'; import '../db/a.ts'; import '../adapters/http.ts'`],
    ['src/core/a.ts', `import { z } from 'zod'; import { createHash } from 'node:crypto'; import './b.ts'`],
  ])('%s may import what is its own', (file, text) => expect(breaches({ [file]: text })).toEqual([]))

  test.each([
    ['new Date()', 'const at = new Date()'],
    ['Date.now()', 'const at = Date.now()'],
    ['Date.now()', 'const at = globalThis.Date.now()'],
    ['Math.random()', 'const n = Math.random()'],
    ['randomUUID()', `import { randomUUID } from 'node:crypto'; randomUUID()`],
    ['randomBytes()', `import crypto from 'node:crypto'; crypto.randomBytes(8)`],
    ['Temporal.Now.instant()', 'const at = Temporal.Now.instant()'],
    ['console.log()', `console.log('x')`],
  ])('%s outside the composition root', (call, text) => {
    expect(impurities(new Map([['src/core/a.ts', text]]), {})).toEqual([`src/core/a.ts uses ${call}`])
    const excused = { 'src/core/a.ts': 'a reason' }
    expect(impurities(new Map([['src/core/a.ts', text]]), excused)).toEqual([])
  })

  test('only main.ts may take time, only the command line may print', () => {
    const texts = { clock: 'export const at = () => Date.now()', print: `console.log('x')` }
    expect(impurities(new Map([['src/main.ts', texts.clock]]), {})).toEqual([])
    expect(impurities(new Map([['src/main.ts', texts.print]]), {})).toHaveLength(1)
    expect(impurities(new Map([['src/cli.ts', texts.print]]), {})).toEqual([])
    expect(impurities(new Map([['src/cli.ts', texts.clock]]), {})).toHaveLength(1)
    expect(impurities(new Map([['src/core/a.ts', 'new Date(0)']]), {})).toEqual([])
  })

  test('a long file, and exceptions that nothing needs', () => {
    const sources = new Map([['src/core/a.ts', 'x\n'.repeat(401)]])
    expect(longFiles(sources, 400, {})).toEqual(['src/core/a.ts has 401 lines'])
    expect(longFiles(sources, 401, { 'src/core/a.ts': 'once' })).toHaveLength(1)
    expect(impurities(new Map(), { 'src/core/': 'once' })).toHaveLength(1)
  })
})
