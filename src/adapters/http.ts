import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Fastify from 'fastify'
import type { Adapter, Outcome, RawRequest } from '../core/adapter.ts'
import type { InboundEvent } from '../core/event.ts'
import type { Clock, Log } from '../core/ports.ts'

/** Bytes of a webhook; platforms send far less. */
const BODY_MAX = 4 * 1024 * 1024

/** What the doors need of the desk. */
export interface Reception {
  /** What can be answered before anything is stored, such as opening a form. */
  consult(event: InboundEvent): Promise<Outcome | null>
  /** Resolves when the events are durable. */
  accept(events: readonly InboundEvent[]): Promise<void>
}

/** The one server: bodies are kept as raw bytes, since every signature is over them. */
export function httpServer(log: Log): FastifyInstance {
  const app = Fastify({
    bodyLimit: BODY_MAX,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
  })
  // Connections that are idle when closing begins are ended by it; those that become idle afterwards would be waited for
  // until their clients let go of them, which takes up to 72 seconds.
  app.addHook('preClose', async () => {
    const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
    app.server.once('close', () => clearInterval(sweep))
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error: { statusCode?: number; code?: string; name?: string }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500)
      log.error({ code: error.code ?? error.name, route: request.routeOptions.url }, 'a request failed')
    void reply
      .code(status)
      .send({ error: status === 413 ? 'too-large' : status >= 500 ? 'internal' : 'bad-request' })
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not-found' }))
  return app
}

/** The door of a platform: verify, decode, make durable, answer. Nothing slow stands on this way. */
export function openDoor(
  app: FastifyInstance,
  path: string,
  methods: ('GET' | 'POST')[],
  adapter: Adapter,
  reception: Reception,
  clock: Clock,
  log: Log,
): void {
  app.route({
    method: methods,
    url: path,
    handler: async (request, reply) => {
      const received = await adapter.receive(rawOf(request, path, clock.real()))
      if (received.kind === 'refused') {
        log.warn({ platform: adapter.platform, reason: received.reason }, 'a request was refused')
        return reply.code(received.status).send({ error: received.reason })
      }
      if (received.kind === 'answered') return answerWith(reply, received.response)
      const outcome = await outcomeOf(received.events, reception)
      return answerWith(reply, await received.answer(outcome))
    },
  })
}

/** What a door answers: a form or a note if that is all there is to do, else that the events are durable. */
export async function outcomeOf(events: readonly InboundEvent[], reception: Reception): Promise<Outcome> {
  const [first] = events
  if (first !== undefined && events.length === 1) {
    const outcome = await reception.consult(first)
    if (outcome !== null) return outcome
  }
  await reception.accept(events)
  return { kind: 'accepted' }
}

const NOTHING = new Uint8Array()

function rawOf(request: FastifyRequest, path: string, at: Date): RawRequest {
  const headers: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(request.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : value
  return {
    method: request.method,
    path,
    query: request.query as Record<string, string>,
    headers,
    body: Buffer.isBuffer(request.body) ? request.body : NOTHING,
    at,
  }
}

function answerWith(
  reply: FastifyReply,
  response: { status: number; headers: Readonly<Record<string, string>>; body: string },
): FastifyReply {
  return reply.code(response.status).headers(response.headers).send(response.body)
}
