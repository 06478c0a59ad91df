import path from 'node:path'
import { parseSync } from 'vite'

/** Source text by path from the repository's root, with forward slashes: `src/core/event.ts`. */
export type Sources = ReadonlyMap<string, string>

interface Import {
  /** A path like `src/core/event.ts` for a file of ours, else the package: `drizzle-orm`, `node:http`. */
  readonly target: string
  readonly when: 'static' | 'type' | 'dynamic'
}

interface Facts {
  readonly imports: readonly Import[]
  /** Calls that reach for the clock, for chance or for the console, as written: `Date.now()`. */
  readonly calls: readonly string[]
}

/** Which adapter's folder may know which platform SDK. */
const SDKS: readonly [RegExp, string][] = [
  [/^@slack\//, 'slack'],
  [/^(botbuilder|botframework-|@microsoft\/)/, 'teams'],
  [/^(discord\.js|@discordjs\/|discord-api-types)/, 'discord'],
  [/^@wecom\//, 'wecom'],
]

/** What the core must not know beside the SDKs: stores, servers, the network, other processes. */
const NOT_IN_CORE =
  /^(drizzle-orm|postgres|@electric-sql\/|fastify|@fastify\/|undici|ws|playwright-core|node:(https?|http2|net|tls|dgram|child_process|cluster))(\/|$)/

/**
 * Every breach of the import rules of DESIGN §2, as sentences, sorted. `core` sees only itself; an adapter sees
 * the core, its own folder and `src/adapters/http.ts`; `db` sees the core and itself; one that is not the
 * composition root never sees both adapters and db; an SDK stays in its adapter's folder, and the static
 * imports that start at `src/main.ts` reach none, so that a platform that is off costs nothing.
 */
export function importBreaches(sources: Sources): string[] {
  const imports = new Map([...sources].map(([file, text]) => [file, readFacts(file, text).imports]))
  const breaches = [...imports].flatMap(([file, list]) =>
    list.flatMap(({ target }) => {
      const reason = forbidden(file, target)
      return reason ? [`${file} imports ${target}: ${reason}`] : []
    }),
  )
  for (const [file, list] of imports) {
    const rooms = new Set(list.map(({ target }) => roomOf(target)))
    if (roomOf(file) === 'root' && !isComposition(file) && rooms.has('adapters') && rooms.has('db')) {
      breaches.push(`${file} sees both adapters and db: only the composition root may`)
    }
  }
  return [...new Set([...breaches, ...eagerSdks(imports)])].sort()
}

/**
 * Every use of the clock, of chance and of the console outside the composition root, as sentences. `exceptions`
 * maps a file or a folder (ending in `/`) to the reason; an exception that nothing needs is a breach itself.
 */
export function impurities(sources: Sources, exceptions: Readonly<Record<string, string>>): string[] {
  const needed = new Set<string>()
  const breaches = [...sources].flatMap(([file, text]) => {
    const calls = readFacts(file, text).calls.filter((call) => !allowedForComposition(file, call))
    const exception = Object.keys(exceptions).find((key) => matches(file, key))
    if (exception === undefined) return calls.map((call) => `${file} uses ${call}`)
    if (calls.length > 0) needed.add(exception)
    return []
  })
  const idle = Object.keys(exceptions).filter((key) => !needed.has(key))
  return [...breaches, ...idle.map((key) => `the exception for ${key} is needed by nothing`)].sort()
}

/** Files of more than `limit` lines without an entry in `exceptions`, and exceptions that nothing needs. */
export function longFiles(
  sources: Sources,
  limit: number,
  exceptions: Readonly<Record<string, string>>,
): string[] {
  const long = [...sources].flatMap(([file, text]) => {
    const lines = text.trimEnd().split('\n').length
    return lines > limit ? [{ file, lines }] : []
  })
  return [
    ...long
      .filter(({ file }) => !(file in exceptions))
      .map(({ file, lines }) => `${file} has ${lines} lines`),
    ...Object.keys(exceptions)
      .filter((key) => !long.some(({ file }) => file === key))
      .map((key) => `the exception for ${key} is needed by nothing`),
  ].sort()
}

function forbidden(file: string, target: string): string | undefined {
  const from = roomOf(file)
  const to = roomOf(target)
  const owner = SDKS.find(([pattern]) => pattern.test(target))?.[1]
  if (owner && !file.startsWith(`src/adapters/${owner}/`)) return `this SDK belongs to src/adapters/${owner}`
  if (from === 'core' && to !== 'core' && to !== 'package') return 'the core imports only itself'
  if (from === 'core' && NOT_IN_CORE.test(target)) return 'the core knows no store, server or network'
  if (from === 'db' && to !== 'core' && to !== 'db' && to !== 'package') return 'db imports only the core'
  if (from === 'db' && /^(fastify|@fastify\/)/.test(target)) return 'db serves nothing'
  if (from === 'adapters') {
    if (to === 'db' || to === 'root') return 'an adapter imports only the core, its folder and http.ts'
    if (/^(drizzle-orm|postgres|@electric-sql\/)/.test(target)) return 'an adapter keeps no state'
    if (to === 'adapters' && !sameAdapter(file, target)) return 'an adapter knows no other adapter'
  }
  return undefined
}

function sameAdapter(file: string, target: string): boolean {
  return target === 'src/adapters/http.ts' || adapterOf(file) === adapterOf(target)
}

/** `slack` for `src/adapters/slack/render.ts`; the file's own name for one that lies beside the folders. */
function adapterOf(file: string): string {
  return file.split('/')[2] ?? file
}

function roomOf(file: string): 'core' | 'adapters' | 'db' | 'root' | 'package' {
  if (!file.startsWith('src/')) return 'package'
  const room = file.split('/')[1]
  return room === 'core' || room === 'adapters' || room === 'db' ? room : 'root'
}

function isComposition(file: string): boolean {
  return file === 'src/main.ts' || isCommandLine(file)
}

function isCommandLine(file: string): boolean {
  return /^src\/cli([^/]*\.ts$|\/)/.test(file)
}

function allowedForComposition(file: string, call: string): boolean {
  return call.startsWith('console.') ? isCommandLine(file) : file === 'src/main.ts'
}

function matches(file: string, key: string): boolean {
  return key.endsWith('/') ? file.startsWith(key) : file === key
}

function eagerSdks(imports: ReadonlyMap<string, readonly Import[]>): string[] {
  const from = new Map<string, string>([['src/main.ts', '']])
  const breaches: string[] = []
  for (const file of from.keys()) {
    for (const { target, when } of imports.get(file) ?? []) {
      if (when !== 'static') continue
      if (SDKS.some(([pattern]) => pattern.test(target))) {
        breaches.push(`src/main.ts loads ${target} at once: ${trail(file, from)}`)
      }
      if (imports.has(target) && !from.has(target)) from.set(target, file)
    }
  }
  return breaches
}

function trail(file: string, from: ReadonlyMap<string, string>): string {
  const before = from.get(file)
  return before ? `${trail(before, from)} → ${file}` : file
}

type Node = { readonly type: string } & Readonly<Record<string, unknown>>

function readFacts(file: string, text: string): Facts {
  const { program, errors } = parseSync(file, text)
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`)
  const imports: Import[] = []
  const calls: string[] = []
  const note = (source: unknown, when: Import['when']) => {
    const name = isNode(source) && typeof source.value === 'string' ? source.value : undefined
    if (name !== undefined) imports.push({ target: resolve(file, name), when })
  }
  walk(program, (node) => {
    if (node.type === 'ImportDeclaration') note(node.source, node.importKind === 'type' ? 'type' : 'static')
    if (node.type === 'ExportNamedDeclaration' || node.type === 'ExportAllDeclaration') {
      note(node.source, node.exportKind === 'type' ? 'type' : 'static')
    }
    if (node.type === 'ImportExpression') note(node.source, 'dynamic')
    if (node.type === 'TSImportType') note(node.source, 'type')
    const call = impureCall(node)
    if (call) calls.push(call)
  })
  return { imports, calls }
}

const CHANCE = new Set(['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues', 'uuidv7', 'uuidv7obj'])

function impureCall(node: Node): string | undefined {
  if (node.type === 'NewExpression' || node.type === 'CallExpression') {
    const name = written(node.callee)
    const empty = Array.isArray(node.arguments) && node.arguments.length === 0
    if (name === 'Date' && (empty || node.type === 'CallExpression')) return 'new Date()'
    if (name === 'Date.now' || name === 'Math.random') return `${name}()`
    if (name.startsWith('Temporal.Now.')) return `${name}()`
    if (name.startsWith('console.')) return `${name}()`
    const last = name.split('.').at(-1) ?? ''
    if (CHANCE.has(last)) return `${last}()`
  }
  return undefined
}

/** `a.b.c` of a chain of plain names, '' for anything else. */
function written(node: unknown): string {
  if (!isNode(node)) return ''
  if (node.type === 'Identifier' && typeof node.name === 'string') return node.name
  if (node.type === 'MemberExpression' && node.computed === false) {
    const [object, property] = [written(node.object), written(node.property)]
    return object === 'globalThis' ? property : `${object}.${property}`
  }
  return ''
}

function resolve(file: string, name: string): string {
  if (name.startsWith('.')) return path.posix.join(path.posix.dirname(file), name)
  return name
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit)
  } else if (isNode(value)) {
    visit(value)
    for (const child of Object.values(value)) if (typeof child === 'object') walk(child, visit)
  }
}
