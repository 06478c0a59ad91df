import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import type { Directory, WebChannel } from '../../src/adapters/web/directory.ts'
import { webAdapter } from '../../src/adapters/web/index.ts'
import type { WebServer } from '../../src/adapters/web/server.ts'
import { registerWeb } from '../../src/adapters/web/server.ts'
import type { Adapter, Outcome } from '../../src/core/adapter.ts'
import type { InboundEvent } from '../../src/core/event.ts'
import type { Clock, Files, Log, Room } from '../../src/core/ports.ts'
import { memoryFiles, memoryRoom } from './memory-room.ts'

/** The web chat without the desk behind it: what comes in is given to `handle`, which says what to answer. */
export interface WebDesk {
  readonly app: FastifyInstance
  readonly adapter: Adapter
  readonly room: Room
  readonly files: Files
  readonly web: WebServer
  readonly clock: Clock
}

export const WORKSPACE = 'w1'
export const SESSION_KEY = new Uint8Array(32).fill(7)
export const BUILT_PAGE = fileURLToPath(new URL('../../dist/adapters/web/page', import.meta.url))

const itQueue: WebChannel = { id: 'it', title: { en: 'it-desk', zh: 'IT 服务台' }, kind: 'queue' }
const managers: WebChannel = { id: 'managers', title: { en: 'managers', zh: '管理层' }, kind: 'managers' }

function direct(id: string): WebChannel {
  return { id: `dm:${id}`, title: { en: 'gongdan', zh: '工单助手' }, kind: 'direct' }
}

export const directory: Directory = {
  zone: 'Asia/Shanghai',
  people: [
    {
      id: 'xiaoming',
      name: '王小明',
      roles: ['requester'],
      locale: 'zh',
      mail: 'xiaoming@example.com',
      channels: [direct('xiaoming')],
    },
    {
      id: 'ana',
      name: 'Ana Ortiz',
      roles: ['requester'],
      locale: 'en',
      mail: null,
      channels: [direct('ana')],
    },
    {
      id: 'li',
      name: '李雷',
      roles: ['requester', 'agent'],
      locale: 'zh',
      mail: null,
      channels: [itQueue, direct('li')],
    },
    {
      id: 'sam',
      name: 'Sam Okafor',
      roles: ['requester', 'agent', 'lead'],
      locale: 'en',
      mail: null,
      channels: [itQueue, direct('sam')],
    },
    {
      id: 'mei',
      name: '陈美',
      roles: ['requester', 'manager'],
      locale: 'zh',
      mail: null,
      channels: [managers, itQueue, direct('mei')],
    },
  ],
}

export const silent: Log = { info() {}, warn() {}, error() {}, debug() {} }

export interface WebDeskOptions {
  readonly handle?: (event: InboundEvent, desk: WebDesk) => Promise<Outcome>
  readonly page?: string
  readonly demo?: boolean
  readonly start?: Date
  readonly log?: Log
}

/** Builds the server with a memory room. It does not listen yet. */
export async function makeWebDesk(options: WebDeskOptions = {}): Promise<WebDesk> {
  const started = performance.now()
  let desk = (options.start ?? new Date('2026-03-02T09:30:00+08:00')).getTime()
  const clock: Clock = {
    now: () => new Date(desk + (performance.now() - started)),
    real: () => new Date(performance.timeOrigin + performance.now()),
  }
  const [room, files, log] = [memoryRoom(), memoryFiles(), options.log ?? silent]
  const base = {
    room,
    files,
    log,
    clock,
    directory: async () => directory,
    workspace: WORKSPACE,
    install: 'web',
    sessionKey: SESSION_KEY,
  }
  const adapter = webAdapter(base)
  const app = fastify()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  const demo = options.demo ?? true
  const web = await registerWeb(app, {
    ...base,
    ids: { next: () => randomUUID() },
    page: options.page ?? BUILT_PAGE,
    hosts: [],
    demo,
    timeMachine: {
      async advance(step) {
        desk += step.kind === 'by' ? step.milliseconds : 86_400_000
        return clock.now()
      },
    },
  })
  const made: WebDesk = { app, adapter, room, files, web, clock }
  app.post('/web/events', async (request, reply) => {
    const received = await adapter.receive({
      method: request.method,
      path: request.url,
      query: {},
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      ),
      body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
      at: clock.real(),
    })
    if (received.kind === 'refused') return reply.code(received.status).send({ error: received.reason })
    if (received.kind === 'answered') return reply.code(received.response.status).send(received.response.body)
    let outcome: Outcome = { kind: 'accepted' }
    for (const event of received.events) outcome = (await options.handle?.(event, made)) ?? outcome
    const answer = await received.answer(outcome)
    web.wake()
    return reply.code(answer.status).headers(answer.headers).send(answer.body)
  })
  return made
}
