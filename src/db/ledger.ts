import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytea, instant, workspaceId } from './columns.ts'

/** The tables of the ledger: what came in, what has to go out, and what will be due. */

export const inbox = pgTable(
  'inbox',
  {
    workspaceId: workspaceId(),
    key: text('key').notNull(),
    /** The order of arrival. */
    id: uuid('id').notNull(),
    receivedAt: instant('received_at').notNull(),
    state: text('state').notNull(),
    /** The event; emptied when it is done, while the key stays for ever. */
    eventSealed: bytea('event_sealed'),
    attempts: integer('attempts').notNull(),
    leaseOwner: text('lease_owner'),
    leaseUntil: instant('lease_until').notNull(),
    lastCode: text('last_code'),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.key] }),
    index('inbox_waiting').on(t.leaseUntil, t.id).where(sql`state = 'waiting'`),
  ],
)

export const outbox = pgTable(
  'outbox',
  {
    workspaceId: workspaceId(),
    key: text('key').notNull(),
    id: uuid('id').notNull(),
    lane: text('lane').notNull(),
    ticketId: uuid('ticket_id'),
    intent: jsonb('intent').notNull(),
    state: text('state').notNull(),
    /** Grows when the same key is wanted again; a delivery that began before does not end it. */
    revision: integer('revision').notNull(),
    attempts: integer('attempts').notNull(),
    /** Set before a call to the platform, cleared by its answer: what may have been sent unseen. */
    unsure: boolean('unsure').notNull(),
    runAt: instant('run_at').notNull(),
    lastCode: text('last_code'),
    receipts: jsonb('receipts').notNull(),
    createdAt: instant('created_at').notNull(),
    sentAt: instant('sent_at'),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.key] }),
    index('outbox_lane').on(t.workspaceId, t.lane, t.id).where(sql`state = 'ready'`),
    index('outbox_dead').on(t.workspaceId, t.id).where(sql`state = 'dead'`),
    index('outbox_ticket').on(t.workspaceId, t.ticketId),
  ],
)

/** One row a conversation: who is sending there, and until when nobody may. */
export const lanes = pgTable(
  'lanes',
  {
    workspaceId: workspaceId(),
    lane: text('lane').notNull(),
    /** When it next has something to do; null: nothing. */
    dueAt: instant('due_at'),
    /** Grows with each errand added; a lane is left idle only at the revision that was seen. */
    revision: bigint('revision', { mode: 'number' }).notNull(),
    leaseOwner: text('lease_owner'),
    leaseUntil: instant('lease_until'),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.lane] }),
    index('lanes_due').on(t.dueAt).where(sql`due_at is not null`),
  ],
)

export const timers = pgTable(
  'timers',
  {
    workspaceId: workspaceId(),
    key: text('key').notNull(),
    ticketId: uuid('ticket_id').notNull(),
    kind: text('kind').notNull(),
    dueAt: instant('due_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.key] }),
    index('timers_due').on(t.dueAt),
    index('timers_ticket').on(t.workspaceId, t.ticketId),
  ],
)
