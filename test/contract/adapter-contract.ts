import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import type {
  Adapter,
  Address,
  Delivery,
  FaultKind,
  Outcome,
  Payload,
  RawRequest,
  RawResponse,
  Received,
  RefusalReason,
} from '../../src/core/adapter.ts'
import { Fault } from '../../src/core/adapter.ts'
import type { InboundEvent } from '../../src/core/event.ts'
import { inboundEvent, PLATFORMS } from '../../src/core/event.ts'
import type { Form } from '../../src/core/message.ts'
import type { Clock, Log, LogFields } from '../../src/core/ports.ts'
import type { Locale } from '../../src/core/text/say.ts'
import type { Call, Loopback, Reply } from './loopback.ts'
import { loopback } from './loopback.ts'
import { cases, factsOf, isShown, labelsOf } from './messages.ts'

/**
 * The promises of the port, asked of every adapter alike. A platform's test builds a harness, the only part that knows
 * the platform's wire, and calls `adapterContract(harness)`.
 */
export interface Harness {
  readonly name: string
  /** Strings that must never stand in a log line or an error. */
  readonly secrets: readonly string[]
  /** A new adapter whose platform is the stand-in at `setup.origin`. */
  open(setup: Setup): Promise<Opened> | Opened

  /** Requests that must be refused, each named by the case it covers; see REFUSALS. */
  refusals(at: Date): readonly Refusal[]
  /** Cases of REFUSALS that cannot happen on this platform, each with the reason. */
  readonly notRefused: Readonly<Partial<Record<RefusalCase, string>>>

  /** Recorded-shaped requests and what they mean. One of them at least must mean nothing (`events: []`). */
  fixtures(at: Date): readonly Fixture[]
  /** Requests that the adapter answers alone (handshakes); may be empty. */
  handshakes(
    at: Date,
  ): readonly { readonly name: string; readonly request: RawRequest; readonly body: string }[]
  /** A genuine request of the kind that may be answered by opening a form (a command, a pressed button). */
  asking(at: Date): RawRequest

  /** What the platform would refuse of the payload, each a sentence; an empty list when all is within its limits. */
  violations(payload: Payload): readonly string[]
  /** All that a reader sees of the payload, as plain text, labels of controls and cut marks included. */
  visible(payload: Payload): string
  /** Whatever in the payload would notify people although the desk did not mean to (live mentions). */
  mentions(payload: Payload): readonly string[]
  /** Everything that can be pressed or chosen, and the request that the platform sends when somebody does. */
  controls(payload: Payload, at: Date): readonly Control[]
  /** The request that comes when the form just shown (in the answer or by a call) is sent with these values. */
  submission(shown: Shown, values: Readonly<Record<string, string>>, at: Date): RawRequest

  /** How the platform's server answers; null where sending needs no server (the web chat). */
  readonly server: ServerAnswers | null
  /** Where a plain message can be sent in the tests. */
  readonly address: Address
}

export interface Setup {
  /** Of the platform's stand-in: `http://127.0.0.1:PORT`. */
  readonly origin: string
  readonly log: Log
  readonly clock: Clock
  /** How long a call may take before it is given up. */
  readonly timeoutMs: number
  /** False: without the secret that proves where requests come from. */
  readonly configured: boolean
}

export interface Opened {
  readonly adapter: Adapter
  close?(): Promise<void>
}

export const REFUSALS = [
  'tampered',
  'stale',
  'future',
  'missing-header',
  'unsigned',
  'unconfigured',
  'half',
  'not-utf8',
  'deep',
] as const
export type RefusalCase = (typeof REFUSALS)[number]

export interface Refusal {
  readonly name: RefusalCase
  readonly request: RawRequest
  readonly status: 400 | 401 | 413
  readonly reason: RefusalReason
}

export interface Fixture {
  readonly name: string
  readonly request: RawRequest
  readonly events: readonly InboundEvent[]
}

export interface Control {
  readonly label: string
  readonly action: string
  /** The chosen option's value; null for a button. */
  readonly value: string | null
  readonly request: RawRequest
}

export interface Shown {
  readonly response: RawResponse
  readonly calls: readonly Call[]
}

export interface ServerAnswers {
  ok(call: Call): Reply
  readonly limited: { readonly reply: Reply; readonly afterMs: number }
  readonly expired: Reply
  readonly gone: Reply
  /** Whether a request for this path carries the message itself; only those can leave a send unsure. */
  posts(call: Call): boolean
}

/** The machine's hour in every test of the suite. */
export const NOW = new Date('2026-03-02T09:00:00.000Z')

const LOCALES: readonly Locale[] = ['en', 'zh']

export function adapterContract(harness: Harness): void {
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  /** An adapter, its platform's stand-in and everything that it logged. */
  async function desk(over: Partial<Setup> = {}) {
    const server = await loopback()
    if (harness.server) server.answer(harness.server.ok)
    const { log, lines } = recordingLog()
    const clock: Clock = { now: () => NOW, real: () => NOW }
    const opened = await harness.open({
      origin: server.origin,
      log,
      clock,
      timeoutMs: 250,
      configured: true,
      ...over,
    })
    closers.push(async () => {
      await opened.close?.()
      await server.close()
    })
    return { adapter: opened.adapter, server, lines }
  }

  describe(`${harness.name}: abilities`, () => {
    it('are possible numbers', async () => {
      const { adapter } = await desk()
      expect(PLATFORMS).toContain(adapter.platform)
      expect(adapter.abilities.textMax.count).toBeGreaterThan(100)
      expect(adapter.abilities.ratePerMinute).toBeGreaterThan(0)
      expect(adapter.abilities.answerMs).toBeGreaterThan(0)
    })
  })

  describe(`${harness.name}: verify`, () => {
    it('covers every case, or says why not', () => {
      const covered = new Set<string>(harness.refusals(NOW).map((refusal) => refusal.name))
      const open = REFUSALS.filter((name) => !covered.has(name) && !harness.notRefused[name])
      expect(open).toEqual([])
    })

    for (const refusal of harness.refusals(NOW)) {
      it(`refuses: ${refusal.name} (${refusal.reason})`, async () => {
        const { adapter, lines } = await desk({ configured: refusal.name !== 'unconfigured' })
        const received = await adapter.receive(refusal.request)
        expect(received).toEqual({ kind: 'refused', status: refusal.status, reason: refusal.reason })
        expectNoSecrets(harness, lines)
      })
    }

    it('takes nothing from a genuine request with any one byte of its body changed', async () => {
      if (harness.notRefused.tampered) return
      const { adapter } = await desk()
      const genuine = harness.asking(NOW)
      for (let index = 0; index < genuine.body.length; index += 7) {
        const body = Uint8Array.from(genuine.body)
        body[index] = (body[index] ?? 0) ^ 1
        const received = await adapter.receive({ ...genuine, body })
        expect(received.kind).toBe('refused')
      }
    })

    it('never throws, whatever the bytes are', async () => {
      const { adapter } = await desk()
      const genuine = harness.asking(NOW)
      for (const bytes of [[], [0], [0xff, 0xfe], [0x7b], [0x5b, 0x5d], [0xc3, 0x28]]) {
        const received = await adapter.receive({ ...genuine, body: Uint8Array.from(bytes) })
        expect(received.kind).toBe('refused')
      }
    })
  })

  describe(`${harness.name}: decode`, () => {
    for (const fixture of harness.fixtures(NOW)) {
      it(`reads ${fixture.name}`, async () => {
        const { adapter } = await desk()
        const received = expectEvents(await adapter.receive(fixture.request))
        expect(received.events).toEqual(fixture.events)
        for (const event of received.events) expect(inboundEvent.parse(event)).toEqual(event)

        const again = expectEvents(await adapter.receive(fixture.request))
        expect(again.events.map((event) => event.key)).toEqual(received.events.map((event) => event.key))

        const response = await received.answer({ kind: 'accepted' })
        expect(response.status).toBe(200)
      })
    }

    it('has fixtures that mean nothing, and no two meanings with one key', () => {
      const fixtures = harness.fixtures(NOW)
      expect(fixtures.some((fixture) => fixture.events.length === 0)).toBe(true)
      const meanings = new Map<string, string>()
      for (const event of fixtures.flatMap((fixture) => fixture.events)) {
        const known = meanings.get(event.key)
        const meaning = JSON.stringify(event)
        expect(known ?? meaning, event.key).toBe(meaning)
        meanings.set(event.key, meaning)
      }
    })

    for (const handshake of harness.handshakes(NOW)) {
      it(`answers the handshake ${handshake.name}`, async () => {
        const { adapter } = await desk()
        const received = await adapter.receive(handshake.request)
        expect(received.kind).toBe('answered')
        if (received.kind !== 'answered') return
        expect(received.response.status).toBe(200)
        expect(received.response.body).toBe(handshake.body)
      })
    }
  })

  describe(`${harness.name}: answer`, () => {
    const outcomes: readonly Outcome[] = [
      { kind: 'accepted' },
      { kind: 'note', locale: 'en', message: { text: 'Only for you.' } },
      { kind: 'form', locale: 'zh', form: aForm() },
      { kind: 'invalid', locale: 'en', errors: { title: 'Too short.', unknown: 'No such field.' } },
    ]
    for (const outcome of outcomes) {
      for (const state of ['well', 'silent', 'broken'] as const) {
        if (state !== 'well' && !harness.server) continue
        it(`${outcome.kind}, the platform being ${state}, in time and without a throw`, async () => {
          const { adapter, server, lines } = await desk({ timeoutMs: 60_000 })
          if (state === 'silent') server.answer(() => 'hang')
          if (state === 'broken') server.answer(() => ({ status: 503 }))
          const requests = [harness.asking(NOW), ...harness.fixtures(NOW).map((fixture) => fixture.request)]
          const started = performance.now()
          await Promise.all(
            requests.map(async (request) => {
              const received = await adapter.receive(request)
              if (received.kind !== 'events') return
              const response = await received.answer(outcome)
              expect(response.status).toBe(200)
            }),
          )
          expect(performance.now() - started).toBeLessThan(adapter.abilities.answerMs)
          expectNoSecrets(harness, lines)
        })
      }
    }
  })

  describe(`${harness.name}: render`, () => {
    for (const { name, message, oversized } of cases()) {
      it(name, async () => {
        const { adapter } = await desk()
        for (const locale of LOCALES) {
          const payloads = adapter.render(message, locale)
          expect(adapter.render(message, locale), 'pure').toEqual(payloads)
          expect(JSON.parse(JSON.stringify(payloads)), 'serialisable').toEqual(payloads)
          expect(payloads.flatMap((payload) => harness.violations(payload))).toEqual([])
          expect(payloads.flatMap((payload) => harness.mentions(payload))).toEqual([])
          expect(payloads.every((payload) => payload.platform === adapter.platform)).toBe(true)

          const seen = payloads.map((payload) => harness.visible(payload)).join('\n')
          const missing = [...factsOf(message), ...labelsOf(message)].filter(
            (words) => !isShown(seen, words, oversized),
          )
          expect(missing.map((words) => words.slice(0, 60))).toEqual([])

          const files = new Set(payloads.flatMap((payload) => (payload.file ? [payload.file.id] : [])))
          for (const file of message.files ?? []) expect(files).toContain(file.id)
        }
      })
    }
  })

  describe(`${harness.name}: round trip`, () => {
    it('brings every pressed button and every choice back as the same action', async () => {
      const { adapter } = await desk()
      for (const { message, oversized } of cases()) {
        if (!message.card) continue
        const controls = adapter.render(message, 'en').flatMap((payload) => harness.controls(payload, NOW))
        const wanted = message.card.blocks.flatMap((block) => {
          if (block.type === 'buttons') return block.buttons.map((button) => [button.action, null])
          if (block.type === 'choice') return block.options.map((option) => [block.action, option.value])
          return []
        })
        const offered = controls.map((control) => [control.action, control.value])
        if (!oversized) expect(offered).toEqual(wanted)

        for (const control of controls.slice(0, 200)) {
          const { events } = expectEvents(await adapter.receive(control.request))
          expect(events).toHaveLength(1)
          expect(events[0]).toMatchObject({ type: 'action', action: control.action, value: control.value })
        }
      }
    })

    it('brings every submitted form back under its own name with what was filled in', async () => {
      const { adapter, server } = await desk()
      if (!adapter.abilities.forms) return
      for (const locale of LOCALES) {
        for (const form of [aForm(), aLargeForm()]) {
          server.calls.length = 0
          const { answer, events: asked } = expectEvents(await adapter.receive(harness.asking(NOW)))
          const response = await answer({ kind: 'form', form, locale })
          expect(response.status).toBe(200)
          const values = filled(form)
          const request = harness.submission({ response, calls: [...server.calls] }, values, NOW)
          const received = expectEvents(await adapter.receive(request))
          expect(received.events).toHaveLength(1)
          const event = received.events[0]
          expect(event).toMatchObject({ type: 'form', form: form.id })
          if (event?.type !== 'form') return
          expect(event.values).toMatchObject(values)
          expect(event.place.channel).toBe(asked[0]?.place.channel)

          const invalid = await received.answer({ kind: 'invalid', locale, errors: { title: 'Too short.' } })
          expect(invalid.status).toBe(200)
        }
      }
    })
  })

  describe(`${harness.name}: send`, () => {
    it('gives a receipt, and the receipt takes an edit', async () => {
      const { adapter, lines } = await desk()
      const [payload] = adapter.render({ text: 'Hello' }, 'en')
      const receipt = await adapter.send(payload!, harness.address, delivery())
      expect(receipt.channel).not.toBe('')
      expect(receipt.message).not.toBe('')
      if (adapter.abilities.edit !== 'none') {
        const edited = await adapter.send(payload!, { ...harness.address, replaces: receipt }, delivery())
        expect(edited).toEqual(receipt)
      }
      expectNoSecrets(harness, lines)
    })

    it('refuses another platform’s payload as a bug', async () => {
      const { adapter } = await desk()
      const foreign = PLATFORMS.find((platform) => platform !== adapter.platform)!
      const payload: Payload = { platform: foreign, body: { text: 'x' } }
      const fault = await faultOf(adapter.send(payload, harness.address, delivery()))
      expect(fault.kind).toBe('bug')
    })

    it('does not start once it is called off', async () => {
      const { adapter, server } = await desk()
      const [payload] = adapter.render({ text: 'Hello' }, 'en')
      const fault = await faultOf(
        adapter.send(payload!, harness.address, delivery({ signal: AbortSignal.abort() })),
      )
      expect(fault.kind).toBe('retry')
      expect(fault.unsure).toBe(false)
      expect(server.calls).toEqual([])
    })

    const answers = harness.server
    if (!answers) return

    const faults: readonly {
      name: string
      reply: Reply
      kind: FaultKind
      unsure: boolean
      afterMs?: number
    }[] = [
      {
        name: 'too many requests',
        reply: answers.limited.reply,
        kind: 'retry',
        unsure: false,
        afterMs: answers.limited.afterMs,
      },
      { name: 'an expired token', reply: answers.expired, kind: 'reconnect', unsure: false },
      { name: 'a channel that is gone', reply: answers.gone, kind: 'gone', unsure: false },
      { name: 'a server error', reply: { status: 503, body: 'upstream' }, kind: 'retry', unsure: true },
      { name: 'a cut line', reply: 'reset', kind: 'retry', unsure: true },
      { name: 'silence', reply: 'hang', kind: 'retry', unsure: true },
      { name: 'success without a body', reply: { status: 200, body: '' }, kind: 'retry', unsure: true },
      {
        name: 'success in another language',
        reply: { status: 200, body: '<html>' },
        kind: 'retry',
        unsure: true,
      },
    ]
    for (const { name, reply, kind, unsure, afterMs } of faults) {
      it(`${name}: ${kind}`, async () => {
        const { adapter, server, lines } = await desk()
        server.answer((call) => (answers.posts(call) ? reply : answers.ok(call)))
        const [payload] = adapter.render({ text: 'Hello' }, 'en')
        const fault = await faultOf(adapter.send(payload!, harness.address, delivery()))
        expect({ kind: fault.kind, unsure: fault.unsure }).toEqual({ kind, unsure })
        if (afterMs !== undefined) expect(fault.afterMs).toBe(afterMs)
        expect(server.calls.filter(answers.posts)).toHaveLength(1)
        expectNoSecrets(harness, [...lines, inspect(fault, { depth: 8, showHidden: true })])
      })
    }

    it('nobody listening: retry, and surely not sent', async () => {
      const dead = await loopback()
      await dead.close()
      const { adapter, lines } = await desk({ origin: dead.origin })
      const [payload] = adapter.render({ text: 'Hello' }, 'en')
      const fault = await faultOf(adapter.send(payload!, harness.address, delivery()))
      expect({ kind: fault.kind, unsure: fault.unsure }).toEqual({ kind: 'retry', unsure: false })
      expectNoSecrets(harness, [...lines, inspect(fault, { depth: 8, showHidden: true })])
    })

    it('called off while the platform is silent: retry, unsure, at once', async () => {
      const { adapter, server } = await desk({ timeoutMs: 30_000 })
      server.answer((call) => (answers.posts(call) ? 'hang' : answers.ok(call)))
      const [payload] = adapter.render({ text: 'Hello' }, 'en')
      const controller = new AbortController()
      const sending = faultOf(
        adapter.send(payload!, harness.address, delivery({ signal: controller.signal })),
      )
      await until(() => server.calls.some(answers.posts))
      controller.abort()
      const fault = await sending
      expect({ kind: fault.kind, unsure: fault.unsure }).toEqual({ kind: 'retry', unsure: true })
    })
  })

  describe(`${harness.name}: examine`, () => {
    it('never throws, though the platform be well, broken or unconfigured', async () => {
      for (const setup of [{}, { configured: false }]) {
        const { adapter, server, lines } = await desk(setup)
        const channel = harness.address.to.kind === 'channel' ? harness.address.to.channel : 'C1'
        for (const reply of [null, 'reset', { status: 503 }] as const) {
          if (reply) server.answer(() => reply)
          const findings = await adapter.examine([channel], AbortSignal.timeout(5_000))
          expect(findings.length).toBeGreaterThan(0)
          expectNoSecrets(harness, [...lines, JSON.stringify(findings)])
        }
      }
    })
  })
}

/** A delivery of a small text file's bytes, signed off by nobody. */
export function delivery(over: Partial<Delivery> = {}): Delivery {
  return {
    key: 'delivery-1',
    unsure: false,
    signal: new AbortController().signal,
    file: async () => new TextEncoder().encode('bytes of a file'),
    ...over,
  }
}

/** The Fault that a call ends in; anything else fails the test. */
export async function faultOf(call: Promise<unknown>): Promise<Fault> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(Fault)
  return error as Fault
}

/** A log that keeps every line as one string. */
export function recordingLog(): { log: Log; lines: string[] } {
  const lines: string[] = []
  const write = (fields: LogFields, message: string) => {
    lines.push(`${message} ${inspect(fields, { depth: 8 })}`)
  }
  return { log: { info: write, warn: write, error: write, debug: write }, lines }
}

export function expectEvents(received: Received): Extract<Received, { kind: 'events' }> {
  if (received.kind !== 'events') throw new Error(`expected events, got ${inspect(received)}`)
  return received
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

function expectNoSecrets(harness: Harness, lines: readonly string[]): void {
  for (const secret of harness.secrets) {
    expect(lines.filter((line) => line.includes(secret))).toEqual([])
  }
}

function aForm(): Form {
  return {
    id: 'open::0',
    title: 'New request',
    intro: 'Say what you need.',
    submit: 'Send',
    fields: [
      { type: 'text', id: 'title', label: 'Title', required: true, max: 120 },
      { type: 'long', id: 'details', label: 'Details', hint: 'What happened?', required: false, max: 3000 },
      {
        type: 'choice',
        id: 'queue',
        label: 'Team',
        required: true,
        value: 'it',
        options: [
          { value: 'it', label: 'IT' },
          { value: 'hr', label: '人事' },
        ],
      },
      { type: 'rating', id: 'rating', label: 'How was it?', required: true, max: 5 },
      { type: 'file', id: 'files', label: 'Files', required: false },
    ],
  }
}

/** Every text over the limit of every platform. */
function aLargeForm(): Form {
  const long = '很长的说明 👩‍👩‍👧‍👦 <!channel> & '.repeat(400)
  return {
    id: 'details:42:7',
    title: long,
    intro: long,
    submit: long,
    fields: [
      { type: 'long', id: 'title', label: long, hint: long, value: long, required: true, max: 100_000 },
      {
        type: 'choice',
        id: 'queue',
        label: long,
        hint: long,
        required: true,
        options: Array.from({ length: 60 }, (_, index) => ({
          value: `q${index}`,
          label: `${index} ${long}`,
        })),
      },
    ],
  }
}

function filled(form: Form): Record<string, string> {
  const values: Record<string, string> = {}
  for (const field of form.fields) {
    if (field.type === 'text' || field.type === 'long')
      values[field.id] = `打印机 & <${field.id}>\nsecond line`
    if (field.type === 'choice') values[field.id] = field.options.at(-1)?.value ?? ''
    if (field.type === 'rating') values[field.id] = '4'
  }
  return values
}

export type { Call, Loopback, Reply }
