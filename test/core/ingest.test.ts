import { expect, it } from 'vitest'
import type { InboundEvent } from '../../src/core/event.ts'
import { ingestWith } from '../../src/core/ingest.ts'
import type { Claimed, DeskStore, InboxStore, Thought } from '../../src/core/store.ts'

const event: InboundEvent = {
  type: 'home',
  key: 'home:1',
  at: new Date(0),
  place: { platform: 'web', install: 'web', channel: 'home:ana', direct: true, thread: null },
  from: { id: 'ana', name: null, locale: null },
}

it('does not take its own events over again when a long backlog outlives their lease', async () => {
  const begun: string[] = []
  let finish: () => void = () => {}
  const held = new Promise<void>((resolve) => {
    finish = resolve
  })
  const inbox: InboxStore = {
    accept: async (_workspace, events) => new Set(events.map((one) => one.key)),
    takeOver: async (): Promise<readonly Claimed[]> => [{ workspace: 'w', event, attempts: 0 }],
    failed: async () => 'again',
    release: async () => {},
    releaseAll: async () => {},
  }
  const store: DeskStore = {
    async transact<T>(workspace: string): Promise<Thought<T>['result']> {
      begun.push(workspace)
      await held
      return undefined as T
    },
  }
  const clock = { now: () => new Date(), real: () => new Date() }
  const log = { info() {}, warn() {}, error() {}, debug() {} }
  const handling = { store, clock, ids: { next: () => 'id' }, live: new Map() }
  const ingest = ingestWith({ inbox, handling, clock, log, owner: 'me', handled() {} })

  await ingest.accept('w', [event])
  expect(await ingest.sweep()).toBe(0)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await ingest.sweep()).toBe(0)
  finish()
  await ingest.settled()
  expect(begun).toEqual(['w'])
  expect(await ingest.sweep()).toBe(1)
  await ingest.settled()
  expect(begun).toEqual(['w', 'w'])
})
