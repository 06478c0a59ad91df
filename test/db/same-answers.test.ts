import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import type { InboundEvent } from '../../src/core/event.ts'
import { messageKey } from '../../src/core/event.ts'
import { handleBatch } from '../../src/core/handle.ts'
import type { Connection } from '../../src/db/client.ts'
import { connectServer, migrate, migrateUrl, openFolder } from '../../src/db/client.ts'
import { deskStore } from '../../src/db/desk-store.ts'
import { fileStore } from '../../src/db/files.ts'
import { inboxStore } from '../../src/db/inbox.ts'
import { outboxStore } from '../../src/db/outbox.ts'
import { readStore } from '../../src/db/read.ts'
import { roomStore } from '../../src/db/room.ts'
import { newKey, sealerOf } from '../../src/db/seal.ts'
import { sealedText } from '../../src/db/sealed.ts'
import { timerStore } from '../../src/db/timers.ts'
import { tokenFor, workspaceStore } from '../../src/db/workspace.ts'
import { slackPolicy } from '../flow/slack-talk.ts'
import { freshPostgres } from '../support/shared-postgres.ts'

/** The embedded database and the server are one database to the desk: the same calls get the same answers. */

it('PGlite and PostgreSQL answer alike', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gongdan-same-'))
  const fresh = await freshPostgres(migrateUrl, 'same')
  const server = connectServer(fresh.url)
  const embedded = await openFolder(folder)
  try {
    await migrate(embedded, null)
    const [one, other] = [await story(server), await story(embedded)]
    expect(one.length).toBeGreaterThan(25)
    expect(other).toEqual(one)
  } finally {
    await server.close()
    await embedded.close()
    await fresh.drop()
    await rm(folder, { recursive: true, force: true })
  }
})

/** A day at the desk; ids and times are the same in every telling. */
async function story(connection: Connection): Promise<readonly unknown[]> {
  const { database } = connection
  let count = 0
  const ids = {
    next: () => `01900000-0000-7000-8000-${String(++count).padStart(12, '0')}`,
  }
  let ms = Date.UTC(2026, 8, 21, 2)
  const clock = { real: () => new Date(ms), now: () => new Date(ms) }
  const sealer = sealerOf([newKey()])
  const seal = sealedText(sealer)
  const workspaces = workspaceStore(database, ids)
  const inbox = inboxStore(database, seal, ids)
  const outbox = outboxStore(database)
  const read = readStore(database, seal, clock)
  const files = fileStore(database, sealer)
  const room = roomStore(database, seal)
  const timers = timerStore(database)
  const handling = {
    store: deskStore(database, seal, clock),
    clock,
    ids,
    live: new Map([['slack', 'default'] as const]),
  }
  const told: unknown[] = []
  const tell = async (answer: unknown) => {
    const value = await answer
    told.push(value instanceof Set ? [...value].toSorted() : (value ?? null))
  }
  const lease = (owner: string, lasts = 20_000) => ({ owner, until: new Date(ms + lasts) })

  const workspace = await workspaces.ensure('home', clock.now())
  await tell(workspaces.ensure('home', clock.now()))
  const policy = await slackPolicy({ channelId: (name) => `C-${name}` })
  await tell(workspaces.apply(workspace, policy, 'test', () => 'default', clock.now()))
  await tell(workspaces.policy(workspace))
  await tell(workspaces.workspaceOf('slack', 'T1', workspace, clock.now()))
  await workspaces.setClockOffset(workspace, 3_600_000)
  await tell(workspaces.clockOffset(workspace))
  await workspaces.createToken(workspace, 'ci', tokenFor(workspace, 's'), clock.now())
  await tell(workspaces.tokenOwner(tokenFor(workspace, 's')))
  await tell(workspaces.tokenOwner(tokenFor(workspace, 'x')))

  const events = [
    said('U1', '打印机卡纸了,十分钟后要开会!', '1.1', clock.now()),
    said('U2', 'my invoice was refused', '2.1', clock.now()),
  ]
  await tell(inbox.accept(workspace, events, lease('dead', 0), clock.now()))
  await tell(inbox.accept(workspace, events, lease('dead', 0), clock.now()))
  await tell(inbox.failed(workspace, events[1]!.key, 'x', clock.now(), 8))
  ms += 1_000
  const claimed = await inbox.takeOver(10, lease('next'), clock.real())
  await tell(claimed)
  await handleBatch(workspace, claimed, handling)
  await tell(inbox.takeOver(10, lease('late'), new Date(ms + 100_000)))

  const tickets = await read.tickets(workspace, { limit: 10, order: 'most-urgent' })
  await tell(tickets)
  await tell(read.ticket(workspace, { number: 2 }))
  await tell(read.counts(workspace, null))
  await tell(read.counts(workspace, ['it']))
  await tell(read.staff(workspace))
  for (const ticket of tickets) {
    await tell(read.threads(workspace, ticket.id))
    await tell(read.messages(workspace, ticket.id, 5, 'oldest'))
    await tell(read.journal(workspace, ticket.id))
    await tell(read.journalLine(workspace, ticket.id, 1))
    await tell(read.identities(workspace, ticket.requesterId))
  }
  await tell(timers.due(new Date(ms + 30 * 86_400_000), 10))
  await tell(timers.due(clock.now(), 10))

  const claims = (await outbox.claimLanes(20, lease('w'), clock.real())).toSorted((a, b) =>
    a.lane < b.lane ? -1 : 1,
  )
  await tell(claims)
  await tell(outbox.claimLanes(20, lease('v'), clock.real()))
  for (const [index, claim] of claims.entries()) {
    const [errand] = await outbox.errands(claim, clock.real(), 10)
    await tell(errand)
    await outbox.sending(errand!)
    if (index === 0)
      await outbox.failed(
        errand!,
        { code: 'gone:x', unsure: true, again: null, receipts: [{ channel: 'C', message: '9' }] },
        clock.real(),
      )
    else await outbox.delivered(errand!, [{ channel: 'C', message: String(index) }], null, clock.real())
    await tell(outbox.hold(claim, lease('w')))
    await outbox.leave(claim, null, clock.real())
  }
  await tell(outbox.depth())
  await tell(outbox.dead(workspace, 10))
  await tell(outbox.revive(workspace, null, clock.real()))
  await tell(outbox.dead(workspace, 10))

  await tell(
    files.put(workspace, { id: 'F1', name: '图.png', mime: 'image/png', bytes: bytes() }, clock.now()),
  )
  const file = await files.get(workspace, 'F1')
  await tell({ ref: file?.ref, bytes: Buffer.from(file?.bytes ?? []).toString('hex') })
  for (const [id, text] of [
    ['P1', '一'],
    ['P2', 'two'],
    ['P1', '一 again'],
  ] as const)
    await room.put(workspace, {
      id,
      channel: 'it',
      thread: null,
      author: 'ana',
      visibleTo: null,
      body: { text },
      at: clock.now(),
      editedAt: null,
      deletedAt: null,
    })
  await tell(room.changes(workspace, 0, 10))
  await tell(room.list(workspace, 'it', null, 10))
  await inbox.releaseAll()
  const rows = await database.execute(sql`select count(*)::int as n from inbox where lease_owner is not null`)
  await tell([...rows])
  return JSON.parse(JSON.stringify(told)) as unknown[]
}

const bytes = () => Uint8Array.from({ length: 300 }, (_, index) => index % 256)

function said(person: string, text: string, messageId: string, at: Date): InboundEvent {
  const place = {
    platform: 'slack',
    install: 'T1',
    channel: `D-${person}`,
    direct: true,
    thread: null,
  } as const
  return {
    type: 'message',
    key: messageKey(place, messageId),
    at,
    place,
    messageId,
    from: { id: person, name: null, locale: null },
    text,
    files: [],
    mentioned: false,
  }
}
