import type {
  Abilities,
  Adapter,
  RawRequest,
  RawResponse,
  Received,
  RefusalReason,
} from '../../core/adapter.ts'
import type { InboundEvent } from '../../core/event.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { answerTo } from './answer.ts'
import type { Access } from './client.ts'
import { examine } from './examine.ts'
import { download } from './files.ts'
import { decode } from './inbound.ts'
import { ANSWER_MS, BODY_BYTES, LIMITS } from './limits.ts'
import { history, profile } from './people.ts'
import { render } from './render.ts'
import { send } from './send.ts'
import { bodyOf, refusalOf } from './verify.ts'

export interface SlackOptions {
  /** Proves where HTTP requests come from; null refuses them all. */
  readonly signingSecret: string | null
  /** `xoxb-…`; null: everything that calls Slack ends in a Fault `reconnect`. */
  readonly botToken: string | null
  /** `xapp-…`; set, the adapter also listens by Socket Mode. */
  readonly appToken: string | null
  /** `https://slack.com/api/`, or a stand-in's. Its origin is trusted with the token. */
  readonly apiUrl: string
  /** Its `real()` only. */
  readonly clock: Clock
  readonly log: Log
  /** The bot's own user id, for servers that leave `authorizations` out of their events; Slack never does. */
  readonly botUser?: string | null
  /** How long one call may take; ten seconds if not given. */
  readonly timeoutMs?: number
}

export const SLACK_API_URL = 'https://slack.com/api/'

const ABILITIES: Abilities = {
  threads: true,
  edit: 'any',
  privateNotes: true,
  forms: true,
  buttons: true,
  files: true,
  home: true,
  textMax: { unit: 'characters', count: LIMITS.text },
  // One message a second in a channel: https://docs.slack.dev/apis/web-api/rate-limits
  ratePerMinute: 60,
  answerMs: ANSWER_MS,
}

const TIMEOUT_MS = 10_000

/**
 * Slack, by the Events API over HTTP (`receive`) and, with an app token, by Socket Mode too (`listen`). Bolt is loaded
 * only for the latter: it costs a quarter of a second and 20 MB more, and the signature check is thirty lines.
 */
export function slackAdapter(options: SlackOptions): Adapter {
  const { signingSecret, appToken, clock, log } = options
  const bot = options.botUser ?? null
  const access: Access = {
    token: options.botToken,
    apiUrl: options.apiUrl,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
  }

  const adapter: Adapter = {
    platform: 'slack',
    abilities: ABILITIES,
    receive: async (raw) => receive(raw),
    render,
    send: (payload, to, delivery) => send(access, clock, payload, to, delivery),
    profile: (person, install, signal) => profile(access, person, install, signal),
    history: (at, messageId, signal) => history(access, at, messageId, signal),
    download: (file, _install, max, signal) => download(access, file, max, signal),
    examine: (channels, signal) => examine(access, { signingSecret, appToken }, channels, signal),
  }
  if (appToken === null) return adapter
  return {
    ...adapter,
    listen: async (emit) => {
      const socket = await import('./socket.ts')
      return socket.listen(
        {
          appToken,
          access,
          log,
          decode: (payload) => decode(payload, { at: clock.real(), bot }),
          answer: (payload, events, outcome) => answerTo(access, log, payload, events)(outcome),
        },
        async (events) => (events.length === 0 ? { kind: 'accepted' } : emit(events)),
      )
    },
  }

  function receive(raw: RawRequest): Received {
    if (raw.body.byteLength > BODY_BYTES) return refused(413, 'too-large')
    if (isCertificateCheck(raw)) return answered('', 'text/plain')
    const refusal = refusalOf(raw, signingSecret)
    if (refusal !== null) return refused(401, refusal)
    const payload = bodyOf(raw)
    if (payload === null) return refused(400, 'malformed')
    if (payload.type === 'url_verification') {
      return typeof payload.challenge === 'string'
        ? answered(payload.challenge, 'text/plain; charset=utf-8')
        : refused(400, 'malformed')
    }
    if (payload.type === 'app_rate_limited') {
      log.warn({ platform: 'slack' }, 'Slack drops events of this hour: more than 30,000 came')
    }
    const events: readonly InboundEvent[] = decode(payload, { at: raw.at, bot })
    return { kind: 'events', events, answer: answerTo(access, log, payload, events) }
  }
}

/**
 * Slack now and then asks whether the address still has a certificate, without a signature. It is told nothing, and
 * nothing happens: https://docs.slack.dev/interactivity/implementing-slash-commands
 */
function isCertificateCheck(raw: RawRequest): boolean {
  if (raw.headers['x-slack-signature'] !== undefined || raw.body.byteLength > 500) return false
  if (!raw.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return false
  return new URLSearchParams(Buffer.from(raw.body).toString('latin1')).get('ssl_check') === '1'
}

function answered(body: string, type: string): Received {
  const response: RawResponse = { status: 200, headers: { 'content-type': type }, body }
  return { kind: 'answered', response }
}

function refused(status: 400 | 401 | 413, reason: RefusalReason): Received {
  return { kind: 'refused', status, reason }
}
