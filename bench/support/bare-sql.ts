import postgres from 'postgres'

/**
 * The floor under intake in the database: the rows that one message makes (inbox, identity, counter, ticket,
 * thread, message, journal with outbox) written by postgres.js alone, in one transaction of seven awaited
 * statements, into a schema of its own with columns and indexes of the same kinds as the desk's. `connections`
 * transactions are under way at a time, all in one workspace, so they meet at its counter row as the desk's do.
 */
export async function bareSqlPerSecond(url: string, tickets: number, connections: number): Promise<number> {
  const sql = postgres(url, { max: connections, onnotice: () => {} })
  try {
    await sql.unsafe(SCHEMA)
    const workspace = uuid(0)
    await sql`insert into bare.counters values (${workspace}, 'ticket', 0)`
    // Warm connections and prepared statements are what a running desk has, too.
    await writeAll(sql, workspace, 1, connections * 4, connections)
    const start = performance.now()
    await writeAll(sql, workspace, connections * 4 + 1, tickets, connections)
    return tickets / ((performance.now() - start) / 1_000)
  } finally {
    await sql.unsafe('drop schema if exists bare cascade')
    await sql.end({ timeout: 5 })
  }
}

async function writeAll(
  sql: postgres.Sql,
  workspace: string,
  first: number,
  count: number,
  concurrency: number,
): Promise<void> {
  let next = first
  const writer = async () => {
    for (let n = next++; n < first + count; n = next++) await writeTicket(sql, workspace, n)
  }
  await Promise.all(Array.from({ length: concurrency }, writer))
}

async function writeTicket(sql: postgres.Sql, workspace: string, n: number): Promise<void> {
  const at = new Date(1_700_000_000_000 + n)
  const [person, ticket, thread, message] = [uuid(n, 1), uuid(n, 2), uuid(n, 3), uuid(n, 4)]
  const channel = `D${n}`
  const ts = `17000000.${n}`
  const text = `The printer on the third floor jams with every second page (${n})`
  await sql.begin(async (tx) => {
    await tx`insert into bare.inbox values (${workspace}, ${`slack:T:${channel}:${ts}`}, ${at}, ${at})
      on conflict do nothing`
    await tx`insert into bare.identities values (${workspace}, 'slack', ${`U${n}`}, ${person}, ${`Person ${n}`}, ${at})
      on conflict (workspace_id, platform, external_id) do update set seen_at = excluded.seen_at returning person_id`
    const [counter] = await tx<{ value: number }[]>`update bare.counters set value = value + 1
      where workspace_id = ${workspace} and name = 'ticket' returning value`
    await tx`insert into bare.tickets values (${workspace}, ${ticket}, ${counter?.value ?? 0}, ${text}, 'new', 'normal',
      'it', ${person}, null, ${tx.json({ v: 1, reasons: [{ code: 'default' }] })}, ${at}, ${at}, 1)`
    await tx`insert into bare.threads values (${workspace}, ${thread}, ${ticket}, 'requester', 'slack', ${channel}, ${ts}, ${at})`
    await tx`insert into bare.messages values (${workspace}, ${message}, ${ticket}, ${thread}, ${person}, 'public',
      ${text}, ${ts}, ${at})`
    await tx`with written as (
        insert into bare.journal values (${workspace}, ${ticket}, 1, 'opened', ${tx.json({ v: 1, text })}, ${at})
      )
      insert into bare.outbox values (${workspace}, ${uuid(n, 5)}, ${`card:${ticket}`}, ${`slack:${channel}`},
        ${tx.json({ v: 1, show: 'ticket', ticket })}, ${at}, 0, null)`
  })
}

/** A UUID of version 7's shape, in growing order: what the desk's own ids are like to an index. */
function uuid(n: number, kind = 0): string {
  const time = (0x018b_cfe5_6800 + n).toString(16).padStart(12, '0')
  const tail = kind.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`
}

const SCHEMA = `
drop schema if exists bare cascade;
create schema bare;
create table bare.inbox (workspace_id uuid, key text, received_at timestamptz not null, handled_at timestamptz,
  primary key (workspace_id, key));
create table bare.identities (workspace_id uuid, platform text, external_id text, person_id uuid not null, name text,
  seen_at timestamptz not null, primary key (workspace_id, platform, external_id));
create index on bare.identities (workspace_id, person_id);
create table bare.counters (workspace_id uuid, name text, value integer not null, primary key (workspace_id, name));
create table bare.tickets (workspace_id uuid, id uuid, number integer not null, title text not null, status text not null,
  priority text not null, queue text not null, requester_id uuid not null, assignee_id uuid, reasons jsonb not null,
  opened_at timestamptz not null, updated_at timestamptz not null, version integer not null,
  primary key (workspace_id, id), unique (workspace_id, number));
create index on bare.tickets (workspace_id, queue, status);
create index on bare.tickets (workspace_id, requester_id);
create table bare.threads (workspace_id uuid, id uuid, ticket_id uuid not null, role text not null, platform text not null,
  channel text not null, thread text not null, created_at timestamptz not null, primary key (workspace_id, id),
  unique (workspace_id, platform, channel, thread),
  foreign key (workspace_id, ticket_id) references bare.tickets (workspace_id, id));
create table bare.messages (workspace_id uuid, id uuid, ticket_id uuid not null, thread_id uuid not null,
  author_id uuid not null, visibility text not null, body text not null, external_id text not null,
  said_at timestamptz not null, primary key (workspace_id, id),
  foreign key (workspace_id, ticket_id) references bare.tickets (workspace_id, id));
create index on bare.messages (workspace_id, ticket_id, said_at);
create table bare.journal (workspace_id uuid, ticket_id uuid, seq integer, kind text not null, data jsonb not null,
  at timestamptz not null, primary key (workspace_id, ticket_id, seq));
create table bare.outbox (workspace_id uuid, id uuid, key text not null, lane text not null, intent jsonb not null,
  run_at timestamptz not null, attempts integer not null, lease_until timestamptz, primary key (workspace_id, id),
  unique (workspace_id, key));
create index on bare.outbox (run_at) where lease_until is null;
`
