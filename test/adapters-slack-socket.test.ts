import { afterEach, beforeEach, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import { slackAdapter } from '../src/adapters/slack/index.ts'
import type { Adapter, Stop } from '../src/core/adapter.ts'
import { Fault } from '../src/core/adapter.ts'
import type { InboundEvent } from '../src/core/event.ts'
import { NOW, recordingLog } from './contract/adapter-contract.ts'
import type { Loopback } from './contract/loopback.ts'
import { loopback } from './contract/loopback.ts'

const APP_TOKEN = 'xapp-socket-secret'
let api: Loopback
let sockets: WebSocketServer
let lines: string[]
let stop: Stop | undefined
/** What Slack's side of the socket has received, and the connections it has seen. */
let acks: { envelope_id: string; payload: unknown }[]
let lives: WebSocket[]

beforeEach(async () => {
  acks = []
  lives = []
  stop = undefined
  api = await loopback()
  sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => sockets.once('listening', resolve))
  sockets.on('connection', (socket) => {
    lives.push(socket)
    socket.on('message', (data) => acks.push(JSON.parse(String(data))))
    socket.send(JSON.stringify({ type: 'hello', num_connections: 1 }))
  })
  const address = sockets.address()
  const port = typeof address === 'object' ? address?.port : 0
  api.answer(() => ({ status: 200, body: JSON.stringify({ ok: true, url: `ws://127.0.0.1:${port}/link` }) }))
})

afterEach(async () => {
  await stop?.()
  for (const socket of lives) socket.terminate()
  await new Promise((resolve) => sockets.close(resolve))
  await api.close()
})

function adapter(): Adapter {
  const recording = recordingLog()
  lines = recording.lines
  return slackAdapter({
    signingSecret: null,
    botToken: 'xoxb-socket-secret',
    appToken: APP_TOKEN,
    apiUrl: `${api.origin}/api/`,
    clock: { now: () => NOW, real: () => NOW },
    log: recording.log,
  })
}

function envelope(id: string) {
  const event = {
    type: 'message',
    user: 'U1',
    channel: 'D1',
    channel_type: 'im',
    ts: '1772441999.000100',
    text: 'Hi',
  }
  const payload = { type: 'event_callback', team_id: 'T1', event }
  return JSON.stringify({ type: 'events_api', envelope_id: id, payload, accepts_response_payload: false })
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}

it('acknowledges after the events are durable, and not when they are not', async () => {
  const seen: InboundEvent[] = []
  let durable: () => void = () => {}
  let broken = false
  stop = await adapter().listen?.(async (events) => {
    if (broken) throw new Error('the database is away')
    seen.push(...events)
    await new Promise<void>((resolve) => {
      durable = resolve
    })
    return { kind: 'accepted' }
  })
  expect(api.calls[0]?.headers.authorization).toBe(`Bearer ${APP_TOKEN}`)
  lives[0]?.send(envelope('e1'))
  await until(() => seen.length === 1)
  expect(seen[0]).toMatchObject({ type: 'message', key: 'message:slack:T1:D1:1772441999.000100' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(acks).toEqual([])
  durable()
  await until(() => acks.length === 1)
  expect(acks[0]).toMatchObject({ envelope_id: 'e1' })

  broken = true
  lives[0]?.send(envelope('e2'))
  await until(() => lines.some((line) => line.includes('not acknowledged')))
  expect(acks).toHaveLength(1)
  expect(lines.join()).not.toContain('secret')
})

it('comes back at once after Slack’s routine disconnect', async () => {
  stop = await adapter().listen?.(async () => ({ kind: 'accepted' }))
  const started = performance.now()
  lives[0]?.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }))
  await until(() => lives.length === 2)
  expect(performance.now() - started).toBeLessThan(2_000)
  lives[1]?.send(envelope('e3'))
  await until(() => acks.length === 1)
})

it('keeps trying when Slack is away, and stops when it is told to', async () => {
  api.answer(() => 'reset')
  stop = await adapter().listen?.(async () => ({ kind: 'accepted' }))
  await until(() => api.calls.length >= 2)
  expect(lines.join()).toContain('socket not connected')
})

it('refuses a wrong app token with a Fault', async () => {
  api.answer(() => ({ status: 200, body: '{"ok":false,"error":"invalid_auth"}' }))
  await expect(adapter().listen?.(async () => ({ kind: 'accepted' }))).rejects.toBeInstanceOf(Fault)
})
