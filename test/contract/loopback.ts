import type { Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** One request that the platform's stand-in has seen. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** What the stand-in does with a request: an answer, a cut line, or silence until the caller gives up. */
export type Reply =
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string | Uint8Array
    }
  | 'reset'
  | 'hang'

export interface Loopback {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly origin: string
  readonly calls: Call[]
  /** Decides every answer from now on. */
  answer(reply: (call: Call) => Reply): void
  close(): Promise<void>
}

/** A platform's server on loopback whose answers the test decides; it remembers every request. */
export async function loopback(): Promise<Loopback> {
  const calls: Call[] = []
  let decide: (call: Call) => Reply = () => ({ status: 500 })
  const sockets = new Set<Socket>()

  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const call: Call = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString('utf8'),
      }
      calls.push(call)
      write(response, decide(call))
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    origin: `http://127.0.0.1:${port}`,
    calls,
    answer(reply) {
      decide = reply
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function write(response: ServerResponse, reply: Reply): void {
  if (reply === 'hang') return
  if (reply === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  response.writeHead(reply.status, reply.headers)
  response.end(reply.body)
}
