import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { slackAdapter } from '../src/adapters/slack/index.ts'
import type { Adapter, Address } from '../src/core/adapter.ts'
import type { IncomingFile } from '../src/core/event.ts'
import type { Message } from '../src/core/message.ts'
import { delivery, faultOf, NOW, recordingLog } from './contract/adapter-contract.ts'
import type { Loopback, Reply } from './contract/loopback.ts'
import { loopback } from './contract/loopback.ts'

const TOKEN = 'xoxb-calls-secret'
const CHANNEL: Address = {
  install: 'T1',
  to: { kind: 'channel', channel: 'C1', thread: null },
  replaces: null,
}

let server: Loopback
let adapter: Adapter
/** Method → its answers, in order; the last one stays. Everything else is answered `ok`. */
let script: Record<string, Reply[]>

beforeEach(async () => {
  server = await loopback()
  script = {}
  server.answer((call) => {
    const method = call.path.replace('/api/', '')
    const replies = script[method] ?? []
    const reply = replies.length > 1 ? replies.shift() : replies[0]
    return reply ?? json({ ok: true })
  })
  adapter = slackAdapter({
    signingSecret: null,
    botToken: TOKEN,
    appToken: null,
    apiUrl: `${server.origin}/api/`,
    clock: { now: () => NOW, real: () => NOW },
    log: recordingLog().log,
    timeoutMs: 500,
  })
})
afterEach(() => server.close())

function json(body: unknown): Reply {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function sent(method: string): Record<string, string>[] {
  return server.calls
    .filter((call) => call.path === `/api/${method}`)
    .map((call) => Object.fromEntries(new URLSearchParams(call.body)))
}

const methods = () => server.calls.map((call) => call.path.replace('/api/', ''))
const signal = new AbortController().signal

function one(message: Message) {
  return adapter.render(message, 'en')[0]!
}

describe('posting', () => {
  it('escapes, names the delivery, and never lets Slack parse names', async () => {
    script['chat.postMessage'] = [json({ ok: true, channel: 'C1', ts: '1.1' })]
    const to: Address = { ...CHANNEL, to: { kind: 'channel', channel: 'C1', thread: '0.9' } }
    const receipt = await adapter.send(
      one({ text: 'a <!channel> & @here', author: 'An*a' }),
      to,
      delivery({ key: 'k1' }),
    )
    expect(receipt).toEqual({ channel: 'C1', message: '1.1' })
    const [args] = sent('chat.postMessage')
    expect(args).toMatchObject({
      channel: 'C1',
      thread_ts: '0.9',
      text: '*Ana*: a &lt;!channel&gt; &amp; @\u200bhere',
    })
    expect(JSON.parse(args?.metadata ?? '')).toEqual({
      event_type: 'gongdan_delivery',
      event_payload: { key: 'k1' },
    })
    expect(args).not.toHaveProperty('link_names')
    expect(args).not.toHaveProperty('parse')
    expect(server.calls[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`)
  })

  it('gives the real channel of a direct message', async () => {
    script['chat.postMessage'] = [json({ ok: true, channel: 'D7', ts: '1.1' })]
    const to: Address = { ...CHANNEL, to: { kind: 'person', person: 'U7', thread: null } }
    expect(await adapter.send(one({ text: 'x' }), to, delivery())).toEqual({ channel: 'D7', message: '1.1' })
    expect(methods()).toEqual(['chat.postMessage'])
  })

  it('answers in a thread of a direct conversation through its real id', async () => {
    script['conversations.open'] = [json({ ok: true, channel: { id: 'D7' } })]
    script['chat.postMessage'] = [json({ ok: true, channel: 'D7', ts: '1.2' })]
    const to: Address = { ...CHANNEL, to: { kind: 'person', person: 'U7', thread: '1.1' } }
    await adapter.send(one({ text: 'x' }), to, delivery())
    expect(sent('chat.postMessage')[0]).toMatchObject({ channel: 'D7', thread_ts: '1.1' })
  })

  it('finds what a doubtful attempt left, on a later page too, and posts nothing again', async () => {
    const mark = (key: string) => ({ event_type: 'gongdan_delivery', event_payload: { key } })
    script['conversations.replies'] = [
      json({
        ok: true,
        messages: [{ ts: '1.0' }, { ts: '1.1', metadata: mark('other') }],
        response_metadata: { next_cursor: 'n' },
      }),
      json({ ok: true, messages: [{ ts: '1.2', metadata: mark('k1') }] }),
    ]
    const to: Address = { ...CHANNEL, to: { kind: 'channel', channel: 'C1', thread: '0.9' } }
    const receipt = await adapter.send(one({ text: 'x' }), to, delivery({ key: 'k1', unsure: true }))
    expect(receipt).toEqual({ channel: 'C1', message: '1.2' })
    expect(methods()).toEqual(['conversations.replies', 'conversations.replies'])
    expect(sent('conversations.replies')[1]).toMatchObject({
      ts: '0.9',
      include_all_metadata: 'true',
      cursor: 'n',
    })
  })

  it('posts after a doubtful attempt that left nothing', async () => {
    script['conversations.history'] = [json({ ok: true, messages: [] })]
    script['chat.postMessage'] = [json({ ok: true, channel: 'C1', ts: '1.1' })]
    await adapter.send(one({ text: 'x' }), CHANNEL, delivery({ unsure: true }))
    expect(methods()).toEqual(['conversations.history', 'chat.postMessage'])
  })
})

describe('replacing', () => {
  const to: Address = { ...CHANNEL, replaces: { channel: 'C1', message: '1.1' } }

  it('clears the blocks of a card that becomes plain text', async () => {
    script['chat.update'] = [json({ ok: true, channel: 'C1', ts: '1.1' })]
    await adapter.send(one({ text: 'plain' }), to, delivery())
    expect(sent('chat.update')[0]).toMatchObject({ ts: '1.1', text: 'plain', blocks: '[]' })
  })

  it('posts anew when the old post is gone', async () => {
    script['chat.update'] = [json({ ok: false, error: 'message_not_found' })]
    script['chat.postMessage'] = [json({ ok: true, channel: 'C1', ts: '2.2' })]
    expect(await adapter.send(one({ text: 'x' }), to, delivery())).toEqual({ channel: 'C1', message: '2.2' })
  })

  it('is never unsure: an edit done twice is one edit', async () => {
    script['chat.update'] = [{ status: 502 }]
    expect(await faultOf(adapter.send(one({ text: 'x' }), to, delivery()))).toMatchObject({
      kind: 'retry',
      unsure: false,
    })
  })
})

describe('notes, home and files', () => {
  const note: Address = { ...CHANNEL, to: { kind: 'private', channel: 'C1', thread: '0.9', person: 'U7' } }

  it('shows a note to one person in the thread', async () => {
    script['chat.postEphemeral'] = [json({ ok: true, message_ts: '3.3' })]
    expect(await adapter.send(one({ text: 'x' }), note, delivery())).toEqual({
      channel: 'C1',
      message: '3.3',
    })
    expect(sent('chat.postEphemeral')[0]).toMatchObject({ channel: 'C1', user: 'U7', thread_ts: '0.9' })
  })

  it('writes directly to somebody who is not in the channel', async () => {
    script['chat.postEphemeral'] = [json({ ok: false, error: 'user_not_in_channel' })]
    script['chat.postMessage'] = [json({ ok: true, channel: 'D7', ts: '1.1' })]
    expect(await adapter.send(one({ text: 'x' }), note, delivery())).toEqual({
      channel: 'D7',
      message: '1.1',
    })
  })

  it('publishes the page of a person', async () => {
    script['views.publish'] = [json({ ok: true, view: { id: 'V1' } })]
    const to: Address = { ...CHANNEL, to: { kind: 'home', person: 'U7' } }
    const card = { blocks: [{ type: 'heading', text: 'Yours', tone: 'neutral' } as const] }
    expect(await adapter.send(one({ card }), to, delivery())).toEqual({ channel: 'U7', message: 'V1' })
    const view = JSON.parse(sent('views.publish')[0]?.view ?? '{}')
    expect(view).toMatchObject({ type: 'home', blocks: [{ type: 'header' }] })
  })

  it('shares a file: address, bytes, share', async () => {
    script['files.getUploadURLExternal'] = [
      json({ ok: true, upload_url: `${server.origin}/upload/1`, file_id: 'F1' }),
    ]
    script['files.completeUploadExternal'] = [
      json({ ok: true, files: [{ id: 'F1', shares: { private: { C1: [{ ts: '4.4' }] } } }] }),
    ]
    const file = { id: 'f', name: 'a.txt', mime: 'text/plain', size: 15 }
    const receipt = await adapter.send(one({ files: [file], author: 'Ana' }), CHANNEL, delivery())
    expect(receipt).toEqual({ channel: 'C1', message: '4.4' })
    expect(sent('files.getUploadURLExternal')[0]).toEqual({ filename: 'a.txt', length: '15' })
    expect(server.calls[1]).toMatchObject({ path: '/upload/1', body: 'bytes of a file' })
    expect(server.calls[1]?.headers).not.toHaveProperty('authorization')
    expect(sent('files.completeUploadExternal')[0]).toMatchObject({
      channel_id: 'C1',
      initial_comment: '*Ana*',
    })
  })

  it('is sure that nothing was shared when the bytes did not get through, and sends them to Slack only', async () => {
    const file = { id: 'f', name: 'a.txt', mime: 'text/plain', size: 15 }
    script['files.getUploadURLExternal'] = [
      json({ ok: true, upload_url: `${server.origin}/upload/1`, file_id: 'F1' }),
    ]
    script['/upload/1'] = [{ status: 500 }]
    const fault = await faultOf(adapter.send(one({ files: [file] }), CHANNEL, delivery()))
    expect(fault).toMatchObject({ kind: 'retry', unsure: false })
    script['files.getUploadURLExternal'] = [
      json({ ok: true, upload_url: 'http://169.254.169.254/x', file_id: 'F1' }),
    ]
    const foreign = await faultOf(adapter.send(one({ files: [file] }), CHANNEL, delivery()))
    expect(foreign).toMatchObject({ kind: 'gone', code: 'foreign-address' })
  })
})

describe('faults by Slack’s word', () => {
  const words: readonly (readonly [string, string, boolean])[] = [
    ['invalid_auth', 'reconnect', false],
    ['missing_scope', 'reconnect', false],
    ['account_inactive', 'reconnect', false],
    ['not_in_channel', 'gone', false],
    ['is_archived', 'gone', false],
    ['msg_too_long', 'bug', false],
    ['invalid_blocks', 'bug', false],
    ['fatal_error', 'retry', true],
    ['ratelimited', 'retry', false],
  ]
  for (const [code, kind, unsure] of words) {
    it(`${code}: ${kind}`, async () => {
      script['chat.postMessage'] = [json({ ok: false, error: code })]
      expect(await faultOf(adapter.send(one({ text: 'x' }), CHANNEL, delivery()))).toMatchObject({
        kind,
        code,
        unsure,
      })
    })
  }

  it('waits half a minute after a 429 without a delay', async () => {
    script['chat.postMessage'] = [{ status: 429 }]
    const fault = await faultOf(adapter.send(one({ text: 'x' }), CHANNEL, delivery()))
    expect(fault).toMatchObject({ kind: 'retry', afterMs: 30_000, unsure: false })
  })

  it('does not follow a redirect with the token', async () => {
    script['chat.postMessage'] = [{ status: 302, headers: { location: `${server.origin}/elsewhere` } }]
    await faultOf(adapter.send(one({ text: 'x' }), CHANNEL, delivery()))
    expect(methods()).toEqual(['chat.postMessage'])
  })
})

describe('people and history', () => {
  const user = {
    id: 'U1',
    team_id: 'T1',
    name: 'ana',
    real_name: 'Ana Lima',
    is_email_confirmed: true,
    locale: 'zh-CN',
    tz: 'Asia/Shanghai',
    profile: { display_name: '', real_name: 'Ana Lima', email: 'Ana@Example.com ' },
  }

  it('names a person', async () => {
    script['users.info'] = [json({ ok: true, user })]
    expect(await adapter.profile('U1', 'T1', signal)).toEqual({
      name: 'Ana Lima',
      mail: 'ana@example.com',
      locale: 'zh-CN',
      zone: 'Asia/Shanghai',
    })
    expect(sent('users.info')[0]).toMatchObject({ user: 'U1', include_locale: 'true' })
  })

  const unproved: readonly (readonly [string, object])[] = [
    ['unconfirmed', { is_email_confirmed: false }],
    ['a bot', { is_bot: true }],
    ['removed', { deleted: true }],
    ['from another company', { team_id: 'T9' }],
    ['a stranger', { is_stranger: true }],
  ]
  for (const [name, over] of unproved) {
    it(`does not vouch for the address of somebody ${name}`, async () => {
      script['users.info'] = [json({ ok: true, user: { ...user, ...over } })]
      expect(await adapter.profile('U1', 'T1', signal)).toMatchObject({ mail: null })
    })
  }

  it('knows when Slack will not say', async () => {
    script['users.info'] = [json({ ok: false, error: 'user_not_visible' })]
    expect(await adapter.profile('U1', 'T1', signal)).toBeNull()
  })

  it('reads the whole thread of a reply that a reaction named', async () => {
    const root = { ts: '1.000001', thread_ts: '1.000001', user: 'U1', text: 'root' }
    const reply = { ts: '2.000001', thread_ts: '1.000001', user: 'U2', text: 'me &amp; you' }
    script['conversations.replies'] = [
      json({ ok: true, messages: [reply] }),
      json({ ok: true, messages: [root, reply] }),
    ]
    const place = { platform: 'slack', install: 'T1', channel: 'C1', direct: false, thread: null } as const
    const past = await adapter.history(place, '2.000001', signal)
    expect(past.map((message) => message.text)).toEqual(['root', 'me & you'])
    expect(past[1]).toMatchObject({ at: new Date(2000), author: { id: 'U2' }, files: [] })
  })
})

describe('fetching files', () => {
  const file = (over: Partial<IncomingFile> = {}): IncomingFile => ({
    id: 'F1',
    name: 'a.png',
    mime: 'image/png',
    size: 4,
    source: `${server.origin}/files/a.png`,
    ...over,
  })
  const fetched = (over: Partial<IncomingFile> = {}, max = 100) =>
    adapter.download(file(over), 'T1', max, signal)

  it('takes the bytes with the token', async () => {
    script['/files/a.png'] = [{ status: 200, body: 'PNG!' }]
    expect(Buffer.from(await fetched()).toString()).toBe('PNG!')
    expect(server.calls[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`)
  })

  it('asks Slack for the address of a file from another company', async () => {
    script['files.info'] = [json({ ok: true, file: { url_private_download: `${server.origin}/files/b` } })]
    script['/files/b'] = [{ status: 200, body: 'b' }]
    expect(Buffer.from(await fetched({ source: '' })).toString()).toBe('b')
  })

  it('stops at the limit', async () => {
    script['/files/a.png'] = [{ status: 200, body: 'x'.repeat(101) }]
    expect(await faultOf(fetched())).toMatchObject({ kind: 'gone', code: 'file-too-large' })
  })

  it('gives the token to nobody but Slack, over redirects too', async () => {
    for (const source of [
      'https://evil.example/a',
      'http://files.slack.com/a',
      'https://files.slack.com.evil.example/a',
      'https://slack.com@evil.example/',
      'file:///etc/passwd',
      'nonsense',
    ]) {
      expect(await faultOf(fetched({ source }))).toMatchObject({ kind: 'gone', code: 'foreign-address' })
    }
    script['/files/a.png'] = [{ status: 302, headers: { location: 'https://evil.example/a' } }]
    expect(await faultOf(fetched())).toMatchObject({ kind: 'gone', code: 'foreign-address' })
  })

  it('sees the sign-in page for what it is', async () => {
    script['/files/a.png'] = [
      { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<html>' },
    ]
    expect(await faultOf(fetched())).toMatchObject({ kind: 'reconnect', code: 'missing_scope' })
  })
})

describe('examine', () => {
  it('says what is missing, with the remedy', async () => {
    script['auth.test'] = [
      {
        status: 200,
        headers: {
          'content-type': 'application/json',
          'x-oauth-scopes': 'chat:write,commands,im:history,im:write,users:read',
        },
        body: JSON.stringify({ ok: true, user_id: 'U0', team_id: 'T1' }),
      },
    ]
    script['conversations.info'] = [
      json({ ok: true, channel: { is_member: true } }),
      json({ ok: true, channel: { is_member: false } }),
      json({ ok: false, error: 'channel_not_found' }),
    ]
    const findings = await adapter.examine(['C1', 'C2', 'C3'], signal)
    const by = (level: string) =>
      findings.filter((finding) => finding.level === level).map((finding) => finding.sentence)
    expect(by('error')).toEqual([
      expect.stringContaining('SLACK_SIGNING_SECRET is not set'),
      expect.stringContaining('not a member of the channel C2'),
      expect.stringContaining('C3 cannot be seen'),
    ])
    expect(by('warning').join()).toContain('files:read')
    expect(by('ok').join()).toContain('member of the channel C1')
  })
})
