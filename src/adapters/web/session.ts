import { createHmac, timingSafeEqual } from 'node:crypto'

/** A session lasts this long after it was issued, in milliseconds. */
export const SESSION_MS = 12 * 3_600_000
/** How far ahead of ours another process's clock may be, in milliseconds. */
const SKEW_MS = 5 * 60_000

export type SessionCheck =
  | { readonly ok: true; readonly person: string }
  | { readonly ok: false; readonly reason: 'unsigned' | 'forged' | 'stale' }

/**
 * Issues `<person>.<issued-at, ms since the epoch in base 36>.<hmac>` for a person. `at` is the machine's real time.
 * Whoever calls this has decided that the caller is that person.
 */
export function issueSession(key: Uint8Array, person: string, at: Date): string {
  const claim = `${encodeURIComponent(person).replaceAll('.', '%2E')}.${at.getTime().toString(36)}`
  return `${claim}.${sign(key, `session:${claim}`)}`
}

/**
 * Checks a token against the machine's real time: `unsigned` when there is none, `forged` when the signature is not
 * ours, `stale` when it is over SESSION_MS old or from more than five minutes ahead. Never throws.
 */
export function checkSession(key: Uint8Array, token: string | undefined, at: Date): SessionCheck {
  if (token === undefined || token === '') return { ok: false, reason: 'unsigned' }
  const match = /^([A-Za-z0-9%_~!*'()-]{1,600})\.([0-9a-z]{1,11})\.([A-Za-z0-9_-]{43})$/u.exec(token)
  const [, name, issued, signature] = match ?? []
  if (name === undefined || issued === undefined || signature === undefined)
    return { ok: false, reason: 'forged' }
  if (!sameText(signature, sign(key, `session:${name}.${issued}`))) return { ok: false, reason: 'forged' }
  const age = at.getTime() - Number.parseInt(issued, 36)
  if (age > SESSION_MS || age < -SKEW_MS) return { ok: false, reason: 'stale' }
  return { ok: true, person: decodeURIComponent(name) }
}

/**
 * The key that opens one file. It is handed out only with a post that the reader may see (or to the one who uploaded
 * the file), so holding it proves the right; it changes every 12 hours and is honoured for 12 to 24.
 */
export function fileKey(key: Uint8Array, file: string, at: Date): string {
  return sign(key, `file:${period(at)}:${file}`)
}

/** Whether `presented` is the file's key of this or the previous period. `at` is the machine's real time. */
export function checkFileKey(key: Uint8Array, file: string, presented: string, at: Date): boolean {
  return [period(at), period(at) - 1].some((turn) => sameText(presented, sign(key, `file:${turn}:${file}`)))
}

function period(at: Date): number {
  return Math.floor(at.getTime() / SESSION_MS)
}

function sign(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
