import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { slackAdapter } from '../../src/adapters/slack/index.ts'
import { slackBody } from '../../src/adapters/slack/render.ts'
import type { Payload, RawRequest } from '../../src/core/adapter.ts'
import { inboundEvent } from '../../src/core/event.ts'
import type { Control, Fixture, Harness, Refusal } from './adapter-contract.ts'
import { adapterContract } from './adapter-contract.ts'
import type { Call, Reply } from './loopback.ts'
import type { FormView, Shown } from './slack-limits.ts'
import { formErrors, isLive, postErrors, seen, texts } from './slack-limits.ts'

const SIGNING_SECRET = '8f742231b10e8888abcd99yyyzzz85a5'
const BOT_TOKEN = 'xoxb-1234567890-contract-secret'
const FIXTURES = new URL('../fixtures/slack/', import.meta.url)

/** A request as Slack would send it, signed at `at`. */
function signed(body: string | Uint8Array, type: string, at: Date, stamp = at): RawRequest {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const seconds = String(Math.floor(stamp.getTime() / 1000))
  const signature = createHmac('sha256', SIGNING_SECRET).update(`v0:${seconds}:`).update(bytes).digest('hex')
  return {
    method: 'POST',
    path: '/slack/events',
    query: {},
    headers: {
      'content-type': type,
      'x-slack-request-timestamp': seconds,
      'x-slack-signature': `v0=${signature}`,
    },
    body: bytes,
    at,
  }
}

const JSON_TYPE = 'application/json; charset=utf-8'
const FORM_TYPE = 'application/x-www-form-urlencoded; charset=utf-8'

function event(payload: unknown, at: Date): RawRequest {
  return signed(JSON.stringify(payload), JSON_TYPE, at)
}

function interaction(payload: unknown, at: Date): RawRequest {
  return signed(new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), FORM_TYPE, at)
}

function command(fields: Record<string, string>, at: Date): RawRequest {
  return signed(new URLSearchParams(fields).toString(), FORM_TYPE, at)
}

const SAID = {
  type: 'event_callback',
  team_id: 'T061EG9R6',
  event: {
    type: 'message',
    user: 'U1',
    channel: 'D1',
    channel_type: 'im',
    ts: '1772441999.000100',
    text: 'Hello',
  },
}

function refusals(at: Date): readonly Refusal[] {
  const good = event(SAID, at)
  const minutes = (count: number) => new Date(at.getTime() + count * 60_000)
  const { 'x-slack-signature': _signature, ...unsigned } = good.headers
  const { 'x-slack-request-timestamp': _stamp, ...undated } = good.headers
  const text = JSON.stringify(SAID)
  const other = new TextEncoder().encode(text.replace('Hello', 'Hallo'))
  const deep = `{"type":"event_callback","event":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
  const latin1 = Uint8Array.from([...new TextEncoder().encode('{"type":"'), 0xe9, 0xff, 0x22, 0x7d])
  return [
    { name: 'tampered', request: { ...good, body: other }, status: 401, reason: 'forged' },
    { name: 'stale', request: signed(text, JSON_TYPE, at, minutes(-6)), status: 401, reason: 'stale' },
    { name: 'future', request: signed(text, JSON_TYPE, at, minutes(6)), status: 401, reason: 'stale' },
    { name: 'missing-header', request: { ...good, headers: undated }, status: 401, reason: 'unsigned' },
    { name: 'unsigned', request: { ...good, headers: unsigned }, status: 401, reason: 'unsigned' },
    { name: 'unsigned', request: { ...good, headers: {} }, status: 401, reason: 'unsigned' },
    { name: 'unconfigured', request: good, status: 401, reason: 'unconfigured' },
    { name: 'half', request: signed(text.slice(0, -9), JSON_TYPE, at), status: 400, reason: 'malformed' },
    { name: 'half', request: signed('payload=%7B%22ty', FORM_TYPE, at), status: 400, reason: 'malformed' },
    { name: 'half', request: signed('[1]', JSON_TYPE, at), status: 400, reason: 'malformed' },
    { name: 'not-utf8', request: signed(latin1, JSON_TYPE, at), status: 400, reason: 'malformed' },
    { name: 'deep', request: signed(deep, JSON_TYPE, at), status: 400, reason: 'malformed' },
  ]
}

interface Recorded {
  readonly kind: 'event' | 'interaction' | 'command'
  readonly payload: Record<string, string>
  readonly events: readonly unknown[]
}

function fixtures(at: Date): readonly Fixture[] {
  return readdirSync(FIXTURES)
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const recorded: Recorded = JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8'))
      const make = { event, interaction, command }[recorded.kind]
      return {
        name: name.replace('.json', ''),
        request: make(recorded.payload, at),
        events: recorded.events.map((golden) => inboundEvent.parse(golden)),
      }
    })
}

function bodyOf(payload: Payload) {
  return slackBody.parse(payload.body)
}

/** What a reader sees: the blocks where there are some, and only else the text. */
function shownIn(payload: Payload): readonly Shown[] {
  const body = bodyOf(payload)
  if (body.kind === 'post')
    return body.blocks === null ? [{ type: 'mrkdwn', text: body.text }] : texts(body.blocks)
  return [
    { type: 'mrkdwn', text: body.comment ?? '' },
    { type: 'plain_text', text: body.title },
  ]
}

function controls(payload: Payload, at: Date): readonly Control[] {
  const body = bodyOf(payload)
  if (body.kind === 'file') return []
  return (body.blocks ?? []).flatMap((block): Control[] => {
    if (block.type !== 'actions') return []
    return block.elements.flatMap((element): Control[] => {
      if (element.type === 'button') {
        const press = { type: 'button', action_id: element.action_id, value: element.value }
        return [
          {
            label: element.text.text,
            action: element.value ?? '',
            value: null,
            request: interaction(pressed(press), at),
          },
        ]
      }
      if (element.type !== 'static_select') return []
      const options = element.options ?? element.option_groups?.flatMap((group) => group.options) ?? []
      return options.map((option) => {
        const press = { type: 'static_select', action_id: element.action_id, selected_option: option }
        const action = element.action_id?.slice(element.action_id.indexOf('|') + 1) ?? ''
        const value = option.value ?? ''
        return { label: option.text.text, action, value, request: interaction(pressed(press), at) }
      })
    })
  })
}

function pressed(press: object) {
  return {
    type: 'block_actions',
    team: { id: 'T061EG9R6' },
    user: { id: 'U222222222', name: 'ben' },
    channel: { id: 'C123ABC456' },
    message: { ts: '1772442005.000100' },
    trigger_id: '1.2.3',
    actions: [{ ...press, action_ts: '1772442100.123400' }],
  }
}

/** Fills in the modal that was really sent, block by block, as Slack would report it. */
function submission(
  shown: { calls: readonly Call[] },
  values: Readonly<Record<string, string>>,
  at: Date,
): RawRequest {
  const opened = shown.calls.find((call) => call.path === '/api/views.open')
  const view: FormView = JSON.parse(new URLSearchParams(opened?.body).get('view') ?? 'null')
  const errors = formErrors(view)
  if (errors.length > 0) throw new Error(errors.join('\n'))
  const state: Record<string, unknown> = {}
  for (const block of view.blocks) {
    if (block.type !== 'input' || !block.block_id) continue
    const { element } = block
    const value = values[block.block_id]
    const options = 'options' in element ? (element.options ?? []) : []
    const selected = options.find((option) => option.value === value)
    const filled =
      element.type === 'plain_text_input'
        ? { type: element.type, value: value ?? null }
        : element.type === 'file_input'
          ? { type: element.type, files: [] }
          : { type: element.type, selected_option: selected ?? null }
    state[block.block_id] = { [element.action_id ?? '']: filled }
  }
  const { private_metadata, callback_id } = view
  return interaction(
    {
      type: 'view_submission',
      team: { id: 'T061EG9R6' },
      user: { id: 'U222222222', name: 'ben' },
      trigger_id: '4.5.6',
      view: { id: 'V1', type: 'modal', callback_id, private_metadata, hash: '1.a', state: { values: state } },
    },
    at,
  )
}

function json(body: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}

/** A Slack that says yes. */
function ok(call: Call): Reply {
  const args = new URLSearchParams(call.body)
  switch (call.path.replace('/api/', '')) {
    case 'chat.postMessage':
      return json({ ok: true, channel: args.get('channel'), ts: '1772442200.000100' })
    case 'chat.update':
      return json({ ok: true, channel: args.get('channel'), ts: args.get('ts') })
    case 'auth.test':
      return json(
        { ok: true, user_id: 'U0BOT0001', team_id: 'T061EG9R6' },
        { 'x-oauth-scopes': 'chat:write,commands' },
      )
    case 'conversations.info':
      return json({ ok: true, channel: { id: args.get('channel'), is_member: true } })
    default:
      return json({ ok: true })
  }
}

const harness: Harness = {
  name: 'slack',
  secrets: [SIGNING_SECRET, BOT_TOKEN],
  open: ({ origin, log, clock, timeoutMs, configured }) => ({
    adapter: slackAdapter({
      signingSecret: configured ? SIGNING_SECRET : null,
      botToken: configured ? BOT_TOKEN : null,
      appToken: null,
      apiUrl: `${origin}/api/`,
      clock,
      log,
      timeoutMs,
    }),
  }),
  refusals,
  notRefused: {},
  fixtures,
  handshakes: (at) => [
    {
      name: 'url_verification',
      request: event({ type: 'url_verification', token: 'x', challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY' }, at),
      body: '3eZbrw1aBm2rZgRNFdxV2595E9CY',
    },
    {
      name: 'ssl_check, which comes unsigned',
      request: { ...command({ ssl_check: '1', token: 'x' }, at), headers: { 'content-type': FORM_TYPE } },
      body: '',
    },
  ],
  asking: (at) =>
    command(
      {
        command: '/ticket',
        text: '',
        team_id: 'T061EG9R6',
        channel_id: 'C123ABC456',
        user_id: 'U222222222',
        trigger_id: '7.8.9',
      },
      at,
    ),
  violations: (payload) => {
    const body = bodyOf(payload)
    return body.kind === 'post' ? postErrors(body.text, body.blocks) : []
  },
  visible: (payload) => shownIn(payload).map(seen).join('\n'),
  mentions: (payload) => {
    const body = bodyOf(payload)
    const fallback: Shown[] = body.kind === 'post' ? [{ type: 'mrkdwn', text: body.text }] : []
    return [...fallback, ...shownIn(payload)].filter(isLive).map((part) => part.text)
  },
  controls,
  submission,
  server: {
    ok,
    posts: (call) => call.path === '/api/chat.postMessage',
    limited: {
      reply: { status: 429, headers: { 'retry-after': '7' }, body: '{"ok":false,"error":"ratelimited"}' },
      afterMs: 7_000,
    },
    expired: json({ ok: false, error: 'token_expired' }),
    gone: json({ ok: false, error: 'channel_not_found' }),
  },
  address: {
    install: 'T061EG9R6',
    to: { kind: 'channel', channel: 'C123ABC456', thread: null },
    replaces: null,
  },
}

adapterContract(harness)
