import { eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { InboundEvent } from '../../src/core/event.ts'
import { handleBatch } from '../../src/core/handle.ts'
import { inbox } from '../../src/db/ledger.ts'
import { identities, messages, tickets } from '../../src/db/schema.ts'
import type { Workbench } from './bench.ts'
import { message, slackPlace, workbench } from './bench.ts'

/** Handling under races and bad luck, on a real PostgreSQL. */

let bench: Workbench

beforeEach(async () => {
  bench = await workbench('handling')
})
afterEach(async () => {
  await bench.end()
})

const count = async (table: typeof tickets | typeof identities) =>
  Number((await bench.connection.database.select({ n: sql`count(*)` }).from(table))[0]?.n)

describe('group commit', () => {
  it('gives each key to exactly one of 500 callers at once', async () => {
    const processes = [bench.process('a'), bench.process('b')]
    const events = Array.from({ length: 120 }, (_, index) => message(`U${index}`, `printer ${index}`))
    const given = new Map<string, number>()
    const lease = { owner: 'a', until: new Date(bench.clock.real().getTime() + 20_000) }
    const results = await Promise.all(
      Array.from({ length: 500 }, (_, index) => {
        // Each caller brings three events, one of them twice, and shares every one with others.
        const mine = [0, 1, 2].map((step) => events[(index * 7 + step * 31) % events.length]!)
        return processes[index % 2]!.inbox.accept(
          bench.workspace,
          [...mine, mine[0]!],
          lease,
          bench.clock.now(),
        )
      }),
    )
    for (const keys of results) for (const key of keys) given.set(key, (given.get(key) ?? 0) + 1)
    expect(given.size).toBe(120)
    expect([...given.values()].every((times) => times === 1)).toBe(true)
  })
})

describe('two processes', () => {
  it('make one person of somebody who writes to both of them at once', async () => {
    const [a, b] = [bench.process('a'), bench.process('b')]
    for (let round = 0; round < 6; round++) {
      const person = `U-new-${round}`
      await Promise.all([
        a.ingest.accept(bench.workspace, [message(person, 'my printer is broken', 'C-help')]),
        b.ingest.accept(bench.workspace, [message(person, 'my invoice is wrong', `D-${person}`)]),
      ])
      await Promise.all([a.ingest.settled(), b.ingest.settled()])
    }
    bench.advance(5_000)
    await a.ingest.sweep()
    await a.ingest.settled()
    expect(await count(tickets)).toBe(12)
    expect(await count(identities)).toBe(6)
    const requesters = await bench.connection.database
      .selectDistinct({ id: tickets.requesterId })
      .from(tickets)
    expect(requesters).toHaveLength(6)
  })

  it('number what they open without gaps, however they interleave', async () => {
    const processes = [bench.process('a'), bench.process('b')]
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        processes[index % 2]!.ingest.accept(bench.workspace, [
          message(`U${index}`, index % 5 === 0 ? 'thanks' : `printer ${index} is broken`),
        ]),
      ),
    )
    await Promise.all(processes.map(({ ingest }) => ingest.settled()))
    const rows = await bench.connection.database.select({ number: tickets.number }).from(tickets)
    expect(rows.map((row) => row.number).toSorted((x, y) => x - y)).toEqual(
      Array.from({ length: 48 }, (_, index) => index + 1),
    )
  })

  it('do not both carry out an event whose lease has ended in the hands of the slower one', async () => {
    await openOne()
    const [ticket] = await bench.connection.database.select().from(tickets)
    // Done twice this would be two answers: unlike a message, a form has no place of its own that shows it is there.
    const form: InboundEvent = {
      type: 'form',
      key: 'form:slack:T1:V1:1',
      at: new Date(),
      place: slackPlace('C-it-desk', '1.1'),
      from: { id: 'U-li', name: null, locale: null },
      form: `reply:${ticket!.number}:${ticket!.version}`,
      values: { text: 'Please restart it' },
      files: [],
    }
    const lease = { owner: 'slow', until: bench.clock.real() }
    await bench.inbox.accept(bench.workspace, [form], lease, bench.clock.now())
    const claimed = { workspace: bench.workspace, event: form, attempts: 0 }
    const [a, b] = [bench.process('a'), bench.process('b')]
    await Promise.allSettled([
      handleBatch(bench.workspace, [claimed], a.handling),
      handleBatch(bench.workspace, [claimed], b.handling),
    ])
    await Promise.allSettled([handleBatch(bench.workspace, [claimed], bench.handling)])
    const said = await bench.connection.database.select().from(messages).where(eq(messages.by, 'staff'))
    expect(said).toHaveLength(1)
  })
})

describe('what comes in together', () => {
  it('goes out in order: the card that opens a thread before what is said in it', async () => {
    const root = message('U1', 'my printer is broken')
    const replies = ['it is the big one', 'on floor 3'].map((text) =>
      message('U1', text, root.place.channel, root.messageId),
    )
    const { ingest } = bench.process('a')
    await ingest.accept(bench.workspace, [root, ...replies])
    await ingest.settled()
    const now = bench.clock.real()
    const lanes = await bench.outbox.claimLanes(10, { owner: 'a', until: now }, now)
    const agents = lanes.find((one) => one.lane === 'slack:C-it-desk')
    const kinds = (await bench.outbox.errands(agents!, now, 10)).map((one) => one.intent.kind)
    expect(kinds).toEqual(['card', 'relay', 'relay'])
  })
})

describe('an event that always fails', () => {
  it('is parked, and those that came with it go on', async () => {
    const { ingest } = bench.process('a')
    const innocent = message('U3', 'my screen is broken')
    // PostgreSQL has no such character: writing the person fails, every time.
    const poison: InboundEvent = { ...innocent, from: { ...innocent.from, name: 'nobody\u0000' } }
    await ingest.accept(bench.workspace, [
      message('U1', 'my printer is broken'),
      poison,
      message('U2', 'my laptop is broken'),
    ])
    await ingest.settled()
    expect(await count(tickets)).toBe(2)
    for (let round = 0; round < 10; round++) {
      bench.advance(61_000)
      await ingest.sweep()
      await ingest.settled()
    }
    const [row] = await bench.connection.database.select().from(inbox).where(eq(inbox.key, poison.key))
    expect(row).toMatchObject({ state: 'parked', attempts: 8, lastCode: '22P05' })
    expect(bench.lines.some((line) => line.includes('parked'))).toBe(true)
  })

  it('is parked too if it cannot even be read, and blocks nobody', async () => {
    const { ingest, inbox: store } = bench.process('a')
    const over = { owner: 'dead', until: bench.clock.real() }
    const [bad, good] = [message('U1', 'my printer'), message('U2', 'my laptop is broken')]
    await store.accept(bench.workspace, [bad], over, bench.clock.now())
    await store.accept(bench.workspace, [good], over, bench.clock.now())
    await bench.connection.database
      .update(inbox)
      .set({ eventSealed: Buffer.from('sealed with a key that is lost') })
      .where(eq(inbox.key, bad.key))
    bench.advance(1_000)
    await ingest.sweep().catch(() => 0)
    await ingest.settled()
    expect(await count(tickets)).toBe(1)
    const [row] = await bench.connection.database.select().from(inbox).where(eq(inbox.key, bad.key))
    expect(row?.state).toBe('parked')
  })
})

describe('a process that dies', () => {
  it('leaves its events to whoever looks after the lease has ended, and not before', async () => {
    const [dead, alive] = [bench.process('dead'), bench.process('alive')]
    const events = ['one', 'two', 'three'].map((word) => message(`U-${word}`, `${word} printer is broken`))
    const lease = { owner: 'dead', until: new Date(bench.clock.real().getTime() + 20_000) }
    await dead.inbox.accept(bench.workspace, events, lease, bench.clock.now())
    expect(await alive.ingest.sweep()).toBe(0)
    bench.advance(20_001)
    expect(await alive.ingest.sweep()).toBe(3)
    await alive.ingest.settled()
    expect(await count(tickets)).toBe(3)
  })
})

async function openOne(): Promise<void> {
  const { ingest } = bench.process('setup')
  await bench.connection.database.execute(
    sql`insert into identities (workspace_id, platform, external_id, install, person_id)
        select workspace_id, 'slack', 'U-li', 'T1', id from persons where key = 'li-wei'`,
  )
  await ingest.accept(bench.workspace, [message('U-ana', 'my printer is broken')])
  await ingest.settled()
}
