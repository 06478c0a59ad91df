import { sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Ids } from '../../core/ports.ts'
import type { WebPerson } from './directory.ts'
import { findPerson, mayRead } from './directory.ts'
import { guard } from './guard.ts'
import type { InboundOptions } from './inbound.ts'
import { SESSION_HEADER } from './inbound.ts'
import { checkFileKey, checkSession, issueSession } from './session.ts'
import { openStream } from './sse.ts'
import type { Changes } from './stream.ts'
import { watchRoom } from './stream.ts'
import type { TimeMachine } from './time-machine.ts'
import { readStep } from './time-machine.ts'
import { fileHeaders, storeUpload, UPLOAD_MAX } from './upload.ts'
import { maySee, wirePost } from './wire.ts'

export interface WebServerOptions extends InboundOptions {
  readonly ids: Ids
  /** The folder that Vite built the page into. */
  readonly page: string
  /** Host names besides the loopback's that the page is served under; no ports. */
  readonly hosts: readonly string[]
  /** Anybody may take any person's part. Off, sessions are issued elsewhere, by a sign-in. */
  readonly demo: boolean
  /** Null where the clock cannot be moved. */
  readonly timeMachine: TimeMachine | null
}

export interface WebServer {
  /** Shows what was just written without waiting for the next look at the room. */
  wake(): void
}

const sessionRequest = z.object({ as: z.string().min(1).max(200) })
const postsQuery = z.object({
  channel: z.string().min(1).max(200),
  thread: z.string().min(1).max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
})
const one = z.string().max(2000)
const streamQuery = z.object({
  session: z
    .union([one, z.array(one).max(12)])
    .transform((given) => (Array.isArray(given) ? given : [given])),
  after: z.coerce.number().int().nonnegative().optional(),
})

/**
 * Adds the page and what it reads to the server: `GET /`, `/web/directory`, `/web/posts`, `/web/stream`, files, the
 * demo's sessions and clock. Writing (`POST /web/events`) goes through the same door as every other platform and is not
 * registered here.
 */
export async function registerWeb(app: FastifyInstance, options: WebServerOptions): Promise<WebServer> {
  const changes = watchRoom(options.room, options.workspace, options.log)
  await app.register(async (web) => {
    web.addHook('onRequest', guard(options.hosts))
    // Before `onClose`: the server waits for open answers, and the streams would never end by themselves.
    web.addHook('preClose', async () => changes.stop())
    web.removeAllContentTypeParsers()
    web.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    await web.register(fastifyStatic, {
      root: options.page,
      wildcard: false,
      cacheControl: false,
      // Vite puts a hash of the content in every name but the page's own.
      setHeaders: (reply, path) => {
        const named = path.includes(`${sep}assets${sep}`)
        reply.header('cache-control', named ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
    registerReading(web, options, changes)
    registerFiles(web, options)
    if (options.demo) registerDemo(web, options, changes)
  })
  return { wake: () => changes.wake() }
}

function registerReading(web: FastifyInstance, options: WebServerOptions, changes: Changes): void {
  web.get('/web/directory', async (request, reply) => {
    const { people, zone } = await options.directory()
    const shown = people.map(({ id, name, roles, locale, channels }) => ({
      id,
      name,
      roles,
      locale,
      channels,
    }))
    return uncached(reply).send({
      // Outside the demo the list of people is for whoever has signed in.
      people: options.demo || sessionOf(request, options) !== null ? shown : [],
      zone,
      now: options.clock.now().toISOString(),
      demo: options.demo,
      timeMachine: options.timeMachine !== null,
    })
  })

  web.get('/web/posts', async (request, reply) => {
    const person = await reader(request, options)
    if (person === null) return reply.code(401).send({ error: 'web.no-session' })
    const query = postsQuery.safeParse(request.query)
    if (!query.success) return reply.code(400).send({ error: 'web.malformed' })
    const { channel, thread, limit } = query.data
    if (!mayRead(person, channel)) return reply.code(403).send({ error: 'web.not-your-channel' })
    const listed = await options.room.list(options.workspace, channel, thread ?? null, limit)
    // Replies whose beginning lies before the list, and the thread's own root, come along.
    const have = new Set(listed.map(({ id }) => id))
    const roots = new Set(
      listed.flatMap((post) => (post.thread === null || have.has(post.thread) ? [] : post.thread)),
    )
    if (thread !== undefined && !have.has(thread)) roots.add(thread)
    const found = await Promise.all([...roots].map((id) => options.room.get(options.workspace, id)))
    const posts = [...found.filter((post) => post !== null), ...listed].filter((post) => maySee(person, post))
    return uncached(reply).send({
      posts: posts.map((post) => wirePost(post, options.sessionKey, options.clock.real())),
    })
  })

  web.get('/web/stream', async (request, reply) => {
    const query = streamQuery.safeParse(request.query)
    if (!query.success) return reply.code(400).send({ error: 'web.malformed' })
    const again = () => readersOf(query.data.session, options)
    const readers = await again()
    if (readers === null) return reply.code(401).send({ error: 'web.no-session' })
    // A browser that reconnects by itself says where it was in this header, and repeats the first address.
    const last = Number(request.headers['last-event-id'] ?? Number.NaN)
    const after = Number.isSafeInteger(last) && last >= 0 ? last : (query.data.after ?? null)
    return openStream(request, reply, { readers, again, after, changes, options })
  })
}

function registerFiles(web: FastifyInstance, options: WebServerOptions): void {
  web.post('/web/files', { bodyLimit: UPLOAD_MAX }, async (request, reply) => {
    if ((await reader(request, options)) === null) return reply.code(401).send({ error: 'web.no-session' })
    const query = z.object({ name: z.string().min(1).max(1000) }).safeParse(request.query)
    if (!query.success || !Buffer.isBuffer(request.body) || request.body.byteLength === 0) {
      return reply.code(400).send({ error: 'web.malformed' })
    }
    const at = { now: options.clock.now(), real: options.clock.real() }
    return uncached(reply).send(await storeUpload(query.data.name, request.body, at, options))
  })

  /**
   * The key is the permission: it was handed out with a post that the reader could see. An `<img>` cannot send a
   * header, and a session in its address would open everything instead of one file.
   */
  web.get<{ Params: { id: string } }>('/web/files/:id', async (request, reply) => {
    const query = z.object({ key: z.string().max(100) }).safeParse(request.query)
    const { id } = request.params
    if (!query.success || !checkFileKey(options.sessionKey, id, query.data.key, options.clock.real())) {
      return reply.code(403).send({ error: 'web.no-key' })
    }
    const file = await options.files.get(options.workspace, id)
    if (file === null) return reply.code(404).send({ error: 'web.no-file' })
    return reply.headers(fileHeaders(file.ref.name, file.ref.mime)).send(Buffer.from(file.bytes))
  })
}

/** Without a session on purpose: these two are what a newcomer and a script begin with; the guard keeps sites out. */
function registerDemo(web: FastifyInstance, options: WebServerOptions, changes: Changes): void {
  web.post('/web/session', async (request, reply) => {
    const asked = sessionRequest.safeParse(readJson(request))
    if (!asked.success) return reply.code(400).send({ error: 'web.malformed' })
    const person = findPerson(await options.directory(), asked.data.as)
    if (person === null) return reply.code(404).send({ error: 'web.no-person' })
    return uncached(reply).send({ token: issueSession(options.sessionKey, person.id, options.clock.real()) })
  })

  const { timeMachine } = options
  if (timeMachine === null) return
  web.post('/web/clock', async (request, reply) => {
    const check = readStep(readJson(request), options.clock.now())
    if (!check.ok) return reply.code(400).send({ error: check.error, message: CLOCK_HELP })
    const now = await timeMachine.advance(check.step)
    changes.wake()
    return uncached(reply).send({ now: now.toISOString() })
  })
}

const CLOCK_HELP =
  'Send {"advance": "PT1H"}: an ISO 8601 duration that moves forward, at most 366 days, or "next-business-day".'

/** Who asks, by the session header; null when the session is not ours, is over, or names nobody of the directory. */
async function reader(request: FastifyRequest, options: WebServerOptions): Promise<WebPerson | null> {
  const person = sessionOf(request, options)
  return person === null ? null : findPerson(await options.directory(), person)
}

/** The people of several sessions; null as soon as one of them does not hold. */
async function readersOf(tokens: readonly string[], options: WebServerOptions): Promise<WebPerson[] | null> {
  const { people } = await options.directory()
  const real = options.clock.real()
  const readers: WebPerson[] = []
  for (const token of tokens) {
    const session = checkSession(options.sessionKey, token, real)
    const person = session.ok ? people.find(({ id }) => id === session.person) : undefined
    if (person === undefined) return null
    readers.push(person)
  }
  return readers
}

function sessionOf(request: FastifyRequest, options: WebServerOptions): string | null {
  const header = request.headers[SESSION_HEADER]
  const token = typeof header === 'string' ? header : undefined
  const session = checkSession(options.sessionKey, token, options.clock.real())
  return session.ok ? session.person : null
}

/** Undefined, which no schema takes, for what is not declared as JSON: a plain form of another site is none. */
function readJson(request: FastifyRequest): unknown {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\b/iu.test(type) || !Buffer.isBuffer(request.body)) return undefined
  try {
    return JSON.parse(request.body.toString('utf8'))
  } catch {
    return undefined
  }
}

function uncached(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store')
}
