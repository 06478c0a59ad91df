// @ts-check
/**
 * PGlite in a thread of its own: its queries run synchronously, and a slow one must not delay an answer to a platform.
 * Plain JavaScript, since Node starts it as it is. It speaks PostgreSQL's wire protocol over messages: bytes in, bytes
 * out, strictly in order; `null` asks it to close the folder.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)
const database = await PGlite.create(workerData.folder)
let last = Promise.resolve()

port.on('message', (/** @type {Uint8Array | null} */ bytes) => {
  last = last.then(async () => {
    if (bytes === null) {
      await database.close()
      port.postMessage(null)
      port.close()
      return
    }
    port.postMessage(await database.execProtocolRaw(bytes))
  })
})
port.postMessage('ready')
