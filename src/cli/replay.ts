import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Outcome } from '../core/adapter.ts'
import { compose } from '../core/compose.ts'
import { consult } from '../core/consult.ts'
import type { InboundEvent, Platform } from '../core/event.ts'
import { handleBatch } from '../core/handle.ts'
import type { Errand } from '../core/intent.ts'
import type { Message } from '../core/message.ts'
import { cardAsText } from '../core/message.ts'
import type { Clock, Ids } from '../core/ports.ts'
import { sayStored } from '../core/text/say.ts'
import { label } from '../core/ticket/ticket.ts'
import { sentence } from '../core/views/sentence.ts'
import type { Exit, Print } from './print.ts'
import { EXIT } from './print.ts'
import type { Rehearsal } from './rehearsal.ts'

type Decode = (payload: unknown, at: Date) => readonly InboundEvent[]

/** Each platform's own decoding, without the signature: the file is local, and nothing is written or sent. */
const DECODERS: Partial<Record<Platform, () => Promise<Decode>>> = {
  slack: async () => {
    const { decode } = await import('../adapters/slack/inbound.ts')
    return (payload, at) => decode(payload, { at, bot: null })
  },
}

/** More than the desk's patience with a presser whose profile is still on its way: there is nothing to wait for. */
const LAST_ATTEMPT = 99

/** What a replay needs: the desk it is played to, and this machine's time and ids. */
export interface Stage {
  readonly workspace: string
  readonly rehearsal: Rehearsal
  readonly live: ReadonlyMap<Platform, string>
  readonly clock: Clock
  readonly ids: Ids
}

/**
 * Plays one recorded webhook body: prints what it means, what the desk decides, and what it would say, as text. Nothing
 * is written and nothing is sent.
 */
export async function replay(platform: string, file: string, stage: Stage, print: Print): Promise<Exit> {
  const decoder = DECODERS[platform as Platform]
  if (decoder === undefined) {
    print.problem(`There is no replay for ${platform}. There is one for ${Object.keys(DECODERS).join(', ')}.`)
    return EXIT.usage
  }
  const payload = await readPayload(file, print)
  if (payload === undefined) return EXIT.usage
  const events = (await decoder())(payload, stage.clock.real())
  if (events.length === 0) print.line('It means nothing to the desk: no event.')
  for (const event of events) await play(event, stage, print)
  return EXIT.ok
}

/** The body; of the recordings in test/fixtures, which carry more, the part `payload`. */
async function readPayload(file: string, print: Print): Promise<unknown> {
  try {
    const body: unknown = JSON.parse(await readFile(file, 'utf8'))
    return typeof body === 'object' && body !== null && 'payload' in body && 'events' in body
      ? body.payload
      : body
  } catch (error) {
    if (error instanceof SyntaxError) print.problem(`${file} is not JSON.`)
    else if (error instanceof Error && 'code' in error)
      print.problem(`${file} cannot be read: ${String(error.code)}`)
    else throw error
    return undefined
  }
}

async function play(event: InboundEvent, stage: Stage, print: Print): Promise<void> {
  const { workspace, rehearsal, clock, ids, live } = stage
  print.line(`EVENT ${event.type}`)
  indented(print, JSON.stringify(event, null, 2))
  const outcome = await consult(workspace, event, rehearsal.read, clock)
  if (outcome !== null) {
    print.line('ANSWER AT ONCE (nothing is stored)')
    indented(print, outcomeText(outcome))
    return
  }
  const handling = { store: rehearsal.store, clock, ids, live }
  await handleBatch(workspace, [{ workspace, event, attempts: LAST_ATTEMPT }], handling)
  print.line('DECISION')
  await printDecision(stage, print)
  for (const errand of rehearsal.writes()?.errands ?? []) await printErrand(errand, stage, print)
}

async function printDecision({ workspace, rehearsal, clock }: Stage, print: Print): Promise<void> {
  const { document: policy } = await rehearsal.read.policy(workspace)
  const writes = rehearsal.writes()
  const refusals = (writes?.errands ?? []).flatMap(({ intent }) =>
    intent.kind === 'tell' && intent.key.startsWith('refused.') ? [intent] : [],
  )
  for (const { key, params } of refusals)
    indented(print, `refused: ${key}: ${sayStored(policy.locale, key, params)}`)
  const journal = writes?.journal ?? []
  const ids = journal.flatMap((line) => [line.cause.actorId, ...Object.values(line.change)])
  const persons = await rehearsal.read.persons(
    workspace,
    ids.filter((one): one is string => z.uuid().safeParse(one).success),
  )
  const known = new Map(persons.map((person) => [person.id, person]))
  const reader = {
    locale: policy.locale,
    zone: policy.zone,
    now: clock.now(),
    policy,
    person: (id: string) => known.get(id) ?? null,
  }
  for (const line of journal) {
    const ticket = await rehearsal.read.ticket(workspace, { id: line.ticketId })
    indented(
      print,
      `${ticket === null ? '?' : label(ticket)} ${line.change.type}: ${sentence(line, reader, 'staff')}`,
    )
  }
  if (refusals.length + journal.length === 0) indented(print, 'no ticket changes')
}

async function printErrand(
  errand: Errand,
  { workspace, rehearsal, clock }: Stage,
  print: Print,
): Promise<void> {
  const { intent } = errand
  if (intent.kind === 'profile' || intent.kind === 'file' || intent.kind === 'backfill') {
    print.line(`FETCH ${intent.kind} in ${errand.lane}`)
    return
  }
  const composed = await compose(workspace, intent, rehearsal.read, clock.now())
  if (composed === null) return
  print.line(`SAY ${intent.kind} in ${errand.lane}, ${composed.locale}`)
  indented(print, messageText(composed.message))
}

function messageText({ author, text, card, files }: Message): string {
  const said = author === undefined ? text : `${author}: ${text ?? ''}`
  return [
    said,
    card === undefined ? undefined : cardAsText(card),
    ...(files ?? []).map((file) => `[${file.name}]`),
  ]
    .filter((part) => part !== undefined)
    .join('\n')
}

function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'accepted':
      return 'accepted'
    case 'note':
      return messageText(outcome.message)
    case 'form':
      return [
        outcome.form.title,
        ...(outcome.form.intro === undefined ? [] : [outcome.form.intro]),
        ...outcome.form.fields.map((field) => `${field.label}${field.required ? ' *' : ''}: […]`),
        `[${outcome.form.submit}]`,
      ].join('\n')
    case 'invalid':
      return Object.entries(outcome.errors)
        .map(([field, said]) => `${field}: ${said}`)
        .join('\n')
  }
}

function indented(print: Print, text: string): void {
  for (const line of text.split('\n')) print.line(`  ${line}`)
}
