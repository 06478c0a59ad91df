import { randomBytes } from 'node:crypto'
import { uuidv7 } from 'uuidv7'
import type { InboundEvent, Place } from '../../src/core/event.ts'
import { messageKey } from '../../src/core/event.ts'
import type { Handling } from '../../src/core/handle.ts'
import type { Ingest } from '../../src/core/ingest.ts'
import { ingestWith } from '../../src/core/ingest.ts'
import type { Clock, Ids } from '../../src/core/ports.ts'
import type { InboxStore, OutboxStore, ReadStore } from '../../src/core/store.ts'
import type { Connection } from '../../src/db/client.ts'
import { connectServer, migrateUrl } from '../../src/db/client.ts'
import { deskStore } from '../../src/db/desk-store.ts'
import { inboxStore } from '../../src/db/inbox.ts'
import { outboxStore } from '../../src/db/outbox.ts'
import { readStore } from '../../src/db/read.ts'
import { newKey, sealerOf } from '../../src/db/seal.ts'
import type { SealedText } from '../../src/db/sealed.ts'
import { sealedText } from '../../src/db/sealed.ts'
import { applyPolicy, slackPolicy } from '../flow/slack-talk.ts'
import { freshPostgres } from '../support/shared-postgres.ts'

/** The desk's heart on a PostgreSQL of its own, without doors and platforms; its clock is moved by hand. */
export interface Workbench {
  readonly connection: Connection
  readonly url: string
  readonly workspace: string
  readonly seal: SealedText
  readonly ids: Ids
  readonly clock: Clock
  readonly inbox: InboxStore
  readonly outbox: OutboxStore
  readonly read: ReadStore
  readonly handling: Handling
  readonly lines: readonly string[]
  /** One more process on the same database, as far as the inbox is concerned. */
  process(owner: string): { readonly inbox: InboxStore; readonly handling: Handling; readonly ingest: Ingest }
  advance(milliseconds: number): void
  end(): Promise<void>
}

export async function workbench(name: string): Promise<Workbench> {
  const database = await freshPostgres(migrateUrl, name)
  const connection = connectServer(database.url, 6)
  const workspace = await applyPolicy(
    connection,
    await slackPolicy({ channelId: (channel) => `C-${channel}` }),
  )
  const seal = sealedText(sealerOf([newKey()]))
  const ids = { next: () => uuidv7() }
  let ahead = 0
  const real = () => new Date(Date.now() + ahead)
  const clock = { real, now: real }
  const lines: string[] = []
  const keep = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }))
  const log = { info: keep, warn: keep, error: keep, debug: keep }
  const more: Connection[] = []
  const handlingOn = (on: Connection): Handling => ({
    store: deskStore(on.database, seal, clock),
    clock,
    ids,
    live: new Map([['slack', 'default']]),
  })
  return {
    connection,
    url: database.url,
    workspace,
    seal,
    ids,
    clock,
    lines,
    inbox: inboxStore(connection.database, seal, ids),
    outbox: outboxStore(connection.database),
    read: readStore(connection.database, seal, clock),
    handling: handlingOn(connection),
    process(owner) {
      const own = connectServer(database.url, 4)
      more.push(own)
      const inbox = inboxStore(own.database, seal, ids)
      const handling = handlingOn(own)
      return { inbox, handling, ingest: ingestWith({ inbox, handling, clock, log, owner, handled() {} }) }
    },
    advance(milliseconds) {
      ahead += milliseconds
    },
    async end() {
      for (const one of [connection, ...more]) await one.close()
      await database.drop()
    },
  }
}

export function slackPlace(channel: string, thread: string | null = null): Place {
  return { platform: 'slack', install: 'T1', channel, direct: channel.startsWith('D'), thread }
}

let counter = 0

/** Somebody writes to the desk. */
export function message(
  person: string,
  text: string,
  channel = `D-${person}`,
  thread: string | null = null,
): Extract<InboundEvent, { type: 'message' }> {
  counter += 1
  const place = slackPlace(channel, thread)
  const messageId = `1790000000.${String(counter).padStart(6, '0')}-${randomBytes(3).toString('hex')}`
  return {
    type: 'message',
    key: messageKey(place, messageId),
    at: new Date(),
    place,
    messageId,
    from: { id: person, name: person, locale: null },
    text,
    files: [],
    mentioned: false,
  }
}
