import type { PageAnswer } from '../answer.ts'
import type { WebPerson } from '../directory.ts'
import type { LinkedFile, WirePost } from '../post.ts'
import type { PageRequest } from '../request.ts'

export type PagePerson = Omit<WebPerson, 'mail'>

export interface PageDirectory {
  readonly people: readonly PagePerson[]
  readonly zone: string
  readonly now: string
  readonly demo: boolean
  readonly timeMachine: boolean
}

/** An answer that is not a success. `status` 0: none came at all, so trying again may help. */
export class HttpFailure extends Error {
  readonly status: number
  constructor(status: number, cause?: unknown) {
    super(`status ${status}`, { cause })
    this.status = status
  }
  /** Whether the same request may do better later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

const HEADER = 'x-gongdan-session'
/** One session a person, asked for when first needed and again when it has run out. */
const sessions = new Map<string, Promise<string>>()

export async function loadDirectory(): Promise<PageDirectory> {
  return readAs<PageDirectory>(await call('/web/directory', {}))
}

/** The person's session token. */
export function sessionFor(person: string): Promise<string> {
  const known = sessions.get(person)
  if (known !== undefined) return known
  const asked = postJson('/web/session', { as: person })
    .then((response) => readAs<{ token: string }>(response))
    .then(({ token }) => token)
  sessions.set(person, asked)
  // A failure is told to whoever waits; the next one asks anew.
  asked.catch(() => sessions.delete(person))
  return asked
}

/** Drops every session, so that the next calls ask for new ones. */
export function forgetSessions(): void {
  sessions.clear()
}

export async function loadPosts(
  person: string,
  channel: string,
  thread: string | null,
): Promise<readonly WirePost[]> {
  const query = new URLSearchParams({ channel, ...(thread === null ? {} : { thread }) })
  const response = await callAs(person, `/web/posts?${query}`, {})
  return (await readAs<{ posts: readonly WirePost[] }>(response)).posts
}

export async function sendEvent(person: string, event: PageRequest): Promise<PageAnswer> {
  const body = JSON.stringify(event)
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  return readAs<PageAnswer>(await callAs(person, '/web/events', request))
}

/** Moves the desk's clock; resolves to its new time in milliseconds since the epoch. */
export async function advanceClock(advance: string): Promise<number> {
  const { now } = await readAs<{ now: string }>(await postJson('/web/clock', { advance }))
  return new Date(now).getTime()
}

/** Uploads a file; `progress` is told the part that is through, 0 to 1. `fetch` cannot tell, so this is the old way. */
export async function uploadFile(
  person: string,
  file: File,
  progress: (part: number) => void,
  signal: AbortSignal,
): Promise<LinkedFile> {
  const token = await sessionFor(person)
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `/web/files?${new URLSearchParams({ name: file.name })}`)
    request.setRequestHeader(HEADER, token)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.responseType = 'json'
    request.upload.onprogress = (event) => progress(event.total === 0 ? 0 : event.loaded / event.total)
    request.onload = () =>
      request.status === 200
        ? resolve(request.response as LinkedFile)
        : reject(new HttpFailure(request.status))
    request.onerror = () => reject(new HttpFailure(0))
    request.onabort = () => reject(new HttpFailure(0))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(file)
  })
}

export function fileUrl(file: LinkedFile): string {
  return `/web/files/${encodeURIComponent(file.id)}?${new URLSearchParams({ key: file.key })}`
}

async function callAs(person: string, path: string, request: RequestInit): Promise<Response> {
  const once = async () => {
    const headers = new Headers(request.headers)
    headers.set(HEADER, await sessionFor(person))
    return call(path, { ...request, headers })
  }
  try {
    return await once()
  } catch (error) {
    if (!(error instanceof HttpFailure) || error.status !== 401) throw error
    sessions.delete(person)
    return once()
  }
}

function postJson(path: string, body: unknown): Promise<Response> {
  return call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function call(path: string, request: RequestInit): Promise<Response> {
  const response = await fetch(path, request).catch((cause: unknown) => {
    throw new HttpFailure(0, cause)
  })
  if (!response.ok) throw new HttpFailure(response.status)
  return response
}

/** Our own server's answers: page and server are built together, so their types are taken at their word. */
async function readAs<T>(response: Response): Promise<T> {
  return (await response.json()) as T
}
