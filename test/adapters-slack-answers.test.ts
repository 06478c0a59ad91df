import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { slackAdapter } from '../src/adapters/slack/index.ts'
import { clean, cut, mrkdwn, pieces, plain } from '../src/adapters/slack/text.ts'
import type { Adapter, Outcome, RawRequest } from '../src/core/adapter.ts'
import { expectEvents, NOW, recordingLog } from './contract/adapter-contract.ts'
import type { Loopback } from './contract/loopback.ts'
import { loopback } from './contract/loopback.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
let server: Loopback
let adapter: Adapter
let lines: string[]

beforeEach(async () => {
  server = await loopback()
  server.answer(() => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true}' }))
  const recording = recordingLog()
  lines = recording.lines
  adapter = slackAdapter({
    signingSecret: SECRET,
    botToken: 'xoxb-answers-secret',
    appToken: null,
    apiUrl: `${server.origin}/api/`,
    clock: { now: () => NOW, real: () => NOW },
    log: recording.log,
  })
})
afterEach(() => server.close())

function request(fields: Record<string, string>): RawRequest {
  const body = Buffer.from(new URLSearchParams(fields).toString())
  const stamp = String(NOW.getTime() / 1000)
  return {
    method: 'POST',
    path: '/slack/events',
    query: {},
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': `v0=${createHmac('sha256', SECRET).update(`v0:${stamp}:`).update(body).digest('hex')}`,
    },
    body,
    at: NOW,
  }
}

const COMMAND = {
  command: '/ticket',
  text: 'mine',
  team_id: 'T1',
  channel_id: 'C1',
  user_id: 'U1',
  trigger_id: '1.2.3',
}

function press(over: object = {}): Record<string, string> {
  return {
    payload: JSON.stringify({
      type: 'block_actions',
      team: { id: 'T1' },
      user: { id: 'U1' },
      channel: { id: 'C1' },
      message: { ts: '2.000001', thread_ts: '1.000001' },
      trigger_id: '1.2.3',
      actions: [{ type: 'button', action_id: 'button-0-0-0', value: 'claim:42:7', action_ts: '3.000001' }],
      ...over,
    }),
  }
}

async function answered(fields: Record<string, string>, outcome: Outcome) {
  return expectEvents(await adapter.receive(request(fields))).answer(outcome)
}

const NOTE: Outcome = { kind: 'note', locale: 'en', message: { text: 'Already claimed by <Ben>.' } }
const FORM: Outcome = {
  kind: 'form',
  locale: 'zh',
  form: { id: 'open::0', title: 'T', submit: 'S', fields: [] },
}

describe('notes', () => {
  it('stand in the answer of a slash command', async () => {
    const response = await answered(COMMAND, NOTE)
    expect(JSON.parse(response.body)).toEqual({
      response_type: 'ephemeral',
      text: 'Already claimed by &lt;Ben&gt;.',
    })
    expect(server.calls).toEqual([])
  })

  it('go to the address that came with a press, in its thread', async () => {
    const response = await answered(press({ response_url: `${server.origin}/respond/1` }), NOTE)
    expect(response).toMatchObject({ status: 200, body: '' })
    expect(server.calls[0]?.path).toBe('/respond/1')
    expect(JSON.parse(server.calls[0]?.body ?? '')).toMatchObject({
      response_type: 'ephemeral',
      replace_original: false,
      thread_ts: '1.000001',
    })
  })

  it('never go to an address of somebody else', async () => {
    for (const url of [
      'http://169.254.169.254/',
      'https://hooks.slack.com.evil.example/',
      'http://hooks.slack.com/',
      'x',
    ]) {
      server.calls.length = 0
      await answered(press({ response_url: url }), NOTE)
      expect(server.calls.map((call) => call.path)).toEqual(['/api/chat.postEphemeral'])
    }
  })

  it('go directly to somebody who pressed a button on the App Home', async () => {
    await answered(press({ channel: null, message: null }), NOTE)
    expect(server.calls[0]?.path).toBe('/api/chat.postMessage')
    expect(new URLSearchParams(server.calls[0]?.body).get('channel')).toBe('U1')
  })
})

describe('forms', () => {
  it('open with the trigger, and remember where', async () => {
    await answered(press(), FORM)
    const args = new URLSearchParams(server.calls[0]?.body)
    expect(server.calls[0]?.path).toBe('/api/views.open')
    expect(args.get('trigger_id')).toBe('1.2.3')
    const view = JSON.parse(args.get('view') ?? '')
    expect(view.close.text).toBe('取消')
    expect(JSON.parse(view.private_metadata)).toEqual({
      form: 'open::0',
      channel: 'C1',
      direct: false,
      thread: '1.000001',
    })
  })

  it('that came too late are regretted in the reader’s language', async () => {
    server.answer(() => ({ status: 200, body: '{"ok":false,"error":"expired_trigger_id"}' }))
    const response = await answered(COMMAND, FORM)
    expect(response.status).toBe(200)
    expect(JSON.parse(response.body).text).toContain('再试一次')
    expect(lines.join()).toContain('expired_trigger_id')
  })

  const submitted = {
    payload: JSON.stringify({
      type: 'view_submission',
      team: { id: 'T1' },
      user: { id: 'U1' },
      trigger_id: '4.5.6',
      view: {
        id: 'V1',
        private_metadata: JSON.stringify({ form: 'open::0', channel: 'C1', direct: false, thread: null }),
        state: { values: { title: { value: { type: 'plain_text_input', value: 'x' } } } },
      },
    }),
  }

  it('that are wrong stay open with each sentence beside its field', async () => {
    const errors = { title: 'Too short.', nowhere: 'Choose a team.' }
    const response = await answered(submitted, { kind: 'invalid', locale: 'en', errors })
    expect(JSON.parse(response.body)).toEqual({
      response_action: 'errors',
      errors: { title: 'Too short. Choose a team.' },
    })
  })

  it('that lead to another form turn into it', async () => {
    const response = await answered(submitted, FORM)
    expect(JSON.parse(response.body)).toMatchObject({ response_action: 'update', view: { type: 'modal' } })
  })
})

describe('text', () => {
  it('never cuts inside a character or an entity', () => {
    const family = '👩‍👩‍👧‍👦'
    for (let max = 12; max < 60; max += 1) {
      const short = cut(family.repeat(20), max)
      expect(short.length).toBeLessThanOrEqual(max)
      expect(short.replaceAll(family, '')).toBe('…')
      const escaped = mrkdwn('&'.repeat(50), max)
      expect(escaped.length).toBeLessThanOrEqual(max)
      expect(escaped).toMatch(/^(?:&amp;)*…?$/u)
    }
  })

  it('splits without losing a word, even one character that is too long', () => {
    const words = Array.from({ length: 3_000 }, (_, index) => `w${index}`).join(' ')
    const parts = pieces(words, 100)
    expect(parts.every((part) => part.length <= 100)).toBe(true)
    expect(parts.join(' ')).toBe(words)
    expect(pieces(`e${'\u0301'.repeat(500)}`, 100).join('').length).toBe(501)
  })

  it('reads Slack’s references as people see them', () => {
    expect(
      plain('<!subteam^S1|@it-team> <!date^1392734382^{date}|Feb 18> <mailto:a@b.c|a@b.c> <tel:123|123>'),
    ).toBe('@it-team Feb 18 a@b.c 123')
    expect(plain('&lt;@U1&gt; &amp;lt; <@U1>')).toBe('<@U1> &lt; @U1')
    expect(plain('a\u0000b < c > d')).toBe('ab < c > d')
    expect(clean('x\ud800y')).toBe('x\ufffdy')
  })
})
