import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome, RawResponse, Stop } from '../../core/adapter.ts'
import { Fault } from '../../core/adapter.ts'
import type { InboundEvent } from '../../core/event.ts'
import type { Log } from '../../core/ports.ts'
import type { Access } from './client.ts'
import { SILENT } from './client.ts'
import { faultOf } from './fault.ts'

export interface SocketOptions {
  readonly appToken: string
  readonly access: Access
  readonly log: Log
  /** Means of the adapter: what a payload says, and how it is answered. */
  decode(payload: unknown): readonly InboundEvent[]
  answer(payload: unknown, events: readonly InboundEvent[], outcome: Outcome): Promise<RawResponse>
}

/** Makes the events durable, then says what is to be answered at once. */
export type Handle = (events: readonly InboundEvent[]) => Promise<Outcome>

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/**
 * Receives over Slack's Socket Mode until it is stopped. An envelope is acknowledged after its events are durable and
 * never before: Slack then sends it again, and the keys keep it from counting twice. Resolves with the first connection
 * made or failed for a passing reason; throws a Fault if Slack refuses the app token.
 *
 * Bolt's receiver opens the socket. Reconnecting is done here, at once after Slack's routine disconnect: the library
 * waits five seconds (events are late, interactions fail), and it leaves a refused reconnect as an unhandled rejection,
 * which would end the process.
 */
export async function listen(options: SocketOptions, handle: Handle): Promise<Stop> {
  const { SocketModeReceiver } = await import('@slack/bolt')
  const { access, log } = options
  const receiver = new SocketModeReceiver({
    appToken: options.appToken,
    logger: SILENT,
    autoReconnectEnabled: false,
    installerOptions: {
      clientOptions: {
        slackApiUrl: access.apiUrl,
        allowAbsoluteUrls: false,
        retryConfig: { retries: 0 },
      },
    },
  })
  // Not through Bolt's App: it acknowledges events before any listener has run.
  receiver.client.on('slack_event', (envelope: Envelope) => {
    void take(options, handle, envelope)
  })

  const stopping = new AbortController()
  const first = await connect()
  if (first instanceof Fault && first.kind === 'reconnect') throw first
  const running = keep(first)

  return async () => {
    stopping.abort()
    await receiver.stop()
    await running
    // A connection that was just being made when the first stop came.
    await receiver.stop()
  }

  /** One connection: resolves to its end once it stands, or to why it does not. */
  async function connect(): Promise<{ readonly closed: Promise<void> } | Fault> {
    const closed = new Promise<void>((resolve) => {
      receiver.client.once('disconnected', () => resolve())
    })
    try {
      await receiver.start()
      log.info({ platform: 'slack' }, 'socket connected')
      return { closed }
    } catch (error) {
      const fault = faultOf(error, { aborted: stopping.signal.aborted, posts: false })
      log.warn({ platform: 'slack', code: fault.code, kind: fault.kind }, 'socket not connected')
      return fault
    }
  }

  async function keep(connection: Awaited<ReturnType<typeof connect>>): Promise<void> {
    let current = connection
    let failures = 0
    while (!stopping.signal.aborted) {
      if (current instanceof Fault) {
        const pause = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS)
        failures += 1
        await sleep(pause, null, { signal: stopping.signal }).catch(() => null)
      } else {
        failures = 0
        await current.closed
      }
      if (!stopping.signal.aborted) current = await connect()
    }
  }
}

interface Envelope {
  readonly body: unknown
  ack(response?: unknown): Promise<void>
}

/** Never rejects: what was not acknowledged comes again, and only the log knows why. */
async function take(
  { decode, answer, log }: SocketOptions,
  handle: Handle,
  { body, ack }: Envelope,
): Promise<void> {
  try {
    const events = decode(body)
    const outcome = await handle(events)
    const response = await answer(body, events, outcome)
    await (response.body === '' ? ack() : ack(JSON.parse(response.body)))
  } catch (error) {
    const code = error instanceof Fault ? error.code : error instanceof Error ? error.name : 'unknown'
    log.error({ platform: 'slack', code }, 'an envelope was not acknowledged')
  }
}
