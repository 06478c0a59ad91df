import type { Delivery } from '../../core/adapter.ts'
import { Fault } from '../../core/adapter.ts'
import type { IncomingFile } from '../../core/event.ts'
import type { FileRef } from '../../core/message.ts'
import type { Access } from './client.ts'
import { call } from './client.ts'
import { networkFault, statusFault } from './fault.ts'

const MOST_REDIRECTS = 3

/**
 * The bytes of a file that came with a message. The token goes to Slack's own hosts only, redirects included, whatever
 * the address in the event says. Throws a Fault: `gone` for a file over `max` bytes or at a foreign address, `reconnect`
 * when Slack answers with its sign-in page, which is how it says that `files:read` is missing.
 */
export async function download(
  access: Access,
  file: IncomingFile,
  max: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (access.token === null) throw new Fault('reconnect', 'not_authed')
  const source = file.source === '' ? await addressOf(access, file.id, signal) : file.source
  const timed = AbortSignal.any([signal, AbortSignal.timeout(access.timeoutMs)])
  try {
    const response = await follow(access, source, timed)
    if (isSignInPage(response, file)) {
      await response.body?.cancel()
      throw new Fault('reconnect', 'missing_scope')
    }
    return await read(response, max)
  } catch (error) {
    if (error instanceof Fault) throw error
    throw networkFault(error, { aborted: signal.aborted, posts: false })
  }
}

/** Files shared from another company come as a stub: Slack must be asked for the rest (`file_access: check_file_info`). */
async function addressOf(access: Access, id: string, signal: AbortSignal): Promise<string> {
  const { file } = await call(access, 'files.info', { file: id }, { signal })
  const found = stringIn(file, 'url_private_download') ?? stringIn(file, 'url_private')
  if (found === null) throw new Fault('gone', 'file-without-address')
  return found
}

async function follow(access: Access, source: string, signal: AbortSignal): Promise<Response> {
  let address = ownAddress(access, source)
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await fetch(address, {
      headers: { authorization: `Bearer ${access.token}` },
      redirect: 'manual',
      signal,
    })
    if (response.ok) return response
    await response.body?.cancel()
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null)
      throw statusFault(response.status, false)
    address = ownAddress(access, location, address)
  }
  throw new Fault('gone', 'too-many-redirects')
}

/** The address if it is Slack's over TLS, or the configured stand-in's; otherwise a Fault, before anything is sent. */
function ownAddress(access: Access, address: string, base?: URL): URL {
  if (URL.canParse(address, base)) {
    const url = new URL(address, base)
    if (isOwn(url, access.apiUrl)) return url
  }
  throw new Fault('gone', 'foreign-address')
}

/** Whether an address belongs to Slack (or to the stand-in that was configured), so that it may be called at all. */
export function isOwn(url: URL, apiUrl: string): boolean {
  if (url.origin === new URL(apiUrl).origin) return true
  const slack = url.hostname === 'slack.com' || url.hostname.endsWith('.slack.com')
  return slack && url.protocol === 'https:' && url.port === '' && url.username === ''
}

function isSignInPage(response: Response, file: IncomingFile): boolean {
  const html = (response.headers.get('content-type') ?? '').startsWith('text/html')
  // A real HTML file comes as an attachment.
  return html && !(file.mime === 'text/html' && response.headers.has('content-disposition'))
}

async function read(response: Response, max: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  if (response.body === null) return new Uint8Array()
  for await (const part of response.body) {
    size += part.byteLength
    // Leaving the loop cancels the rest of the body.
    if (size > max) throw new Fault('gone', 'file-too-large')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Where a file is shared. */
export interface Destination {
  readonly channel: string
  readonly thread: string | null
}

/**
 * Shares a file in a conversation: ask for an address, put the bytes there, share. Only the last step can leave doubt,
 * because nobody sees anything before it. Returns the file's id and, if Slack knows it already, the message's.
 * https://docs.slack.dev/messaging/working-with-files#upload
 */
export async function upload(
  access: Access,
  ref: FileRef,
  {
    title,
    comment,
    to,
  }: { readonly title: string; readonly comment: string | null; readonly to: Destination },
  delivery: Delivery,
): Promise<{ readonly file: string; readonly message: string | null }> {
  const { signal } = delivery
  const bytes = await bytesOf(ref, delivery)
  const slot = await call(
    access,
    'files.getUploadURLExternal',
    { filename: ref.name || 'file', length: bytes.byteLength },
    { signal },
  )
  const [address, id] = [stringIn(slot, 'upload_url'), stringIn(slot, 'file_id')]
  if (address === null || id === null) throw new Fault('retry', 'unreadable-answer')
  await put(access, address, bytes, signal)
  const shared = await call(
    access,
    'files.completeUploadExternal',
    {
      files: [{ id, title }],
      channel_id: to.channel,
      ...(to.thread === null ? {} : { thread_ts: to.thread }),
      ...(comment === null ? {} : { initial_comment: comment }),
    },
    { signal, posts: true },
  )
  const files = Array.isArray(shared.files) ? shared.files : []
  return { file: id, message: shareIn(files[0], to.channel) }
}

async function bytesOf(ref: FileRef, delivery: Delivery): Promise<Uint8Array> {
  try {
    return await delivery.file(ref.id)
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault('retry', 'file-unreadable', { cause: error })
  }
}

async function put(access: Access, address: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const url = ownAddress(access, address)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      // A copy, because `fetch` takes no view of memory that may be shared.
      body: new Uint8Array(bytes),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(access.timeoutMs)]),
    })
    await response.body?.cancel()
    if (!response.ok) throw statusFault(response.status, false)
  } catch (error) {
    if (error instanceof Fault) throw error
    throw networkFault(error, { aborted: signal.aborted, posts: false })
  }
}

/** The message by which a file appears in a channel; Slack often fills this in a moment after it answered. */
function shareIn(file: unknown, channel: string): string | null {
  const shares = fieldIn(file, 'shares')
  for (const kind of ['public', 'private']) {
    const list = fieldIn(fieldIn(shares, kind), channel)
    const ts = Array.isArray(list) ? stringIn(list[0], 'ts') : null
    if (ts !== null) return ts
  }
  return null
}

/** A field of something that may not even be an object. */
export function fieldIn(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}

/** A field that is a text with something in it, or null. */
export function stringIn(value: unknown, name: string): string | null {
  const found = fieldIn(value, name)
  return typeof found === 'string' && found !== '' ? found : null
}
