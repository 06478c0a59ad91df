import type { Outcome, RawResponse } from '../../core/adapter.ts'
import { Fault } from '../../core/adapter.ts'
import type { InboundEvent } from '../../core/event.ts'
import type { Form, Message } from '../../core/message.ts'
import type { Log } from '../../core/ports.ts'
import type { Locale } from '../../core/text/say.ts'
import type { Access } from './client.ts'
import { call } from './client.ts'
import { networkFault, statusFault } from './fault.ts'
import { renderForm } from './form.ts'
import type { Asker } from './interaction.ts'
import { askerOf } from './interaction.ts'
import { LIMITS, NOTE_MS, OPEN_MS } from './limits.ts'
import type { SlackPost } from './render.ts'
import { render, slackBody } from './render.ts'
import { label } from './text.ts'
import { words } from './words.ts'

const DONE: RawResponse = { status: 200, headers: {}, body: '' }

/**
 * Makes the answer to one request. It never throws and never takes Slack's three seconds: what cannot be said in time
 * is logged by its code, and the request is answered all the same, because Slack would show an error for anything else.
 */
export function answerTo(
  access: Access,
  log: Log,
  payload: unknown,
  events: readonly InboundEvent[],
): (outcome: Outcome) => Promise<RawResponse> {
  return async (outcome) => {
    if (outcome.kind === 'accepted') return DONE
    const asker = askerOf(payload) ?? speakerOf(events)
    if (asker === null) {
      log.warn({ platform: 'slack', outcome: outcome.kind }, 'nobody to answer')
      return DONE
    }
    const notes = { access, log, asker }
    switch (outcome.kind) {
      case 'form':
        return showForm(notes, outcome.form, outcome.locale)
      case 'note':
        return note(notes, outcome.message)
      case 'invalid':
        return refuse(notes, outcome.errors)
    }
  }
}

interface Notes {
  readonly access: Access
  readonly log: Log
  readonly asker: Asker
}

/**
 * Opens the form over what the person sees; a form that follows a form takes its place in the answer itself. A trigger
 * is good for three seconds and one use: if it is gone, the person is told to try again.
 */
async function showForm({ access, log, asker }: Notes, form: Form, locale: Locale): Promise<RawResponse> {
  const view = renderForm(form, asker.place, locale)
  if (asker.kind === 'submission') return json({ response_action: 'update', view })
  if (asker.triggerId !== null) {
    const signal = AbortSignal.timeout(OPEN_MS)
    const fault = await faultOf(call(access, 'views.open', { trigger_id: asker.triggerId, view }, { signal }))
    if (fault === null) return DONE
    log.warn({ platform: 'slack', install: asker.install, code: fault.code }, 'a form could not be opened')
  }
  return note({ access, log, asker }, { text: words(locale).tooLate })
}

/** Says something to the person alone: in the answer of a slash command, else by the address that came with the press. */
async function note(notes: Notes, message: Message): Promise<RawResponse> {
  const posts = render(message).flatMap((payload) => {
    const body = slackBody.safeParse(payload.body).data
    return body?.kind === 'post' ? [body] : []
  })
  const [first, ...others] = posts
  if (!first) return DONE
  const inAnswer = notes.asker.kind === 'command'
  const signal = AbortSignal.timeout(NOTE_MS)
  for (const post of inAnswer ? others : posts) {
    const fault = await faultOf(tell(notes, post, signal))
    if (fault === null) continue
    const { log, asker } = notes
    log.warn({ platform: 'slack', install: asker.install, code: fault.code }, 'a note could not be delivered')
    break
  }
  return inAnswer ? json({ response_type: 'ephemeral', ...contentOf(first) }) : DONE
}

async function tell({ access, asker }: Notes, post: SlackPost, signal: AbortSignal): Promise<void> {
  if (asker.responseUrl !== null && isResponseUrl(asker.responseUrl, access.apiUrl)) {
    await respond(asker.responseUrl, asker.thread, post, signal)
    return
  }
  const direct = asker.channel === null || asker.channel.startsWith('D')
  if (direct) {
    await call(
      access,
      'chat.postMessage',
      { channel: asker.channel ?? asker.person, ...contentOf(post) },
      { signal },
    )
    return
  }
  const thread = asker.thread === null ? {} : { thread_ts: asker.thread }
  const args = { channel: asker.channel, user: asker.person, ...thread, ...contentOf(post) }
  await call(access, 'chat.postEphemeral', args, { signal })
}

/** https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
async function respond(
  address: string,
  thread: string | null,
  post: SlackPost,
  signal: AbortSignal,
): Promise<void> {
  const body = {
    response_type: 'ephemeral',
    replace_original: false,
    ...(thread === null ? {} : { thread_ts: thread }),
    ...contentOf(post),
  }
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal,
    })
    await response.body?.cancel()
    if (!response.ok) throw statusFault(response.status, false)
  } catch (error) {
    if (error instanceof Fault) throw error
    throw networkFault(error, { aborted: signal.aborted, posts: false })
  }
}

/** The payload is signed, but a request to any address in it would still be a request that somebody else chose. */
function isResponseUrl(address: string, apiUrl: string): boolean {
  if (!URL.canParse(address)) return false
  const { origin } = new URL(address)
  return origin === 'https://hooks.slack.com' || origin === new URL(apiUrl).origin
}

/** Each sentence beside its field. Slack shows errors of unknown fields nowhere: those go to the first one. */
async function refuse(notes: Notes, errors: Readonly<Record<string, string>>): Promise<RawResponse> {
  const { fields } = notes.asker
  const [first] = fields
  if (first === undefined) return note(notes, { text: Object.values(errors).join('\n') })
  const shown: Record<string, string> = {}
  for (const [field, sentence] of Object.entries(errors)) {
    const place = fields.includes(field) ? field : first
    shown[place] = label([shown[place], sentence].filter(Boolean).join(' '), LIMITS.fieldError)
  }
  return json({ response_action: 'errors', errors: shown })
}

/** A message's author is answered where it stands. */
function speakerOf(events: readonly InboundEvent[]): Asker | null {
  const event = events[0]
  if (!event || !('from' in event)) return null
  const { place } = event
  return {
    kind: 'event',
    install: place.install,
    person: event.from.id,
    channel: place.channel,
    thread: place.thread,
    triggerId: null,
    responseUrl: null,
    fields: [],
    place,
  }
}

function contentOf(post: SlackPost): Readonly<Record<string, unknown>> {
  return post.blocks === null ? { text: post.text } : { text: post.text, blocks: post.blocks }
}

function json(body: unknown): RawResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  }
}

/** The Fault that a call ended in, null for none; anything else is a mistake of ours and goes on up. */
async function faultOf(calling: Promise<unknown>): Promise<Fault | null> {
  try {
    await calling
    return null
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}
