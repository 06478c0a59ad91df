import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RawRequest, RefusalReason } from '../../core/adapter.ts'
import { JSON_DEPTH, SIGNATURE_SECONDS } from './limits.ts'

/**
 * Whether a request comes from Slack, by the signature over its raw bytes, and is fresh: null if so, else why not.
 * Refuses time stamps more than five minutes away in either direction; Slack's own library lets any future one pass.
 * https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function refusalOf(raw: RawRequest, signingSecret: string | null): RefusalReason | null {
  if (signingSecret === null || signingSecret === '') return 'unconfigured'
  const signature = raw.headers['x-slack-signature']
  const stamp = raw.headers['x-slack-request-timestamp']
  if (!signature || !stamp) return 'unsigned'
  if (!/^\d{1,12}$/u.test(stamp)) return 'forged'
  if (Math.abs(raw.at.getTime() / 1000 - Number(stamp)) > SIGNATURE_SECONDS) return 'stale'

  const expected = Buffer.from(
    `v0=${createHmac('sha256', signingSecret).update(`v0:${stamp}:`).update(raw.body).digest('hex')}`,
  )
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected) ? null : 'forged'
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The object in a request's body: JSON, a form's `payload` field (interactivity), or the form itself (slash commands,
 * `ssl_check`). Null for anything that cannot be read: other bytes than UTF-8, half a document, no object, or one
 * nested beyond reason.
 */
export function bodyOf(raw: RawRequest): Readonly<Record<string, unknown>> | null {
  const text = decodeUtf8(raw.body)
  if (text === null) return null
  // Proxies add `; charset=utf-8`; Bolt compares the whole header and answers 400 then.
  const type = (raw.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return objectOf(text)
  const fields = Object.fromEntries(new URLSearchParams(text))
  return fields.payload === undefined
    ? Object.keys(fields).length > 0
      ? fields
      : null
    : objectOf(fields.payload)
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    // A TypeError is how the decoder says "not UTF-8"; there is nothing else to know.
    return null
  }
}

function objectOf(json: string): Readonly<Record<string, unknown>> | null {
  if (depthOf(json) > JSON_DEPTH) return null
  try {
    const value: unknown = JSON.parse(json)
    return isRecord(value) ? value : null
  } catch {
    // A SyntaxError is how the parser says "half a document".
    return null
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** How deep brackets stand in each other, outside strings; one pass, because it runs before the parser may. */
function depthOf(json: string): number {
  let depth = 0
  let deepest = 0
  for (let index = 0; index < json.length; index += 1) {
    switch (json.charCodeAt(index)) {
      case 0x22:
        index = endOfString(json, index)
        break
      case 0x5b:
      case 0x7b:
        depth += 1
        if (depth > deepest) deepest = depth
        break
      case 0x5d:
      case 0x7d:
        depth -= 1
        break
    }
  }
  return deepest
}

/** The index of the quote that closes the string opened at `open`; the text's end if there is none. */
function endOfString(json: string, open: number): number {
  let close = json.indexOf('"', open + 1)
  while (close > 0) {
    let slashes = 0
    while (json.charCodeAt(close - 1 - slashes) === 0x5c) slashes += 1
    if (slashes % 2 === 0) return close
    close = json.indexOf('"', close + 1)
  }
  return json.length
}
