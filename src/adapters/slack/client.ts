import type { Logger } from '@slack/web-api'
import { LogLevel, WebClient } from '@slack/web-api'
import { Fault } from '../../core/adapter.ts'
import { faultOf } from './fault.ts'

/** How to reach one install's Slack. */
export interface Access {
  readonly token: string | null
  /** `https://slack.com/api/`, or a stand-in's. */
  readonly apiUrl: string
  readonly timeoutMs: number
}

/** A method's answer, `ok` being true; what it holds is for the caller to check. */
export type Answer = Readonly<Record<string, unknown>>

export interface CallOptions {
  readonly signal: AbortSignal
  /** True for what would happen twice if it were asked for twice: then a lost answer leaves the call `unsure`. */
  readonly posts?: boolean
}

/**
 * Calls one method of the Web API, once: the outbox alone decides about a second time, since the library would repeat
 * even a post that may have arrived. Throws a Fault and nothing else.
 */
export async function call(
  access: Access,
  method: string,
  args: Readonly<Record<string, unknown>>,
  { signal, posts = false }: CallOptions,
): Promise<Answer> {
  if (access.token === null) throw new Fault('reconnect', 'not_authed')
  if (signal.aborted) throw new Fault('retry', 'aborted')
  // A client a call (0.2 ms): the signal belongs to the call, and the library has no other way in for it than `fetch`.
  const client = new WebClient(access.token, {
    slackApiUrl: access.apiUrl,
    allowAbsoluteUrls: false,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: access.timeoutMs,
    logger: SILENT,
    fetch: async (url, init) => {
      const signals = init?.signal ? [signal, init.signal] : [signal]
      const response = await fetch(url, { ...init, signal: AbortSignal.any(signals) })
      return response.status === 429 ? withDelay(response) : response
    },
  })
  try {
    return { ...(await client.apiCall(method, { ...args })) }
  } catch (error) {
    throw faultOf(error, { aborted: signal.aborted, posts })
  }
}

const DEFAULT_DELAY_SECONDS = '30'

/** Without a delay in it the library turns a 429 into an error of no class. */
function withDelay(response: Response): Response {
  if (/^\d+$/u.test(response.headers.get('retry-after') ?? '')) return response
  return new Response(null, { status: 429, headers: { 'retry-after': DEFAULT_DELAY_SECONDS } })
}

/**
 * The library's own log lines carry request bodies and the platform's free text; what went wrong leaves as a Fault, so
 * that nothing is lost with them.
 */
export const SILENT: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
}
