import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Errand } from '../../src/core/intent.ts'
import type { OutboxStore } from '../../src/core/store.ts'
import type { Connection } from '../../src/db/client.ts'
import { connectServer } from '../../src/db/client.ts'
import { inboxStore } from '../../src/db/inbox.ts'
import { outboxStore, putErrands } from '../../src/db/outbox.ts'
import type { Workbench } from '../faults/bench.ts'
import { message, workbench } from '../faults/bench.ts'

/** How work is shared out among processes, on real PostgreSQL. */

let bench: Workbench
let wide: Connection
let outbox: OutboxStore

beforeAll(async () => {
  bench = await workbench('claims')
  wide = connectServer(bench.url, 8)
  outbox = outboxStore(wide.database)
})
afterAll(async () => {
  await wide.close()
  await bench.end()
})
beforeEach(async () => {
  await wide.database.execute(sql`delete from outbox`)
  await wide.database.execute(sql`delete from lanes`)
  await wide.database.execute(sql`delete from inbox`)
})

const at = (ms: number) => new Date(1_790_000_000_000 + ms)
const lease = (owner: string, now: number, lasts = 60_000) => ({ owner, until: at(now + lasts) })

function errand(key: string, lane = 'slack:C1'): Errand {
  return {
    id: bench.ids.next(),
    key,
    lane,
    ticketId: null,
    intent: { kind: 'card', ticketId: key, threadId: key },
  }
}

const put = (errands: readonly Errand[], now = 0) =>
  putErrands(wide.database, bench.workspace, errands, at(now))

describe('lanes', () => {
  it('are given to eight claimers at once, each to one of them', async () => {
    await put(Array.from({ length: 200 }, (_, index) => errand(`k${index}`, `slack:C${index}`)))
    const claimed = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const mine: string[] = []
        for (let round = 0; round < 20; round++) {
          const lanes = await outbox.claimLanes(7, lease(`p${index}`, 1), at(1))
          mine.push(...lanes.map((one) => one.lane))
        }
        return mine
      }),
    )
    const all = claimed.flat()
    expect(all).toHaveLength(200)
    expect(new Set(all).size).toBe(200)
    expect(claimed.filter((mine) => mine.length > 0).length).toBeGreaterThan(1)
  })

  it('of a dead process are taken over when its lease ends', async () => {
    await put([errand('a')])
    expect(await outbox.claimLanes(10, lease('dead', 0), at(0))).toHaveLength(1)
    expect(await outbox.claimLanes(10, lease('next', 59_000), at(59_000))).toEqual([])
    const [claim] = await outbox.claimLanes(10, lease('next', 60_000), at(60_000))
    expect(claim).toMatchObject({ lane: 'slack:C1' })
    expect(await outbox.hold(claim!, lease('dead', 60_001))).toBe(false)
    expect(await outbox.hold(claim!, lease('next', 60_001))).toBe(true)
  })

  it('lose no wake-up, whatever comes in while they are being left', async () => {
    for (let round = 0; round < 40; round++) {
      const now = round * 10
      await put([errand(`first-${round}`)], now)
      const [claim] = await outbox.claimLanes(1, lease('a', now), at(now))
      for (const one of await outbox.errands(claim!, at(now), 20))
        await outbox.delivered(one, [{ channel: 'C1', message: one.key }], null, at(now))
      await Promise.all([
        outbox.leave(claim!, null, at(now)),
        put([errand(`second-${round}`)], now),
        round % 2 === 0 ? put([errand(`first-${round}`)], now) : null,
      ])
      const again = await outbox.claimLanes(1, lease('b', now + 1), at(now + 1))
      expect({ round, again: again.length }).toEqual({ round, again: 1 })
      const left = await outbox.errands(again[0]!, at(now + 1), 20)
      expect(left).toHaveLength(round % 2 === 0 ? 2 : 1)
      for (const one of left)
        await outbox.delivered(one, [{ channel: 'C1', message: one.key }], null, at(now + 1))
      await outbox.leave(again[0]!, null, at(now + 1))
      const idle = await outbox.claimLanes(1, lease('c', now + 2), at(now + 2))
      // Something was added since the claim, so one more look is right; it finds nothing and leaves for good.
      for (const one of idle) {
        expect(await outbox.errands(one, at(now + 2), 20)).toEqual([])
        await outbox.leave(one, null, at(now + 2))
      }
      expect(await outbox.claimLanes(1, lease('d', now + 3), at(now + 3))).toEqual([])
    }
  })

  it('sleep until their first errand may be tried again, whatever waits behind it', async () => {
    await put([errand('first'), errand('second')])
    const [claim] = await outbox.claimLanes(1, lease('a', 0), at(0))
    const [first] = await outbox.errands(claim!, at(0), 20)
    await outbox.failed(first!, { code: 'retry:x', unsure: false, again: at(5_000), receipts: [] }, at(0))
    await outbox.leave(claim!, at(5_000), at(0))
    await put([errand('third')], 100)
    const [woken] = await outbox.claimLanes(1, lease('b', 101), at(101))
    expect(await outbox.errands(woken!, at(101), 20)).toEqual([])
    await outbox.leave(woken!, null, at(101))
    expect(await outbox.claimLanes(1, lease('c', 102), at(102))).toEqual([])
    const [due] = await outbox.claimLanes(1, lease('d', 5_000), at(5_000))
    const keys = (await outbox.errands(due!, at(5_000), 20)).map((one) => one.key)
    expect(keys).toEqual(['first', 'second', 'third'])
  })
})

describe('errands', () => {
  it('of one key are one, at the place of the first that still waits', async () => {
    await put([errand('card'), errand('note')])
    await put([errand('card'), errand('late')])
    const [claim] = await outbox.claimLanes(1, lease('a', 0), at(0))
    const due = await outbox.errands(claim!, at(0), 20)
    expect(due.map((one) => [one.key, one.revision])).toEqual([
      ['card', 2],
      ['note', 1],
      ['late', 1],
    ])
  })

  it('wanted again while they are on their way stay ready, with their receipts', async () => {
    await put([errand('card')])
    const [claim] = await outbox.claimLanes(1, lease('a', 0), at(0))
    const [one] = await outbox.errands(claim!, at(0), 20)
    await outbox.sending(one!)
    await put([errand('card')])
    await outbox.delivered(one!, [{ channel: 'C1', message: '1.1' }], null, at(0))
    const [again] = await outbox.errands(claim!, at(0), 20)
    expect(again).toMatchObject({ key: 'card', receipts: [{ message: '1.1' }], unsure: false })
  })

  it('are known to be doubtful after a death in the middle of sending', async () => {
    await put([errand('card')])
    const [claim] = await outbox.claimLanes(1, lease('dead', 0), at(0))
    const [one] = await outbox.errands(claim!, at(0), 20)
    expect(one?.unsure).toBe(false)
    await outbox.sending(one!)
    await put([errand('card')])
    const [next] = await outbox.claimLanes(1, lease('next', 60_000), at(60_000))
    expect(await outbox.errands(next!, at(60_000), 20)).toMatchObject([{ id: one!.id, unsure: true }])
  })
})

describe('events', () => {
  it('left behind are given to eight claimers at once, each to one of them', async () => {
    const inbox = inboxStore(wide.database, bench.seal, bench.ids)
    const events = Array.from({ length: 200 }, (_, index) => message(`U${index}`, `printer ${index}`))
    await inbox.accept(bench.workspace, events, lease('dead', 0, 10), at(0))
    expect(await inbox.takeOver(10, lease('early', 5), at(5))).toEqual([])
    const taken = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const mine: string[] = []
        for (let round = 0; round < 20; round++)
          mine.push(...(await inbox.takeOver(7, lease(`p${index}`, 11), at(11))).map((one) => one.event.key))
        return mine
      }),
    )
    expect(taken.flat()).toHaveLength(200)
    expect(new Set(taken.flat()).size).toBe(200)
  })
})
