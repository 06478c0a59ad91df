import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SESSION_HEADER } from '../../src/adapters/web/inbound.ts'
import type { LinkedFile, WirePost } from '../../src/adapters/web/post.ts'
import type { Address } from '../../src/core/adapter.ts'
import type { InboundEvent } from '../../src/core/event.ts'
import type { WebDesk } from '../support/web-desk.ts'
import { makeWebDesk, WORKSPACE } from '../support/web-desk.ts'

let desk: WebDesk
let origin: string
let events: InboundEvent[]

beforeEach(async () => {
  events = []
  // These tests are about the server; any folder serves for the page.
  const page = new URL('../fixtures/web/', import.meta.url).pathname
  desk = await makeWebDesk({
    page,
    async handle(event) {
      events.push(event)
      return { kind: 'accepted' }
    },
  })
  await desk.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = desk.app.server.address() as AddressInfo
  origin = `http://127.0.0.1:${port}`
})

afterEach(() => desk.app.close())

const json = { 'content-type': 'application/json' }

async function sessionOf(person: string): Promise<string> {
  const response = await fetch(`${origin}/web/session`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ as: person }),
  })
  return ((await response.json()) as { token: string }).token
}

async function send(person: string, event: Readonly<Record<string, unknown>>): Promise<Response> {
  const headers = { ...json, [SESSION_HEADER]: await sessionOf(person) }
  return fetch(`${origin}/web/events`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ id: randomUUID(), ...event }),
  })
}

async function posts(person: string, channel: string): Promise<readonly WirePost[]> {
  const headers = { [SESSION_HEADER]: await sessionOf(person) }
  const response = await fetch(`${origin}/web/posts?${new URLSearchParams({ channel })}`, { headers })
  expect(response.status).toBe(200)
  return ((await response.json()) as { posts: readonly WirePost[] }).posts
}

async function botSays(
  to: Address['to'],
  text: string,
  key: string = randomUUID(),
  replaces: Address['replaces'] = null,
) {
  const [payload] = desk.adapter.render({ text }, 'en')
  const delivery = {
    key,
    unsure: false,
    signal: AbortSignal.timeout(5_000),
    file: async () => new Uint8Array(),
  }
  const receipt = await desk.adapter.send(payload!, { install: 'web', to, replaces }, delivery)
  desk.web.wake()
  return receipt
}

/** Reads a stream until `count` posts have come. */
async function streamed(query: URLSearchParams, count: number): Promise<{ for: string[]; post: WirePost }[]> {
  const abort = new AbortController()
  const response = await fetch(`${origin}/web/stream?${query}`, { signal: abort.signal })
  expect(response.status).toBe(200)
  const found: { for: string[]; post: WirePost }[] = []
  let rest = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const frames = `${rest}${chunk}`.split('\n\n')
    rest = frames.pop() ?? ''
    for (const frame of frames) {
      if (frame.includes('event: post')) found.push(JSON.parse(frame.slice(frame.indexOf('data: ') + 6)))
    }
    if (found.length >= count) break
  }
  abort.abort()
  return found
}

describe('what comes from elsewhere', () => {
  it('is refused under another host name, and from another site’s page', async () => {
    const under = (headers: Record<string, string>) => desk.app.inject({ url: '/web/directory', headers })
    expect((await under({ host: 'evil.example' })).statusCode).toBe(403)
    expect((await under({ host: 'localhost:3000', origin: 'http://evil.example' })).statusCode).toBe(403)
    expect((await under({ host: 'localhost:3000', origin: 'http://localhost:4000' })).statusCode).toBe(403)
    expect((await under({ host: 'localhost:3000', origin: 'http://localhost:3000' })).statusCode).toBe(200)
    expect((await under({ host: '[::1]:3000' })).statusCode).toBe(200)
  })

  it('cannot send a form across sites in place of JSON', async () => {
    const response = await fetch(`${origin}/web/clock`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{"advance":"PT1H"}',
    })
    expect(response.status).toBe(400)
  })

  it('needs a session', async () => {
    for (const path of ['/web/posts?channel=it', '/web/stream?session=li.x.y']) {
      expect((await fetch(`${origin}${path}`)).status).toBe(401)
    }
    expect((await fetch(`${origin}/web/files?name=a.txt`, { method: 'POST', body: 'x' })).status).toBe(401)
    expect((await fetch(`${origin}/web/events`, { method: 'POST', body: '{}' })).status).toBe(401)
  })

  it('gets a page that may load nothing foreign and nothing inline', async () => {
    const policy = (await fetch(`${origin}/`)).headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
  })
})

describe('a conversation', () => {
  it('keeps one post for a message however often it is sent', async () => {
    const message = { id: randomUUID(), type: 'message', channel: 'dm:ana', text: 'Hello' }
    await send('ana', message)
    await send('ana', { type: 'edit', channel: 'dm:ana', message: message.id, text: 'Hello again' })
    await send('ana', message)
    const [post, ...others] = await posts('ana', 'dm:ana')
    expect(others).toEqual([])
    expect(post).toMatchObject({ text: 'Hello again', author: 'ana', deleted: false })
    expect(post?.editedAt).not.toBeNull()
    expect(events.map(({ key }) => key)).toEqual([
      events[0]?.key,
      expect.stringContaining('edit:'),
      events[0]?.key,
    ])
  })

  it('does not bring an older wording back when an edit is repeated late', async () => {
    const id = randomUUID()
    await send('ana', { id, type: 'message', channel: 'dm:ana', text: 'one' })
    const first = { id: randomUUID(), type: 'edit', channel: 'dm:ana', message: id, text: 'two' }
    await send('ana', first)
    await send('ana', { type: 'edit', channel: 'dm:ana', message: id, text: 'three' })
    await send('ana', first)
    expect((await posts('ana', 'dm:ana'))[0]?.text).toBe('three')
  })

  it('leaves nothing of the words of a deleted message', async () => {
    const id = randomUUID()
    await send('ana', { id, type: 'message', channel: 'dm:ana', text: 'my password is hunter2' })
    await send('ana', { type: 'delete', channel: 'dm:ana', message: id })
    expect((await posts('ana', 'dm:ana'))[0]).toMatchObject({ deleted: true, text: '' })
    expect(JSON.stringify(await desk.room.get(WORKSPACE, id))).not.toContain('hunter2')
  })

  it('belongs to who is in it', async () => {
    const id = randomUUID()
    await send('li', { id, type: 'message', channel: 'it', text: 'mine' })
    const refused = await Promise.all([
      send('ana', { type: 'message', channel: 'it', text: 'let me in' }),
      send('ana', { type: 'message', channel: 'dm:li', text: 'let me in' }),
      send('li', { type: 'message', channel: 'home:li', text: 'on my page' }),
      send('sam', { type: 'edit', channel: 'it', message: id, text: 'not mine' }),
      send('sam', { type: 'delete', channel: 'it', message: id }),
      send('sam', { id, type: 'message', channel: 'it', text: 'the same id' }),
      send('sam', { type: 'message', channel: 'dm:sam', thread: id, text: 'a thread of elsewhere' }),
      send('sam', {
        type: 'message',
        channel: 'it',
        text: '',
        files: [{ id: 'secret', key: 'x'.repeat(43) }],
      }),
    ])
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 400))
    expect((await posts('sam', 'it')).map(({ text }) => text)).toEqual(['mine'])
    const headers = { [SESSION_HEADER]: await sessionOf('ana') }
    expect((await fetch(`${origin}/web/posts?channel=it`, { headers })).status).toBe(403)
  })

  it('shows a private note to one person, and a replaced card in its place', async () => {
    const card = await botSays({ kind: 'channel', channel: 'it', thread: null }, 'IT-1 new', 'card:1')
    await botSays({ kind: 'private', channel: 'it', thread: card.message, person: 'li' }, 'only you')
    await botSays({ kind: 'channel', channel: 'it', thread: null }, 'IT-1 claimed', 'card:2', card)
    await botSays({ kind: 'channel', channel: 'it', thread: null }, 'IT-1 claimed', 'card:2', card)
    expect((await posts('li', 'it')).map(({ text }) => text).sort()).toEqual(['IT-1 claimed', 'only you'])
    expect((await posts('sam', 'it')).map(({ text }) => text)).toEqual(['IT-1 claimed'])
  })

  it('replaces a home page and keeps it to its owner', async () => {
    await botSays({ kind: 'home', person: 'li' }, 'first')
    await botSays({ kind: 'home', person: 'li' }, 'second')
    expect((await posts('li', 'home:li')).map(({ text }) => text)).toEqual(['second'])
    const headers = { [SESSION_HEADER]: await sessionOf('sam') }
    expect((await fetch(`${origin}/web/posts?channel=home:li`, { headers })).status).toBe(403)
  })
})

describe('the stream', () => {
  it('catches up from a revision, then goes on, each post for those who may see it', async () => {
    await send('li', { type: 'message', channel: 'it', text: 'before' })
    const query = new URLSearchParams([
      ['session', await sessionOf('li')],
      ['session', await sessionOf('sam')],
      ['after', '0'],
    ])
    const reading = streamed(query, 3)
    await botSays({ kind: 'private', channel: 'it', thread: null, person: 'sam' }, 'for Sam')
    await botSays({ kind: 'channel', channel: 'dm:ana', thread: null }, 'for Ana')
    await send('sam', { type: 'message', channel: 'it', text: 'after' })
    const seen = (await reading).map((said) => [said.for, said.post.text])
    expect(seen).toEqual([
      [['li', 'sam'], 'before'],
      [['sam'], 'for Sam'],
      [['li', 'sam'], 'after'],
    ])
  })

  it('begins with what comes next where no revision is given', async () => {
    for (let n = 0; n < 37; n += 1) await send('li', { type: 'message', channel: 'it', text: `old ${n}` })
    const reading = streamed(new URLSearchParams({ session: await sessionOf('li') }), 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await send('sam', { type: 'message', channel: 'it', text: 'new' })
    expect((await reading).map(({ post }) => post.text)).toEqual(['new'])
  })

  it('ends when the desk goes down', async () => {
    const response = await fetch(`${origin}/web/stream?session=${await sessionOf('li')}`)
    const ended = response.text()
    await desk.app.close()
    expect(await ended).toContain('event: hello')
  })
})

describe('files', () => {
  async function upload(name: string, body: Uint8Array<ArrayBuffer> | string): Promise<LinkedFile> {
    const headers = { [SESSION_HEADER]: await sessionOf('li'), 'content-type': 'text/html' }
    const response = await fetch(`${origin}/web/files?${new URLSearchParams({ name })}`, {
      method: 'POST',
      headers,
      body,
    })
    expect(response.status).toBe(200)
    return (await response.json()) as LinkedFile
  }
  const at = (file: LinkedFile, key = file.key) =>
    fetch(`${origin}/web/files/${file.id}?${new URLSearchParams({ key })}`)

  it('are known by their bytes, and open with the key of their post alone', async () => {
    const png = Uint8Array.from(
      Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
        'base64',
      ),
    )
    const file = await upload('a.html', png)
    expect(file).toMatchObject({ mime: 'image/png', size: png.byteLength })
    await send('li', { type: 'message', channel: 'it', text: '', files: [file] })
    const shown = (await posts('sam', 'it'))[0]?.files[0]
    const response = await at(shown!)
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(png)
    expect((await at(file, 'x'.repeat(43))).status).toBe(403)
  })

  it('never run in the page: a web page is a download under a sandbox', async () => {
    const file = await upload('..\\..\\"报告".html', '<script>alert(1)</script>')
    const { headers } = await at(file)
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="____.html"; filename\*=UTF-8''%22/u,
    )
    expect(headers.get('content-security-policy')).toContain('sandbox')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('over 10 MB are refused', async () => {
    const headers = { [SESSION_HEADER]: await sessionOf('li') }
    const body = new Uint8Array(10 * 1024 * 1024 + 1)
    const response = await fetch(`${origin}/web/files?name=big.bin`, { method: 'POST', headers, body })
    expect(response.status).toBe(413)
  })
})

describe('the time machine', () => {
  const advance = (step: unknown) =>
    fetch(`${origin}/web/clock`, { method: 'POST', headers: json, body: JSON.stringify({ advance: step }) })

  it.each(['PT1H', 'PT5M', 'P1D', 'P1W', 'P1M', 'next-business-day'])('goes on by %s', async (step) => {
    const before = desk.clock.now().getTime()
    const response = await advance(step)
    expect(response.status).toBe(200)
    expect(new Date(((await response.json()) as { now: string }).now).getTime()).toBeGreaterThan(before)
  })

  it.each([
    ['-PT1H', 'clock.backwards'],
    ['PT0S', 'clock.backwards'],
    ['P367D', 'clock.too-far'],
    ['P999999Y', 'clock.malformed'],
    ['1 hour', 'clock.malformed'],
    [3600, 'clock.malformed'],
  ])('refuses %s', async (step, error) => {
    const response = await advance(step)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error })
  })
})
