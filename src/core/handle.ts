import { hearCapture, hearCaptured } from './capture.ts'
import { deskOf } from './desk.ts'
import type { InboundEvent, Platform } from './event.ts'
import {
  hearDeletion,
  hearEdit,
  hearFile,
  hearMessage,
  hearProfile,
  isStranger,
  isStrangerAtWork,
} from './hear.ts'
import { needsOf } from './needs.ts'
import { obeyAction, obeyCommand, obeyForm } from './obey.ts'
import type { Clock, Ids } from './ports.ts'
import type { Scene } from './scene.ts'
import { enact, personOf } from './scene.ts'
import type { Claimed, DeskStore } from './store.ts'
import { elapsed } from './ticket/decide.ts'

export interface Handling {
  readonly store: DeskStore
  readonly clock: Clock
  readonly ids: Ids
  /** Platforms that are on, each with the install that the desk itself writes through. */
  readonly live: ReadonlyMap<Platform, string>
}

/** An edit may overtake its message, a press the look-up of the presser: each is looked at again this many times. */
const PATIENCE = 5
/** Milliseconds between those looks. */
const PATIENCE_MS = 700

/**
 * Thinks a batch of events through and writes everything that follows, in one transaction: either all of it or nothing.
 * Throws what the store throws; the caller then takes the events one by one, so that one poisoned event harms nobody.
 */
export async function handleBatch(
  workspace: string,
  batch: readonly Claimed[],
  handling: Handling,
): Promise<void> {
  const { store, clock, ids, live } = handling
  const events = batch.map((claimed) => claimed.event)
  await store.transact(workspace, needsOf(events), events.some(mayOpen), (loaded, first) => {
    const desk = deskOf(loaded, () => ids.next())
    let number = first
    const scene: Scene = {
      desk,
      now: clock.now(),
      nextId: () => ids.next(),
      nextNumber: () => number++,
      live,
    }
    for (const { event, attempts } of batch) {
      if (handleOne(scene, event, attempts)) desk.done(event.key)
      else desk.later(event.key, new Date(clock.real().getTime() + PATIENCE_MS))
    }
    return { writes: desk.writes(), numbersUsed: number - first, result: undefined }
  })
}

/** Whether a ticket may come of it. */
function mayOpen(event: InboundEvent): boolean {
  return OPENING.has(event.type)
}

const OPENING: ReadonlySet<InboundEvent['type']> = new Set<InboundEvent['type']>([
  'message',
  'command',
  'form',
  'capture',
  'captured',
])

/** False: what it refers to is not here yet, and there is patience left. */
function handleOne(scene: Scene, event: InboundEvent, attempts: number): boolean {
  const patient = attempts < PATIENCE
  switch (event.type) {
    case 'message':
      if (patient && isStrangerAtWork(scene, event)) return false
      hearMessage(scene, event)
      return true
    case 'edit':
      return hearEdit(scene, event) || !patient
    case 'deletion':
      return hearDeletion(scene, event) || !patient
    case 'action':
      if (patient && isStranger(scene, event)) return false
      obeyAction(scene, event)
      return true
    case 'form':
      if (patient && isStranger(scene, event)) return false
      obeyForm(scene, event)
      return true
    case 'command':
      if (patient && isStranger(scene, event)) return false
      obeyCommand(scene, event)
      return true
    case 'capture':
      hearCapture(scene, event)
      return true
    case 'captured':
      hearCaptured(scene, event)
      return true
    case 'profile':
      hearProfile(scene, event)
      return true
    case 'file-stored':
      hearFile(scene, event)
      return true
    case 'home':
      openHome(scene, event)
      return true
    case 'timer': {
      const ticket = scene.desk.ticket(event.ticketId)
      if (ticket !== null) enact(scene, ticket, elapsed(ticket, event.kind, scene.now), event, null)
      return true
    }
    case 'channel-gone':
    case 'install-gone':
      // Nothing is lost: what cannot be delivered waits as a dead letter, and `doctor` names the channel.
      return true
  }
}

function openHome(scene: Scene, event: Extract<InboundEvent, { type: 'home' }>): void {
  const person = personOf(scene, event.place, event.from)
  const key = `home:${event.place.platform}:${event.from.id}`
  scene.desk.errand({
    id: scene.nextId(),
    key,
    lane: `${event.place.platform}:home:${event.from.id}`,
    ticketId: null,
    intent: { kind: 'home', place: event.place, person: event.from.id, personId: person.id },
  })
}
