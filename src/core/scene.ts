import type { Announcer } from './announce.ts'
import { announce } from './announce.ts'
import type { Desk } from './desk.ts'
import { laneOf } from './desk.ts'
import type { InboundEvent, PersonRef, Place, Platform } from './event.ts'
import type { Person } from './person.ts'
import type { Refusal } from './refusal.ts'
import type { Locale, ParamsOf, TextKey } from './text/say.ts'
import { localeOf } from './text/say.ts'
import type { Cause, Change } from './ticket/change.ts'
import type { Ticket } from './ticket/ticket.ts'

/** One event being thought through: the working set, the desk's time, and the little that every room needs. */
export interface Scene extends Announcer {
  readonly desk: Desk
  readonly now: Date
  nextId(): string
  /** The next human number of a ticket. */
  nextNumber(): number
  /** Platforms that are on, each with the install that the desk itself writes through. */
  readonly live: ReadonlyMap<Platform, string>
}

/** What brought a step about: an inbound event, or a call of the REST interface with a key of its own. */
export type Source = Pick<InboundEvent, 'key'>

export function causeOf(scene: Scene, source: Source, actor: Person | null): Cause {
  return { actorId: actor?.id ?? null, key: source.key, at: scene.now }
}

/**
 * The person behind an identity; somebody new becomes a person at once, and his profile is asked for. Names and locales
 * that come with the message serve until then.
 */
export function personOf(scene: Scene, place: Place, ref: PersonRef): Person {
  const known = scene.desk.personBy(place.platform, ref.id)
  if (known !== null) {
    if (known.name !== null || ref.name === null) return known
    const named = { ...known, name: ref.name }
    scene.desk.putPerson(named)
    return named
  }
  const person: Person = {
    id: scene.nextId(),
    key: null,
    name: ref.name,
    mail: null,
    locale: localeOf(ref.locale),
    zone: null,
    vip: false,
    grants: [],
    skills: [],
  }
  scene.desk.addPerson(person, {
    platform: place.platform,
    install: place.install,
    externalId: ref.id,
    personId: person.id,
  })
  askProfile(scene, place, ref.id)
  return person
}

export function askProfile(scene: Scene, place: Place, person: string): void {
  scene.desk.errand({
    id: scene.nextId(),
    key: `profile:${place.platform}:${person}`,
    lane: profileLane(place.platform, person),
    ticketId: null,
    intent: { kind: 'profile', place, person },
  })
}

/** Look-ups need no order, only a bound on how many run at once: a crowd of newcomers shares a few lanes. */
const PROFILE_LANES = 8

function profileLane(platform: Platform, person: string): string {
  const spread = [...person].reduce(
    (sum, character) => (sum + (character.codePointAt(0) ?? 0)) % PROFILE_LANES,
    0,
  )
  return `${platform}:profile:${spread}`
}

/** The language in which somebody is answered: his own, else the workspace's. */
export function speaks(scene: Scene, person: Person): Locale {
  return person.locale ?? scene.desk.policy.locale
}

/** Journals the changes of one decision and tells whoever has to hear of them. Returns the ticket after them. */
export function enact(
  scene: Scene,
  before: Ticket,
  changes: readonly Change[],
  source: Source,
  actor: Person | null,
): Ticket {
  if (changes.length === 0) return before
  const cause = causeOf(scene, source, actor)
  let ticket = before
  for (const change of changes) ticket = scene.desk.apply(before.id, change, cause)
  announce(scene, before, ticket, changes, cause.actorId)
  return ticket
}

/** One sentence for one person, where he is. */
export function tell<K extends TextKey>(
  scene: Scene,
  event: InboundEvent,
  ref: PersonRef,
  person: Person,
  key: K,
  ...params: ParamsOf<K>
): void {
  tellWith(
    scene,
    event,
    ref,
    person,
    key,
    (params[0] as Record<string, string | number> | undefined) ?? {},
    null,
  )
}

/** Says no, kindly; `card` sends the ticket's fresh card along. */
export function tellRefusal(
  scene: Scene,
  event: InboundEvent,
  ref: PersonRef,
  person: Person,
  refusal: Refusal,
  card: Ticket | null = null,
): void {
  tellWith(scene, event, ref, person, refusal.code, refusal.params, card)
}

function tellWith(
  scene: Scene,
  event: InboundEvent,
  ref: PersonRef,
  person: Person,
  key: TextKey,
  params: Readonly<Record<string, string | number>>,
  card: Ticket | null,
): void {
  scene.desk.errand({
    id: scene.nextId(),
    key: `tell:${event.key}`,
    lane: laneOf(event.place),
    ticketId: card?.id ?? null,
    intent: {
      kind: 'tell',
      place: event.place,
      person: ref.id,
      personId: person.id,
      key,
      params,
      ticketId: card?.id ?? null,
    },
  })
}
