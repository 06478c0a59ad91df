import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** One Web API call, sent on to the emulator as JSON under this token. */
export async function forward(url: string, token: string, args: Record<string, unknown>) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  })
  const body: unknown = await response.json()
  return isRecord(body) ? body : { ok: false, error: 'not_an_object' }
}

export interface DoorAnswer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body: unknown
}

/** What is no call of a method: bytes that are put somewhere or fetched. Null: there is nothing at that address. */
export type DoorBytes = (
  path: string,
  method: string,
  bytes: Uint8Array,
) => Promise<{ readonly status: number; readonly bytes: Uint8Array; readonly type: string } | null>

/**
 * The address the app talks to: decodes each Web API call, JSON or form, and writes the answer. A post to
 * `/response/…`, the address of a `response_url`, is answered as the method `response_url`. `hang-up` ends the
 * connection without an answer. Other addresses are asked of `bytes`.
 */
export async function openDoor(
  answer: (method: string, token: string, args: Record<string, unknown>) => Promise<DoorAnswer | 'hang-up'>,
  bytes: DoorBytes = async () => null,
) {
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString('utf8')
    const path = (request.url ?? '').split('?')[0] ?? ''
    if (!path.startsWith('/api/') && !path.startsWith('/response/')) {
      const found = await bytes(path, request.method ?? 'GET', Buffer.concat(chunks))
      response.writeHead(found?.status ?? 404, { 'content-type': found?.type ?? 'text/plain' })
      response.end(found === null ? 'not found' : Buffer.from(found.bytes))
      return
    }
    const method = path.startsWith('/response/') ? 'response_url' : path.replace('/api/', '')
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '')
    const answered = await answer(method, token, decode(request, text))
    if (answered === 'hang-up') {
      response.destroy()
      return
    }
    const { status, headers, body } = answered
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
  const server: Server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end(JSON.stringify({ ok: false, error: String(error) }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port on loopback')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Web API clients send JSON, or a form whose structured fields are JSON text: both become one plain object. */
function decode(request: IncomingMessage, text: string): Record<string, unknown> {
  if (request.headers['content-type']?.startsWith('application/json')) {
    const body: unknown = JSON.parse(text || '{}')
    return isRecord(body) ? body : {}
  }
  return Object.fromEntries(
    [...new URLSearchParams(text)].map(([key, value]) => [
      key,
      ['blocks', 'attachments', 'metadata', 'view', 'files'].includes(key) ? JSON.parse(value) : value,
    ]),
  )
}

/** The objects of a list; nothing for anything else. */
export function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** True for a plain object, so that its fields may be asked for. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
