import { Duplex } from 'node:stream'
import { Worker } from 'node:worker_threads'

/** The embedded database: one folder, one process, one session. */
export interface Embedded {
  /** The stream that the PostgreSQL client talks through, as it would through a socket. */
  socket(): Duplex
  close(): Promise<void>
}

/** Opens (or makes) the database in `folder`. Throws an EmbeddedError if the folder cannot be read as one. */
export async function openEmbedded(folder: string): Promise<Embedded> {
  const worker = new Worker(new URL('./pglite-worker.js', import.meta.url), { workerData: { folder } })
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', (cause) => reject(new EmbeddedError(folder, { cause })))
  })
  let stream: Duplex | null = null
  let ended: (() => void) | null = null
  worker.on('message', (bytes: Uint8Array | null) => {
    if (bytes === null) ended?.()
    else stream?.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  })
  worker.on('error', (cause) => stream?.destroy(new EmbeddedError(folder, { cause })))

  return {
    socket() {
      // A copy for each chunk: the client reuses its buffer while the message is still on its way.
      const duplex = new Duplex({
        read() {},
        write(chunk: Buffer, _encoding, done) {
          // `X` is the client's goodbye. The session is the only one there is, so it stays.
          if (chunk[0] !== 0x58) worker.postMessage(new Uint8Array(chunk))
          done()
        },
        final(done) {
          // At once: nobody reads any more, so the stream would never come to its end by itself.
          this.destroy()
          done()
        },
      })
      // The client says goodbye only to a socket that calls itself open, and then waits for its close.
      stream = Object.assign(duplex, { readyState: 'open' })
      return stream
    },
    async close() {
      const done = new Promise<void>((resolve) => {
        ended = resolve
      })
      worker.postMessage(null)
      await done
      await worker.terminate()
    },
  }
}

export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError'
  readonly folder: string

  constructor(folder: string, options: ErrorOptions) {
    super(`the embedded database in ${folder} cannot be opened`, options)
    this.folder = folder
  }
}
