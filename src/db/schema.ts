import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'

import { bytea, instant, workspaceId } from './columns.ts'

/**
 * Every table of the desk but the ledger's. `workspace_id` is the first column of every primary key, unique index and foreign key, so
 * that one database serves many workspaces and the tables can be distributed by it. The exceptions are `workspaces`
 * itself and `installs`, which finds the workspace of what comes in (on Citus: reference tables).
 *
 * Columns ending in `_sealed` hold what people wrote, encrypted by the Sealer with the row as its context.
 */

export const workspaces = pgTable('workspaces', {
  id: uuid('id').primaryKey(),
  key: text('key').notNull(),
  createdAt: instant('created_at').notNull(),
  /** How far the demo's time machine has moved the desk's clock, in milliseconds. */
  clockOffset: bigint('clock_offset', { mode: 'number' }).notNull().default(0),
})

export const installs = pgTable(
  'installs',
  {
    platform: text('platform').notNull(),
    install: text('install').notNull(),
    workspaceId: workspaceId(),
    credentialsSealed: bytea('credentials_sealed'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.platform, t.install] })],
)

export const policies = pgTable(
  'policies',
  {
    workspaceId: workspaceId(),
    version: integer('version').notNull(),
    document: jsonb('document').notNull(),
    appliedAt: instant('applied_at').notNull(),
    appliedBy: text('applied_by').notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.version] })],
)

export const counters = pgTable(
  'counters',
  {
    workspaceId: workspaceId(),
    kind: text('kind').notNull(),
    next: bigint('next', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.kind] })],
)

export const persons = pgTable(
  'persons',
  {
    workspaceId: workspaceId(),
    id: uuid('id').notNull(),
    key: text('key'),
    name: text('name'),
    mail: text('mail'),
    locale: text('locale'),
    zone: text('zone'),
    vip: boolean('vip').notNull(),
    grants: jsonb('grants').notNull(),
    skills: jsonb('skills').notNull(),
    /** The person that this one turned out to be; kept, so that the step can be taken back. */
    mergedInto: uuid('merged_into'),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex('persons_key').on(t.workspaceId, t.key),
    index('persons_mail').on(t.workspaceId, t.mail),
    index('persons_staff').on(t.workspaceId).where(sql`grants <> '[]'::jsonb`),
  ],
)

export const identities = pgTable(
  'identities',
  {
    workspaceId: workspaceId(),
    platform: text('platform').notNull(),
    externalId: text('external_id').notNull(),
    install: text('install').notNull(),
    personId: uuid('person_id').notNull(),
    /** Whom it belonged to before it was linked. */
    linkedFrom: uuid('linked_from'),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.platform, t.externalId] }),
    index('identities_person').on(t.workspaceId, t.personId),
    foreignKey({ columns: [t.workspaceId, t.personId], foreignColumns: [persons.workspaceId, persons.id] }),
  ],
)

export const tickets = pgTable(
  'tickets',
  {
    workspaceId: workspaceId(),
    id: uuid('id').notNull(),
    number: integer('number').notNull(),
    prefix: text('prefix').notNull(),
    titleSealed: bytea('title_sealed').notNull(),
    status: text('status').notNull(),
    statusSince: instant('status_since').notNull(),
    priority: text('priority').notNull(),
    /** 0 urgent to 3 low: for sorting. */
    rank: integer('rank').notNull(),
    priorityReasons: jsonb('priority_reasons').notNull(),
    category: text('category'),
    queue: text('queue').notNull(),
    queueReasons: jsonb('queue_reasons').notNull(),
    requesterId: uuid('requester_id').notNull(),
    assigneeId: uuid('assignee_id'),
    collaboratorIds: jsonb('collaborator_ids').notNull(),
    watcherIds: jsonb('watcher_ids').notNull(),
    links: jsonb('links').notNull(),
    mergedInto: integer('merged_into'),
    language: text('language').notNull(),
    fields: jsonb('fields').notNull(),
    platform: text('platform').notNull(),
    openedAt: instant('opened_at').notNull(),
    firstResponseDueAt: instant('first_response_due_at'),
    firstRespondedAt: instant('first_responded_at'),
    firstResponseBreached: boolean('first_response_breached').notNull(),
    resolvedAt: instant('resolved_at'),
    resolutionSealed: bytea('resolution_sealed'),
    closedAt: instant('closed_at'),
    lastRequesterMessageAt: instant('last_requester_message_at'),
    updatedAt: instant('updated_at').notNull(),
    version: integer('version').notNull(),
    freshSince: integer('fresh_since').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex('tickets_number').on(t.workspaceId, t.number),
    index('tickets_requester').on(t.workspaceId, t.requesterId, t.number),
    index('tickets_living')
      .on(t.workspaceId, t.queue, t.rank, t.openedAt)
      .where(sql`status not in ('resolved', 'closed')`),
    index('tickets_assignee')
      .on(t.workspaceId, t.assigneeId, t.rank, t.openedAt)
      .where(sql`status not in ('resolved', 'closed')`),
    foreignKey({
      columns: [t.workspaceId, t.requesterId],
      foreignColumns: [persons.workspaceId, persons.id],
    }),
  ],
)

export const threads = pgTable(
  'threads',
  {
    workspaceId: workspaceId(),
    id: uuid('id').notNull(),
    ticketId: uuid('ticket_id').notNull(),
    kind: text('kind').notNull(),
    platform: text('platform').notNull(),
    install: text('install').notNull(),
    channel: text('channel').notNull(),
    direct: boolean('direct').notNull(),
    root: text('root'),
    person: text('person'),
    ownerId: uuid('owner_id'),
    main: boolean('main').notNull(),
    queue: text('queue'),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    /** One conversation is one ticket's: two processes that open one for the same message meet here. */
    uniqueIndex('threads_root').on(t.workspaceId, t.platform, t.channel, t.root),
    index('threads_ticket').on(t.workspaceId, t.ticketId),
    foreignKey({ columns: [t.workspaceId, t.ticketId], foreignColumns: [tickets.workspaceId, tickets.id] }),
  ],
)

export const messages = pgTable(
  'messages',
  {
    workspaceId: workspaceId(),
    id: uuid('id').notNull(),
    ticketId: uuid('ticket_id').notNull(),
    threadId: uuid('thread_id'),
    platform: text('platform').notNull(),
    channel: text('channel'),
    externalId: text('external_id'),
    authorId: uuid('author_id').notNull(),
    by: text('by').notNull(),
    visibility: text('visibility').notNull(),
    textSealed: bytea('text_sealed'),
    at: instant('at').notNull(),
    editedAt: instant('edited_at'),
    deletedAt: instant('deleted_at'),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex('messages_external').on(t.workspaceId, t.platform, t.channel, t.externalId),
    index('messages_ticket').on(t.workspaceId, t.ticketId, t.at),
    foreignKey({ columns: [t.workspaceId, t.ticketId], foreignColumns: [tickets.workspaceId, tickets.id] }),
  ],
)

export const attachments = pgTable(
  'attachments',
  {
    workspaceId: workspaceId(),
    id: uuid('id').notNull(),
    ticketId: uuid('ticket_id').notNull(),
    messageId: uuid('message_id').notNull(),
    nameSealed: bytea('name_sealed').notNull(),
    mime: text('mime').notNull(),
    size: integer('size').notNull(),
    state: text('state').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index('attachments_message').on(t.workspaceId, t.messageId),
    index('attachments_ticket').on(t.workspaceId, t.ticketId),
    foreignKey({
      columns: [t.workspaceId, t.messageId],
      foreignColumns: [messages.workspaceId, messages.id],
    }),
  ],
)

/** The bytes of files, apart from what is said about them: an upload of the web chat is a file before it is anything else. */
export const files = pgTable(
  'files',
  {
    workspaceId: workspaceId(),
    id: text('id').notNull(),
    nameSealed: bytea('name_sealed').notNull(),
    mime: text('mime').notNull(),
    size: integer('size').notNull(),
    bytesSealed: bytea('bytes_sealed').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.id] })],
)

export const journal = pgTable(
  'journal',
  {
    workspaceId: workspaceId(),
    ticketId: uuid('ticket_id').notNull(),
    version: integer('version').notNull(),
    id: uuid('id').notNull(),
    at: instant('at').notNull(),
    actorId: uuid('actor_id'),
    causeKey: text('cause_key').notNull(),
    type: text('type').notNull(),
    data: jsonb('data').notNull(),
    textSealed: bytea('text_sealed'),
  },
  (t) => [
    /** Two writers of the same version meet here; the second one starts again from what the first one wrote. */
    primaryKey({ columns: [t.workspaceId, t.ticketId, t.version] }),
    foreignKey({ columns: [t.workspaceId, t.ticketId], foreignColumns: [tickets.workspaceId, tickets.id] }),
  ],
)

export const tokens = pgTable(
  'tokens',
  {
    workspaceId: workspaceId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    /** SHA-256 of the token; the token itself is shown once and kept nowhere. */
    hash: text('hash').notNull(),
    createdAt: instant('created_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex('tokens_hash').on(t.workspaceId, t.hash),
  ],
)

/** The web chat's own posts: as if they lay with another company. */
export const roomPosts = pgTable(
  'room_posts',
  {
    workspaceId: workspaceId(),
    id: text('id').notNull(),
    channel: text('channel').notNull(),
    thread: text('thread'),
    author: text('author').notNull(),
    visibleTo: text('visible_to'),
    bodySealed: bytea('body_sealed').notNull(),
    at: instant('at').notNull(),
    editedAt: instant('edited_at'),
    deletedAt: instant('deleted_at'),
    revision: bigint('revision', { mode: 'number' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex('room_revision').on(t.workspaceId, t.revision),
    index('room_channel').on(t.workspaceId, t.channel, t.thread, t.at),
  ],
)
