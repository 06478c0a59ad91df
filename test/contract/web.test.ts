import type { WebPerson } from '../../src/adapters/web/directory.ts'
import { webAdapter } from '../../src/adapters/web/index.ts'
import { postBody } from '../../src/adapters/web/post.ts'
import { fileKey, issueSession } from '../../src/adapters/web/session.ts'
import type { Payload, RawRequest } from '../../src/core/adapter.ts'
import type { InboundEvent } from '../../src/core/event.ts'
import { memoryFiles, memoryRoom } from '../support/memory-room.ts'
import type { Control, Fixture, Harness, Refusal } from './adapter-contract.ts'
import { adapterContract } from './adapter-contract.ts'

const KEY = new TextEncoder().encode('a session key of thirty-two bytes')
const WORKSPACE = 'w1'
const ID = '5f0c2e8a-7d1b-4c57-9d2e-0a4b5c6d7e8f'
const PLACE = { platform: 'web', install: 'web', channel: 'dm:ana', direct: true, thread: null } as const
const FROM = { id: 'ana', name: 'Ana Ortiz', locale: 'en' }

const ana: WebPerson = {
  id: 'ana',
  name: 'Ana Ortiz',
  roles: ['requester'],
  locale: 'en',
  mail: null,
  channels: [
    { id: 'dm:ana', title: { en: 'gongdan', zh: '工单' }, kind: 'direct' },
    { id: 'it', title: { en: 'it', zh: 'IT' }, kind: 'queue' },
  ],
}

/** A request as the page would send it, with a session of `issued`. */
function sent(body: string | Uint8Array, at: Date, issued = at): RawRequest {
  return {
    method: 'POST',
    path: '/web/events',
    query: {},
    headers: { 'content-type': 'application/json', 'x-gongdan-session': issueSession(KEY, 'ana', issued) },
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    at,
  }
}

function asked(type: string, more: Readonly<Record<string, unknown>>, at: Date): RawRequest {
  return sent(JSON.stringify({ id: ID, type, channel: 'dm:ana', ...more }), at)
}

function refusals(at: Date): readonly Refusal[] {
  const good = asked('message', { text: 'Hello' }, at)
  const hours = (count: number) => new Date(at.getTime() + count * 3_600_000)
  const under = (token: string) => ({ ...good, headers: { ...good.headers, 'x-gongdan-session': token } })
  const token = issueSession(KEY, 'ana', at)
  const [, issued, signature] = token.split('.')
  const text = JSON.stringify({ id: ID, type: 'message', channel: 'dm:ana', text: 'Hello' })
  const latin1 = Uint8Array.from([...new TextEncoder().encode('{"type":"'), 0xe9, 0xff, 0x22, 0x7d])
  return [
    { name: 'unsigned', request: under(`mei.${issued}.${signature}`), status: 401, reason: 'forged' },
    { name: 'unsigned', request: under('ana'), status: 401, reason: 'forged' },
    { name: 'stale', request: sent(text, at, hours(-13)), status: 401, reason: 'stale' },
    { name: 'future', request: sent(text, at, hours(0.1)), status: 401, reason: 'stale' },
    { name: 'missing-header', request: { ...good, headers: {} }, status: 401, reason: 'unsigned' },
    { name: 'half', request: sent(text.slice(0, 40), at), status: 400, reason: 'malformed' },
    { name: 'not-utf8', request: sent(latin1, at), status: 400, reason: 'malformed' },
    {
      name: 'deep',
      request: sent(`${'['.repeat(90_000)}${']'.repeat(90_000)}`, at),
      status: 400,
      reason: 'malformed',
    },
  ]
}

function fixtures(at: Date): readonly Fixture[] {
  const own = `web:web:dm:ana:ana:${ID}`
  const base = { at, place: PLACE, from: FROM }
  const message = {
    ...base,
    type: 'message' as const,
    messageId: ID,
    key: `message:web:web:dm:ana:${ID}`,
    files: [],
  }
  const fixture = (name: string, request: RawRequest, event: InboundEvent): Fixture => ({
    name,
    request,
    events: [event],
  })
  return [
    fixture('a message', asked('message', { text: 'Hello' }, at), {
      ...message,
      text: 'Hello',
      mentioned: false,
    }),
    fixture(
      'a mention in a channel, with a file',
      asked(
        'message',
        {
          id: ID.replace('5f', '6f'),
          channel: 'it',
          text: '@工单:认领 1',
          files: [{ id: 'file-1', key: fileKey(KEY, 'file-1', at) }],
          locale: 'zh',
        },
        at,
      ),
      {
        ...message,
        key: `message:web:web:it:${ID.replace('5f', '6f')}`,
        place: { ...PLACE, channel: 'it', direct: false },
        from: { ...FROM, locale: 'zh' },
        messageId: ID.replace('5f', '6f'),
        text: '认领 1',
        mentioned: true,
        files: [{ id: 'file-1', name: 'a.txt', mime: 'text/plain', size: 2, source: 'file-1' }],
      },
    ),
    fixture('an edit in a thread', asked('edit', { message: 'reply-1', text: 'Better' }, at), {
      ...base,
      type: 'edit',
      key: `edit:web:web:dm:ana:reply-1:${ID}`,
      place: { ...PLACE, thread: 'root-1' },
      messageId: 'reply-1',
      text: 'Better',
    }),
    fixture('a deletion', asked('delete', { message: 'root-1' }, at), {
      type: 'deletion',
      key: 'deletion:web:web:dm:ana:root-1',
      at,
      place: PLACE,
      messageId: 'root-1',
    }),
    fixture('a command', asked('command', { text: 'claim 1' }, at), {
      ...base,
      type: 'command',
      key: `command:${own}`,
      text: 'claim 1',
    }),
    fixture('a visit to the home page', asked('home', { channel: 'dm:ana' }, at), {
      ...base,
      type: 'home',
      key: `home:${own}`,
    }),
    fixture('a capture', asked('capture', { message: 'root-1' }, at), {
      ...base,
      type: 'capture',
      key: `capture:${own}`,
      messageId: 'root-1',
      message: { author: FROM, text: 'The root', files: [] },
    }),
    { name: 'a type of a later page', request: asked('react', { message: 'root-1' }, at), events: [] },
  ]
}

function bodyOf(payload: Payload) {
  return postBody.parse(payload.body)
}

const harness: Harness = {
  name: 'web',
  secrets: ['a session key of thirty-two bytes', Buffer.from(KEY).toString('base64url')],
  async open({ log, clock }) {
    const [room, files] = [memoryRoom(), memoryFiles()]
    const at = clock.now()
    const post = { channel: 'dm:ana', author: 'ana', visibleTo: null, at, editedAt: null, deletedAt: null }
    await room.put(WORKSPACE, { ...post, id: 'root-1', thread: null, body: { text: 'The root' } })
    await room.put(WORKSPACE, { ...post, id: 'reply-1', thread: 'root-1', body: { text: 'A reply' } })
    await files.put(
      WORKSPACE,
      { id: 'file-1', name: 'a.txt', mime: 'text/plain', bytes: Uint8Array.of(1, 2) },
      at,
    )
    const adapter = webAdapter({
      room,
      files,
      log,
      clock,
      directory: async () => ({ people: [ana], zone: 'UTC' }),
      workspace: WORKSPACE,
      install: 'web',
      sessionKey: KEY,
    })
    return { adapter }
  },
  refusals,
  notRefused: {
    tampered:
      'the session proves who asks, and the page and the desk are one origin: bodies carry no signature',
    unconfigured: 'the session key is made at the first start; without one there is no web chat',
  },
  fixtures,
  handshakes: () => [],
  asking: (at) => asked('command', { text: 'open' }, at),
  violations(payload) {
    const parsed = postBody.safeParse(payload.body)
    const size = JSON.stringify(payload.body).length
    return [
      ...(parsed.success ? [] : ['the page cannot draw it']),
      ...(size > 1_000_000 ? [`${size} characters in one frame of the stream`] : []),
    ]
  },
  visible(payload) {
    const { text, by, blocks, files } = bodyOf(payload)
    const seen = blocks.map((block) => {
      switch (block.type) {
        case 'facts':
          return block.facts.map(({ label, value }) => `${label} ${value}`).join('\n')
        case 'buttons':
          return block.buttons.map(({ label }) => label).join('\n')
        case 'choice':
          return [block.label, ...block.options.map(({ label }) => label)].join('\n')
        case 'image':
          return block.alt
        case 'divider':
          return ''
        default:
          return block.text
      }
    })
    return [by ?? '', text, ...seen, ...files.map(({ name }) => name)].join('\n')
  },
  // Everything is drawn as text nodes: nothing that the page shows can notify anybody.
  mentions: () => [],
  controls(payload, at) {
    return bodyOf(payload).blocks.flatMap((block): Control[] => {
      if (block.type === 'buttons') {
        return block.buttons.map(({ label, action }) => ({
          label,
          action,
          value: null,
          request: asked('action', { action }, at),
        }))
      }
      if (block.type !== 'choice') return []
      return block.options.map(({ label, value }) => ({
        label,
        action: block.action,
        value,
        request: asked('action', { action: block.action, value }, at),
      }))
    })
  },
  submission({ response }, values, at) {
    const { form } = JSON.parse(response.body) as { form: { id: string } }
    return asked('form', { form: form.id, values }, at)
  },
  server: null,
  address: { install: 'web', to: { kind: 'channel', channel: 'it', thread: null }, replaces: null },
}

adapterContract(harness)
