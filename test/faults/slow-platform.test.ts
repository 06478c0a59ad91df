import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Adapter } from '../../src/core/adapter.ts'
import type { Errand } from '../../src/core/intent.ts'
import { workerWith } from '../../src/core/worker.ts'
import { connectServer } from '../../src/db/client.ts'
import { fileStore } from '../../src/db/files.ts'
import { outboxStore, putErrands } from '../../src/db/outbox.ts'
import { readStore } from '../../src/db/read.ts'
import { newKey, sealerOf } from '../../src/db/seal.ts'
import { timerStore } from '../../src/db/timers.ts'
import { waitFor } from '../support/wait.ts'
import type { Workbench } from './bench.ts'
import { slackPlace, workbench } from './bench.ts'

let bench: Workbench

beforeEach(async () => {
  bench = await workbench('slow')
})
afterEach(async () => {
  await bench.end()
})

/** A minute passes in six tenths of a second. */
const HASTE = 100

it('a lane that takes longer than its lease is sent by one process, in order, each thing once', async () => {
  const [person] = await bench.connection.database.execute<Record<string, unknown>>(
    sql`select id from persons where key = 'li-wei'`,
  )
  const errands = Array.from(
    { length: 12 },
    (_, index): Errand => ({
      id: bench.ids.next(),
      key: `tell:${index}`,
      lane: 'slack:C1',
      ticketId: null,
      intent: {
        kind: 'tell',
        place: slackPlace('C1'),
        person: 'U1',
        personId: String(person?.id),
        key: 'refused.no-such-ticket',
        params: { number: index },
        ticketId: null,
      },
    }),
  )
  const started = performance.now()
  const epoch = Date.now()
  const real = () => new Date(epoch + (performance.now() - started) * HASTE)
  await putErrands(bench.connection.database, bench.workspace, errands, real())

  const sent: { by: string; text: string }[] = []
  const connections = ['a', 'b'].map((owner) => ({ owner, on: connectServer(bench.url, 3) }))
  const workers = connections.map(({ owner, on }) => {
    const clock = { real, now: real }
    const quiet = { info() {}, warn() {}, error() {}, debug() {} }
    const outbox = outboxStore(on.database)
    const { ingest } = bench.process(owner)
    return workerWith({
      delivering: {
        adapters: new Map([['slack', slow(owner, sent)]]),
        outbox,
        read: readStore(on.database, bench.seal, bench.clock),
        files: fileStore(on.database, sealerOf([newKey()])),
        clock,
        log: quiet,
        chance: () => 0.5,
        emit: (workspace, events) => ingest.accept(workspace, events),
      },
      ingest,
      outbox,
      timers: timerStore(on.database),
      clock,
      log: quiet,
      owner,
    })
  })
  const heartbeat = setInterval(() => {
    for (const worker of workers) worker.poke()
  }, 20)
  try {
    await waitFor('everything is sent', 15_000, async () => {
      const [row] = await bench.connection.database.execute<Record<string, unknown>>(
        sql`select count(*)::int as n from outbox where state = 'ready'`,
      )
      return row?.n === 0
    })
  } finally {
    clearInterval(heartbeat)
    for (const worker of workers) await worker.stop()
    for (const { on } of connections) await on.close()
  }
  expect(sent.map((one) => one.text.match(/\d+/u)?.[0])).toEqual(errands.map((_, index) => String(index)))
}, 20_000)

/** A platform that takes eighteen seconds of this clock for a message, and never fails. */
function slow(by: string, sent: { by: string; text: string }[]): Adapter {
  return {
    platform: 'slack',
    abilities: {
      threads: true,
      edit: 'any',
      privateNotes: true,
      forms: true,
      buttons: true,
      files: true,
      home: true,
      textMax: { unit: 'characters', count: 4_000 },
      ratePerMinute: 600,
      answerMs: 3_000,
    },
    receive: async () => ({ kind: 'refused', status: 401, reason: 'unsigned' }),
    render: (message) => [{ platform: 'slack', body: message.text }],
    async send(payload, to) {
      sent.push({ by, text: String(payload.body) })
      await new Promise((resolve) => setTimeout(resolve, 180))
      return { channel: JSON.stringify(to.to), message: String(sent.length) }
    },
    profile: async () => null,
    history: async () => [],
    download: async () => new Uint8Array(),
    examine: async () => [],
  }
}
