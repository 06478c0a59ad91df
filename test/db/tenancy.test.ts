import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DueErrand, LaneClaim, Needs } from '../../src/core/store.ts'
import { fileStore } from '../../src/db/files.ts'
import { outboxStore, putErrands } from '../../src/db/outbox.ts'
import { readStore } from '../../src/db/read.ts'
import { roomStore } from '../../src/db/room.ts'
import { newKey, sealerOf } from '../../src/db/seal.ts'
import { timerStore } from '../../src/db/timers.ts'
import { tokenFor, workspaceStore } from '../../src/db/workspace.ts'
import type { Workbench } from '../faults/bench.ts'
import { message, workbench } from '../faults/bench.ts'
import { slackPolicy } from '../flow/slack-talk.ts'

/** One database, many workspaces: what the catalogue says, and what every function of every store does. */

let bench: Workbench
let owner: string
let stranger: string

beforeAll(async () => {
  bench = await workbench('tenancy')
  owner = bench.workspace
  const { ingest } = bench.process('a')
  const file = { id: 'F1', name: 'secret.png', mime: 'image/png', size: 3, source: 'http://x/F1' }
  await ingest.accept(owner, [
    { ...message('U-owner', 'the printer of the owners is broken'), files: [file] },
    message('U-other', 'the VPN of the owners is down'),
  ])
  await ingest.settled()
  const workspaces = workspaceStore(bench.connection.database, bench.ids)
  stranger = await workspaces.ensure('stranger', bench.clock.now())
  const policy = await slackPolicy({ channelId: (name) => `C-${name}` })
  await workspaces.apply(stranger, policy, 'test', () => 'default', bench.clock.now())
  await stores().files.put(owner, { ...file, bytes: Buffer.from('abc') }, bench.clock.now())
  await stores().room.put(owner, post('P1'))
  await workspaces.createToken(owner, 'ci', tokenFor(owner, 'a secret'), bench.clock.now())
  await bench.connection.database.execute(
    sql`update outbox set state = 'dead' where workspace_id = ${owner} and key = (select min(key) from outbox where workspace_id = ${owner})`,
  )
})
afterAll(async () => {
  await bench.end()
})

/** These two find the workspace of something that does not say it. */
const WITHOUT_WORKSPACE = ['workspaces', 'installs']

describe('the catalogue', () => {
  it('has the workspace as the first column of every table’s keys and unique indexes', async () => {
    const rows = await bench.connection.database.execute<Record<string, unknown>>(sql`
      select t.relname as table, i.relname as index, a.attname as first
      from pg_index x
      join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
      join pg_namespace n on n.oid = t.relnamespace and n.nspname = 'public'
      join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
      where x.indisunique`)
    const wrong = [...rows].filter(
      (row) => !WITHOUT_WORKSPACE.includes(String(row.table)) && row.first !== 'workspace_id',
    )
    expect(wrong).toEqual([])
  })

  it('has a primary key and a workspace in every table', async () => {
    const rows = await bench.connection.database.execute<Record<string, unknown>>(sql`
      select t.relname as table,
        exists (select 1 from pg_index x where x.indrelid = t.oid and x.indisprimary) as keyed,
        exists (select 1 from pg_attribute a where a.attrelid = t.oid and a.attname = 'workspace_id' and a.attnotnull) as scoped
      from pg_class t join pg_namespace n on n.oid = t.relnamespace and n.nspname = 'public'
      where t.relkind in ('r', 'p')`)
    expect(rows.length).toBeGreaterThan(15)
    for (const row of rows) {
      expect(row).toMatchObject({ keyed: true })
      if (row.table !== 'workspaces') expect(row).toMatchObject({ scoped: true })
    }
  })

  it('lets no foreign key lead into another workspace', async () => {
    const rows = await bench.connection.database.execute<Record<string, unknown>>(sql`
      select c.conname as name, a.attname as from_first, b.attname as to_first
      from pg_constraint c
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
      join pg_attribute b on b.attrelid = c.confrelid and b.attnum = c.confkey[1]
      join pg_namespace n on n.oid = c.connamespace and n.nspname = 'public'
      where c.contype = 'f'`)
    expect(rows.length).toBeGreaterThan(4)
    for (const row of rows)
      expect(row).toMatchObject({ from_first: 'workspace_id', to_first: 'workspace_id' })
  })
})

function stores() {
  const { database } = bench.connection
  return {
    read: readStore(database, bench.seal, bench.clock),
    outbox: outboxStore(database),
    inbox: bench.inbox,
    timers: timerStore(database),
    desk: bench.handling.store,
    room: roomStore(database, bench.seal),
    files: fileStore(database, SEALER),
    workspaces: workspaceStore(database, bench.ids),
  }
}
const SEALER = sealerOf([newKey()])

const post = (id: string) => ({
  id,
  channel: 'it',
  thread: null,
  author: 'ana',
  visibleTo: null,
  body: { text: 'a secret of the owners' },
  at: bench.clock.now(),
  editedAt: null,
  deletedAt: null,
})

type Stores = ReturnType<typeof stores>
/** What a stranger might try with ids that he should not have. */
interface Loot {
  readonly ticket: string
  readonly number: number
  readonly thread: string
  readonly message: string
  readonly person: string
  readonly event: string
  readonly timer: { key: string; dueAt: Date }
  readonly errand: DueErrand
  readonly claim: LaneClaim
}
/** Looks for work in any workspace, or belongs to none: what it says is not for people. */
const ANYWHERE = 'anywhere'
type Case = typeof ANYWHERE | ((stores: Stores, loot: Loot) => Promise<unknown>)

const now = () => bench.clock.now()
const lease = () => ({ owner: 'stranger', until: new Date(now().getTime() + 60_000) })
const nothing: Needs = {
  identities: [],
  threads: [],
  messages: [],
  numbers: [],
  ticketIds: [],
  mails: [],
  messageIds: [],
  personIds: [],
  recent: [],
}

const CASES: { readonly [S in keyof Stores]: Readonly<Record<string, Case>> } = {
  read: {
    policy: async (s) => (await s.read.policy(stranger)).version,
    ticket: async (s, loot) => [
      await s.read.ticket(stranger, { id: loot.ticket }),
      await s.read.ticket(stranger, { number: loot.number }),
    ],
    tickets: (s) => s.read.tickets(stranger, { limit: 100 }),
    counts: (s) => s.read.counts(stranger, null),
    threads: (s, loot) => s.read.threads(stranger, loot.ticket),
    thread: (s, loot) => s.read.thread(stranger, loot.thread),
    message: (s, loot) => s.read.message(stranger, loot.message),
    messages: (s, loot) => s.read.messages(stranger, loot.ticket, 100, 'newest'),
    attachments: (s, loot) => s.read.attachments(stranger, loot.ticket),
    journal: (s, loot) => s.read.journal(stranger, loot.ticket),
    journalLine: (s, loot) => s.read.journalLine(stranger, loot.ticket, 1),
    person: async (s, loot) => [
      await s.read.person(stranger, { id: loot.person }),
      await s.read.person(stranger, { platform: 'slack', externalId: 'U-owner' }),
    ],
    persons: (s, loot) => s.read.persons(stranger, [loot.person]),
    staff: (s) => s.read.staff(stranger),
    identities: (s, loot) => s.read.identities(stranger, loot.person),
  },
  outbox: {
    claimLanes: ANYWHERE,
    depth: ANYWHERE,
    errands: (s, loot) => s.outbox.errands({ ...loot.claim, workspace: stranger }, now(), 10),
    sending: (s, loot) => s.outbox.sending({ ...loot.errand, workspace: stranger }),
    delivered: (s, loot) =>
      s.outbox.delivered(
        { ...loot.errand, workspace: stranger },
        [],
        { threadId: loot.thread, root: { channel: 'C', message: '1' } },
        now(),
      ),
    failed: (s, loot) =>
      s.outbox.failed(
        { ...loot.errand, workspace: stranger },
        { code: 'x', unsure: false, again: null, receipts: [] },
        now(),
      ),
    leave: (s, loot) => s.outbox.leave({ ...loot.claim, workspace: stranger }, null, now()),
    hold: (s, loot) => s.outbox.hold({ ...loot.claim, workspace: stranger }, lease()),
    dead: (s) => s.outbox.dead(stranger, 100),
    revive: (s) => s.outbox.revive(stranger, null, now()),
  },
  inbox: {
    takeOver: ANYWHERE,
    release: ANYWHERE,
    releaseAll: ANYWHERE,
    // The same key in another workspace is another event.
    accept: async (s, loot) =>
      (await s.inbox.accept(stranger, [{ ...message('U-x', 'hi'), key: loot.event }], lease(), now())).size,
    failed: (s, loot) => s.inbox.failed(stranger, loot.event, 'x', now(), 1),
  },
  timers: {
    due: ANYWHERE,
    fired: (s, loot) => s.timers.fired(stranger, loot.timer.key, loot.timer.dueAt),
  },
  desk: {
    transact: (s, loot) =>
      s.desk.transact(
        stranger,
        {
          ...nothing,
          identities: [{ platform: 'slack', externalId: 'U-owner' }],
          threads: [{ platform: 'slack', channel: 'D-U-owner', root: '1' }],
          messages: [{ platform: 'slack', channel: 'D-U-owner', externalId: '1' }],
          recent: [{ platform: 'slack', channel: 'D-U-owner', externalId: 'U-owner' }],
          numbers: [loot.number],
          ticketIds: [loot.ticket],
          messageIds: [loot.message],
          personIds: [loot.person],
        },
        true,
        (loaded, next) => ({
          writes: {
            persons: [],
            identities: [],
            tickets: [],
            threads: [],
            messages: [],
            attachments: [],
            journal: [],
            errands: [{ ...loot.errand }],
            timers: [],
            timersGone: [loot.timer.key],
            done: [],
            later: [{ key: loot.event, at: now() }],
            merged: [{ from: loot.person, to: loaded.persons[0]!.id }],
          },
          numbersUsed: 1,
          result: { loaded: { ...loaded, policy: null }, next },
        }),
      ),
  },
  room: {
    put: (s) => s.room.put(stranger, { ...post('P1'), body: { text: 'mine' } }),
    get: (s) => s.room.get(stranger, 'P1').then((found) => found?.body),
    changes: (s) => s.room.changes(stranger, 0, 100).then((all) => all.map((one) => one.body)),
    list: (s) => s.room.list(stranger, 'it', null, 100).then((all) => all.map((one) => one.body)),
  },
  files: {
    put: (s) =>
      s.files.put(stranger, { id: 'F1', name: 'own', mime: 'a/b', bytes: Buffer.from('own') }, now()),
    get: async (s) => {
      const found = await s.files.get(stranger, 'F1')
      return found === null ? null : [found.ref, Buffer.from(found.bytes).toString()]
    },
  },
  workspaces: {
    ensure: ANYWHERE,
    find: ANYWHERE,
    workspaceOf: ANYWHERE,
    tokenOwner: async (s) => s.workspaces.tokenOwner(tokenFor(stranger, 'a secret')),
    policy: async (s) => (await s.workspaces.policy(stranger))?.version,
    apply: async (s) =>
      s.workspaces.apply(
        stranger,
        await slackPolicy({ channelId: (name) => `C-${name}` }, { people: [] }),
        'test',
        () => 'default',
        now(),
      ),
    clockOffset: (s) => s.workspaces.clockOffset(stranger),
    setClockOffset: (s) => s.workspaces.setClockOffset(stranger, 5),
    createToken: (s) => s.workspaces.createToken(stranger, 'ci', tokenFor(stranger, 'other'), now()),
    tokens: (s) => s.workspaces.tokens(stranger).then((all) => all.length),
    revokeToken: (s) => s.workspaces.revokeToken(stranger, 'ci', now()),
  },
}

describe('every function of every store', () => {
  it('has a case here', () => {
    for (const [name, store] of Object.entries(stores()))
      expect({ name, functions: Object.keys(CASES[name as keyof Stores]).toSorted() }).toEqual({
        name,
        functions: Object.keys(store).toSorted(),
      })
  })

  for (const [name, cases] of Object.entries(CASES)) {
    for (const [what, run] of Object.entries(cases)) {
      if (run === ANYWHERE) continue
      it(`${name}.${what} shows and changes nothing of another workspace`, async () => {
        const before = await everythingOf(owner)
        const answer = JSON.stringify((await run(stores(), await loot())) ?? null)
        for (const secret of await idsOf(owner)) expect(answer).not.toContain(secret)
        expect(answer).not.toMatch(/owners|secret/u)
        expect(await everythingOf(owner)).toEqual(before)
      })
    }
  }
})

/** All rows of a workspace, as one line a table. */
async function everythingOf(workspace: string): Promise<Record<string, string>> {
  const { database } = bench.connection
  const tables = await database.execute<Record<string, unknown>>(
    sql`select table_name from information_schema.columns where table_schema = 'public' and column_name = 'workspace_id'`,
  )
  const all: Record<string, string> = {}
  for (const { table_name: table } of tables) {
    const name = String(table)
    const [row] = await database.execute<Record<string, unknown>>(
      sql`select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as sum from ${sql.identifier(name)} t where workspace_id = ${workspace}`,
    )
    all[name] = String(row?.sum)
  }
  const [row] = await database.execute<Record<string, unknown>>(
    sql`select md5(w::text) as sum from workspaces w where id = ${workspace}`,
  )
  all.workspaces = String(row?.sum)
  return all
}

async function idsOf(workspace: string): Promise<readonly string[]> {
  const rows = await bench.connection.database.execute<Record<string, unknown>>(sql`
    select id::text from tickets where workspace_id = ${workspace} union select id::text from threads where workspace_id = ${workspace}
    union select id::text from messages where workspace_id = ${workspace} union select id::text from persons where workspace_id = ${workspace}
    union select id::text from journal where workspace_id = ${workspace}`)
  return [...rows].map((row) => String(row.id))
}

async function loot(): Promise<Loot> {
  const { database } = bench.connection
  const one = async (query: ReturnType<typeof sql>) =>
    [...(await database.execute<Record<string, unknown>>(query))][0]!
  const ticket = await one(
    sql`select id, number, requester_id from tickets where workspace_id = ${owner} order by number`,
  )
  const thread = await one(
    sql`select id from threads where workspace_id = ${owner} and ticket_id = ${ticket.id}`,
  )
  const said = await one(
    sql`select id from messages where workspace_id = ${owner} and ticket_id = ${ticket.id}`,
  )
  const event = await one(sql`select key from inbox where workspace_id = ${owner} order by id`)
  const timer = await one(sql`select key, due_at from timers where workspace_id = ${owner}`)
  const row = await one(
    sql`select key, id, lane, revision, intent from outbox where workspace_id = ${owner} and state = 'ready' order by id`,
  )
  return {
    ticket: String(ticket.id),
    number: Number(ticket.number),
    thread: String(thread.id),
    message: String(said.id),
    person: String(ticket.requester_id),
    event: String(event.key),
    timer: { key: String(timer.key), dueAt: new Date(String(timer.due_at)) },
    errand: {
      workspace: owner,
      id: String(row.id),
      key: String(row.key),
      lane: String(row.lane),
      ticketId: String(ticket.id),
      intent: { kind: 'card', ticketId: String(ticket.id), threadId: String(thread.id) },
      revision: Number(row.revision),
      attempts: 0,
      unsure: false,
      receipts: [],
      createdAt: now(),
    },
    claim: { workspace: owner, lane: String(row.lane), revision: 1 },
  }
}

it('keeps what two workspaces put under one key apart', async () => {
  const errand = { id: bench.ids.next(), key: 'card:same', lane: 'slack:C1', ticketId: null }
  const intent = { kind: 'card', ticketId: 't', threadId: 'h' } as const
  for (const workspace of [owner, stranger])
    await putErrands(bench.connection.database, workspace, [{ ...errand, intent }], now())
  const rows = await bench.connection.database.execute(sql`select 1 from outbox where key = 'card:same'`)
  expect(rows).toHaveLength(2)
})
