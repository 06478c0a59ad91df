import type { Address, Delivery, Payload, Receipt } from '../../core/adapter.ts'
import { Fault } from '../../core/adapter.ts'
import type { Clock } from '../../core/ports.ts'
import type { Access, Answer } from './client.ts'
import { call } from './client.ts'
import type { Destination } from './files.ts'
import { fieldIn, stringIn, upload } from './files.ts'
import { LIMITS } from './limits.ts'
import type { SlackPost } from './render.ts'
import { slackBody } from './render.ts'

/** Every post carries the key of its delivery where readers do not see it, so that a doubtful one can be looked for. */
const EVENT_TYPE = 'gongdan_delivery'

/** A delivery is retried within minutes; a day covers a long outage. */
const TRACE_HOURS = 24
const TRACE_PAGES = 5

/** After these the post to be replaced is no more, or cannot be changed any more. */
const UNCHANGEABLE: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
])

/**
 * Delivers one payload. Throws a Fault and nothing else.
 *
 * - A post that cannot be edited any more is posted anew: a card is the desk's face, and somebody waits for it.
 * - A note for one person who is not in the channel goes to that person directly.
 * - Files cannot be seen by one person in a channel: they are shared directly. Nor can they be edited: one that is there
 *   already stays as it is, because sharing it once more with every edit of its message would be worse.
 */
export async function send(
  access: Access,
  clock: Clock,
  payload: Payload,
  to: Address,
  delivery: Delivery,
): Promise<Receipt> {
  const body = payload.platform === 'slack' ? slackBody.safeParse(payload.body).data : undefined
  if (!body) throw new Fault('bug', 'foreign-payload')
  if (delivery.signal.aborted) throw new Fault('retry', 'aborted')

  if (body.kind === 'file') {
    if (!payload.file) throw new Fault('bug', 'file-missing')
    if (to.replaces !== null) return to.replaces
    const destination = await destinationOf(access, to, delivery.signal)
    const { title, comment } = body
    const shared = await upload(access, payload.file, { title, comment, to: destination }, delivery)
    return { channel: destination.channel, message: shared.message ?? shared.file }
  }
  if (to.to.kind === 'home') return publish(access, body, to.to.person, delivery.signal)
  if (to.to.kind === 'private' && !isDirect(to.to.channel)) return whisper(access, clock, body, to, delivery)
  if (to.replaces !== null) return replace(access, clock, body, to, to.replaces, delivery)
  return post(access, clock, body, to, delivery)
}

async function post(
  access: Access,
  clock: Clock,
  body: SlackPost,
  to: Address,
  delivery: Delivery,
): Promise<Receipt> {
  const { signal, key } = delivery
  if (delivery.unsure) {
    const destination = await destinationOf(access, to, signal)
    const found = await trace(access, clock, destination, delivery)
    if (found !== null) return { channel: destination.channel, message: found }
  }
  // A person's id as the channel means the conversation with that person, except in a thread, which needs its real id.
  const direct = to.to.kind === 'person' && to.to.thread === null && !delivery.unsure
  const destination =
    to.to.kind === 'person' && direct
      ? { channel: to.to.person, thread: null }
      : await destinationOf(access, to, signal)
  const answer = await call(
    access,
    'chat.postMessage',
    {
      channel: destination.channel,
      ...(destination.thread === null ? {} : { thread_ts: destination.thread }),
      ...contentOf(body),
      metadata: { event_type: EVENT_TYPE, event_payload: { key } },
      unfurl_links: false,
      unfurl_media: false,
    },
    { signal, posts: true },
  )
  return receiptOf(answer, 'ts', destination.channel)
}

async function replace(
  access: Access,
  clock: Clock,
  body: SlackPost,
  to: Address,
  old: Receipt,
  delivery: Delivery,
): Promise<Receipt> {
  try {
    const answer = await call(
      access,
      'chat.update',
      // Blocks that are left out would stay as they were.
      { channel: old.channel, ts: old.message, ...contentOf(body), blocks: body.blocks ?? [] },
      { signal: delivery.signal },
    )
    return receiptOf(answer, 'ts', old.channel)
  } catch (error) {
    if (error instanceof Fault && UNCHANGEABLE.has(error.code)) return post(access, clock, body, to, delivery)
    throw error
  }
}

/** A note in a channel for one person alone. It leaves no trace: after a doubtful attempt it may be seen twice. */
async function whisper(
  access: Access,
  clock: Clock,
  body: SlackPost,
  to: Address,
  delivery: Delivery,
): Promise<Receipt> {
  if (to.to.kind !== 'private') throw new Fault('bug', 'address')
  const { channel, thread, person } = to.to
  try {
    const answer = await call(
      access,
      'chat.postEphemeral',
      { channel, user: person, ...(thread === null ? {} : { thread_ts: thread }), ...contentOf(body) },
      { signal: delivery.signal, posts: true },
    )
    return receiptOf(answer, 'message_ts', channel)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'user_not_in_channel') throw error
    const directly: Address = { ...to, to: { kind: 'person', person, thread: null }, replaces: null }
    return post(access, clock, body, directly, delivery)
  }
}

async function publish(
  access: Access,
  body: SlackPost,
  person: string,
  signal: AbortSignal,
): Promise<Receipt> {
  const text = { type: 'section', text: { type: 'mrkdwn', text: body.text.slice(0, LIMITS.section) } }
  const view = { type: 'home', blocks: (body.blocks ?? [text]).slice(0, LIMITS.viewBlocks) }
  const answer = await call(access, 'views.publish', { user_id: person, view }, { signal })
  return { channel: person, message: stringIn(answer.view, 'id') ?? 'home' }
}

/** `text` always stands beside the blocks: notifications and screen readers know nothing else. */
function contentOf(body: SlackPost): Readonly<Record<string, unknown>> {
  return body.blocks === null ? { text: body.text } : { text: body.text, blocks: body.blocks }
}

/** The real conversation behind an address; opens the direct one where it takes one. */
async function destinationOf(access: Access, to: Address, signal: AbortSignal): Promise<Destination> {
  const target = to.to
  if (target.kind === 'home') throw new Fault('bug', 'file-on-home')
  if (target.kind === 'channel' && !/^[UW]/u.test(target.channel)) return target
  if (target.kind === 'private' && target.channel.startsWith('D')) return target
  const thread = target.kind === 'private' ? null : target.thread
  const person = target.kind === 'channel' ? target.channel : target.person
  const answer = await call(access, 'conversations.open', { users: person }, { signal })
  const channel = stringIn(answer.channel, 'id')
  if (channel === null) throw new Fault('retry', 'unreadable-answer')
  return { channel, thread }
}

/** The message that an earlier attempt at the same delivery left, if it did. */
async function trace(
  access: Access,
  clock: Clock,
  to: Destination,
  delivery: Delivery,
): Promise<string | null> {
  const oldest = Math.floor(clock.real().getTime() / 1000) - TRACE_HOURS * 3600
  const method = to.thread === null ? 'conversations.history' : 'conversations.replies'
  let cursor: string | null = null
  for (let page = 0; page < TRACE_PAGES; page += 1) {
    const answer: Answer = await call(
      access,
      method,
      {
        channel: to.channel,
        ...(to.thread === null ? {} : { ts: to.thread }),
        include_all_metadata: true,
        oldest: String(oldest),
        limit: 200,
        ...(cursor === null ? {} : { cursor }),
      },
      { signal: delivery.signal },
    )
    for (const message of Array.isArray(answer.messages) ? answer.messages : []) {
      const metadata = fieldIn(message, 'metadata')
      const key = stringIn(fieldIn(metadata, 'event_payload'), 'key')
      if (stringIn(metadata, 'event_type') === EVENT_TYPE && key === delivery.key)
        return stringIn(message, 'ts')
    }
    cursor = stringIn(answer.response_metadata, 'next_cursor')
    if (cursor === null) return null
  }
  return null
}

function receiptOf(answer: Answer, field: string, channel: string): Receipt {
  const message = stringIn(answer, field)
  // The call was answered with `ok`, yet without what it made: it was carried out, and that is all that is known.
  if (message === null) throw new Fault('retry', 'unreadable-answer', { unsure: true })
  return { channel: stringIn(answer, 'channel') ?? channel, message }
}

function isDirect(channel: string): boolean {
  return /^[DUW]/u.test(channel)
}
