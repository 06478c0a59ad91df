import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api'
import type { FaultKind } from '../../core/adapter.ts'
import { Fault } from '../../core/adapter.ts'

/**
 * Slack's error words by what they mean for the delivery; every other word is a `bug` of what we made.
 * https://docs.slack.dev/reference/methods/chat.postMessage#errors and the pages of the other methods.
 */
const KINDS: Readonly<Record<string, FaultKind>> = {
  ...all('reconnect', [
    'access_denied',
    'account_inactive',
    'ekm_access_denied',
    'invalid_auth',
    'missing_scope',
    'no_permission',
    'not_allowed_token_type',
    'not_authed',
    'org_login_required',
    'team_access_not_granted',
    'token_expired',
    'token_revoked',
  ]),
  ...all('gone', [
    'cannot_dm_bot',
    'cannot_reply_to_message',
    'cant_dm_bot',
    'cant_update_message',
    'channel_not_found',
    'edit_window_closed',
    'exchanged_trigger_id',
    'expired_trigger_id',
    'file_deleted',
    'file_not_found',
    'invalid_trigger_id',
    'is_archived',
    'message_not_found',
    'messages_tab_disabled',
    'not_enabled',
    'not_in_channel',
    'restricted_action',
    'restricted_action_non_threadable_channel',
    'restricted_action_read_only_channel',
    'restricted_action_thread_locked',
    'restricted_action_thread_only_channel',
    'thread_not_found',
    'user_disabled',
    'user_not_found',
    'user_not_in_channel',
    'user_not_visible',
    'users_not_found',
  ]),
  ...all('retry', [
    'accesslimited',
    'external_channel_migrating',
    'fatal_error',
    'internal_error',
    'rate_limited',
    'ratelimited',
    'request_timeout',
    'service_unavailable',
    'team_added_to_org',
    'hash_conflict',
  ]),
}

/** Of these Slack says that a part of what was asked may have been done. */
const PERHAPS_DONE: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
])

/** The network's words for a request that never left. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

const RATE_LIMIT_MS = 30_000

function all(kind: FaultKind, codes: readonly string[]): Readonly<Record<string, FaultKind>> {
  return Object.fromEntries(codes.map((code) => [code, kind]))
}

/**
 * The one place that reads the library's errors. The Fault keeps their code and leaves them behind: they hold response
 * bodies and headers, which may end in a log.
 */
export function faultOf(error: unknown, call: { readonly aborted: boolean; readonly posts: boolean }): Fault {
  if (error instanceof Fault) return error
  if (error instanceof WebAPIRateLimitedError) {
    return new Fault('retry', 'ratelimited', { afterMs: error.retryAfter * 1000 })
  }
  if (error instanceof WebAPIHTTPError) return statusFault(error.statusCode, call.posts)
  if (error instanceof WebAPIPlatformError) return platformFault(error.data.error, call.posts)
  // What is left are the network's errors: before an answer (wrapped by the library) or in the middle of one (bare).
  const cause = error instanceof WebAPIRequestError ? error.original : error
  return networkFault(cause, call)
}

/** Slack's own word for what is wrong. A word that is none is a body that could not be read: nobody knows what happened. */
function platformFault(code: string, posts: boolean): Fault {
  if (!/^[a-z0-9_]{1,64}$/u.test(code)) return new Fault('retry', 'unreadable-answer', { unsure: posts })
  const kind = KINDS[code] ?? 'bug'
  if (code === 'ratelimited' || code === 'rate_limited')
    return new Fault('retry', code, { afterMs: RATE_LIMIT_MS })
  return new Fault(kind, code, { unsure: posts && PERHAPS_DONE.has(code) })
}

/** A status that is not success, of the API or of a file's address. */
export function statusFault(status: number, posts: boolean): Fault {
  const code = `http-${status}`
  if (status === 429) return new Fault('retry', code, { afterMs: RATE_LIMIT_MS })
  if (status >= 500 || status === 408) return new Fault('retry', code, { unsure: posts })
  if (status === 401 || status === 403) return new Fault('reconnect', code)
  if (status === 404 || status === 410) return new Fault('gone', code)
  return new Fault('bug', code)
}

/** An error that `fetch` threw. */
export function networkFault(
  error: unknown,
  { aborted, posts }: { readonly aborted: boolean; readonly posts: boolean },
): Fault {
  if (aborted) return new Fault('retry', 'aborted', { unsure: posts })
  if (nameOf(error) === 'TimeoutError') return new Fault('retry', 'timeout', { unsure: posts })
  const code = codeOf(error)
  return new Fault('retry', code, { unsure: posts && !NEVER_SENT.has(code) })
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

/** Node's code for what happened, which `fetch` hides one level down. */
function codeOf(error: unknown): string {
  for (const link of [error, error instanceof Error ? error.cause : null]) {
    if (typeof link === 'object' && link !== null && 'code' in link && typeof link.code === 'string')
      return link.code
  }
  return 'network'
}
