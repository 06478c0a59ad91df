import type { FastifyReply, FastifyRequest } from 'fastify'
import type { WebPerson } from './directory.ts'
import type { InboundOptions } from './inbound.ts'
import type { Changes } from './stream.ts'
import { maySee, wirePost } from './wire.ts'

/** How often an idle stream says that it lives, and what time the desk has, in milliseconds. */
const HEARTBEAT_MS = 10_000
/** A reader who does not read is let go at this many bytes waiting; he comes back and catches up by his cursor. */
const BACKLOG_MAX = 4 * 1024 * 1024

interface Stream {
  /** One stream serves every person that the page shows: a browser opens six connections to a host and no more. */
  readonly readers: readonly WebPerson[]
  /** Asked again now and then: a session runs out, a person leaves a channel. Null ends the stream. */
  again(): Promise<readonly WebPerson[] | null>
  readonly after: number | null
  readonly changes: Changes
  readonly options: InboundOptions
}

/**
 * Answers with server-sent events: `hello` ({from}: the revision that the stream begins after), `post`
 * ({for: person ids, post}) with the revision as its id, and `clock` ({now}: the desk's time) as heartbeat.
 */
export async function openStream(
  request: FastifyRequest,
  reply: FastifyReply,
  stream: Stream,
): Promise<FastifyReply> {
  const { changes, options } = stream
  let { readers } = stream
  const headers = Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)])
  reply.hijack()
  const { raw } = reply
  raw.on('error', () => raw.destroy())
  raw.writeHead(200, {
    ...Object.fromEntries(headers),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  const write = (event: string, data: unknown, id?: number): void => {
    if (raw.writableEnded || raw.destroyed) return
    raw.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    if (raw.writableLength > BACKLOG_MAX) raw.destroy()
  }
  const fail = (error: unknown): void => {
    options.log.warn({ kind: error instanceof Error ? error.name : typeof error }, 'a web stream broke off')
    raw.end()
  }
  const beat = async (): Promise<void> => {
    write('clock', { now: options.clock.now().toISOString() })
    const still = await stream.again()
    if (still === null) raw.end()
    else readers = still
  }

  const closed = new Promise<void>((resolve) => request.raw.once('close', resolve))
  const heartbeat = setInterval(() => void beat().catch(fail), HEARTBEAT_MS)
  void closed.then(() => clearInterval(heartbeat))

  try {
    write('clock', { now: options.clock.now().toISOString() })
    const following = await changes.follow(stream.after, {
      show(post) {
        const seenBy = readers.filter((person) => maySee(person, post)).map(({ id }) => id)
        if (seenBy.length === 0) return
        const wire = wirePost(post, options.sessionKey, options.clock.real())
        write('post', { for: seenBy, post: wire }, post.revision)
      },
      stopped: () => raw.end(),
    })
    write('hello', { from: following.from })
    void closed.then(() => following.end())
  } catch (error) {
    fail(error)
  }
  return reply
}
