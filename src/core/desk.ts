import type { Place, Platform } from './event.ts'
import type { Errand } from './intent.ts'
import type { Identity, Person } from './person.ts'
import type { Policy } from './policy.ts'
import type { Loaded, Timer, Writes } from './store.ts'
import type { Attachment, StoredMessage, Thread } from './thread.ts'
import type { Cause, Change } from './ticket/change.ts'
import { evolve } from './ticket/evolve.ts'
import type { Ticket } from './ticket/ticket.ts'

/**
 * The working set of one batch: what was loaded, changed in memory while one event after the other is thought through,
 * and what has to be written in the end. It lives for one transaction and knows no rule.
 */
export interface Desk {
  readonly policy: Policy
  readonly policyVersion: number
  person(id: string): Person | null
  personBy(platform: Platform, externalId: string): Person | null
  personByMail(mail: string): Person | null
  staff(): readonly Person[]
  /** How to reach him: his identity on `preferred`, else on any platform of `live`. Loaded for staff only. */
  identityOf(personId: string, preferred: Platform, live: ReadonlyMap<Platform, string>): Identity | null
  ticket(id: string): Ticket | null
  ticketByNumber(number: number): Ticket | null
  threads(ticketId: string): readonly Thread[]
  threadAt(at: Pick<Place, 'platform' | 'channel'>, root: string): Thread | null
  messageAt(at: Pick<Place, 'platform' | 'channel'>, externalId: string): StoredMessage | null
  messageById(id: string): StoredMessage | null
  attachments(messageId: string): readonly Attachment[]
  /** The person's latest ticket in that channel. */
  recent(at: Pick<Place, 'platform' | 'channel'>, externalId: string): Ticket | null

  addPerson(person: Person, identity: Identity): void
  putPerson(person: Person): void
  /** The identity now belongs to `to`, and so do the tickets that `from` asked for. */
  mergePersons(from: string, to: string): void
  /** Applies a change to a ticket and writes it into the journal. Returns the ticket after it. */
  apply(ticketId: string, change: Change, cause: Cause): Ticket
  putThread(thread: Thread): void
  putMessage(message: StoredMessage): void
  putAttachment(attachment: Attachment): void
  errand(errand: Errand): void
  setTimer(timer: Timer): void
  stopTimer(key: string): void
  noteRecent(at: Pick<Place, 'platform' | 'channel'>, externalId: string, ticketId: string): void
  done(key: string): void
  later(key: string, at: Date): void
  writes(): Writes
}

const at = (place: Pick<Place, 'platform' | 'channel'>, id: string) =>
  `${place.platform} ${place.channel} ${id}`

/** A working set over what was loaded. `nextId` makes the ids of journal lines. */
export function deskOf(loaded: Loaded, nextId: () => string): Desk {
  const persons = new Map(loaded.persons.map((person) => [person.id, person]))
  const identities = new Map(loaded.identities.map((one) => [`${one.platform} ${one.externalId}`, one]))
  const tickets = new Map(loaded.tickets.map((ticket) => [ticket.id, ticket]))
  const byNumber = new Map(loaded.tickets.map((ticket) => [ticket.number, ticket.id]))
  const threads = new Map(loaded.threads.map((thread) => [thread.id, thread]))
  const threadsAt = new Map<string, string>()
  for (const thread of loaded.threads) indexThread(thread)
  const messages = new Map(loaded.messages.map((message) => [message.id, message]))
  const messagesAt = new Map<string, string>()
  for (const message of loaded.messages) indexMessage(message)
  const attachments = new Map(loaded.attachments.map((one) => [one.id, one]))
  const recents = new Map(loaded.recent.map((one) => [at(one, one.externalId), one.ticketId]))

  const changed = {
    persons: new Set<string>(),
    identities: new Set<string>(),
    tickets: new Set<string>(),
    threads: new Set<string>(),
    messages: new Set<string>(),
    attachments: new Set<string>(),
  }
  const journal: Writes['journal'][number][] = []
  const errands = new Map<string, Errand>()
  const timers = new Map<string, Timer>()
  const timersGone = new Set<string>()
  const done: string[] = []
  const later: { key: string; at: Date }[] = []
  const merged: { from: string; to: string }[] = []

  function indexMessage(message: StoredMessage): void {
    if (message.externalId !== null && message.channel !== null && message.platform !== 'api') {
      messagesAt.set(
        at({ platform: message.platform, channel: message.channel }, message.externalId),
        message.id,
      )
    }
  }

  function indexThread(thread: Thread): void {
    if (thread.root !== null) threadsAt.set(at(thread, thread.root), thread.id)
  }

  return {
    policy: loaded.policy.document,
    policyVersion: loaded.policy.version,
    person: (id) => persons.get(id) ?? null,
    personBy(platform, externalId) {
      const identity = identities.get(`${platform} ${externalId}`)
      return identity === undefined ? null : (persons.get(identity.personId) ?? null)
    },
    personByMail: (mail) => [...persons.values()].find((person) => person.mail === mail) ?? null,
    staff: () => [...persons.values()].filter((person) => person.grants.length > 0),
    identityOf(personId, preferred, live) {
      const own = [...identities.values()].filter((one) => one.personId === personId)
      return (
        own.find((one) => one.platform === preferred) ?? own.find((one) => live.has(one.platform)) ?? null
      )
    },
    ticket: (id) => tickets.get(id) ?? null,
    ticketByNumber: (number) => tickets.get(byNumber.get(number) ?? '') ?? null,
    threads: (ticketId) => [...threads.values()].filter((thread) => thread.ticketId === ticketId),
    threadAt: (place, root) => threads.get(threadsAt.get(at(place, root)) ?? '') ?? null,
    messageAt: (place, externalId) => messages.get(messagesAt.get(at(place, externalId)) ?? '') ?? null,
    messageById: (id) => messages.get(id) ?? null,
    attachments: (messageId) => [...attachments.values()].filter((one) => one.messageId === messageId),
    recent: (place, externalId) => tickets.get(recents.get(at(place, externalId)) ?? '') ?? null,

    addPerson(person, identity) {
      persons.set(person.id, person)
      identities.set(`${identity.platform} ${identity.externalId}`, identity)
      changed.persons.add(person.id)
      changed.identities.add(`${identity.platform} ${identity.externalId}`)
    },
    putPerson(person) {
      persons.set(person.id, person)
      changed.persons.add(person.id)
    },
    mergePersons(from, to) {
      merged.push({ from, to })
      for (const [key, identity] of identities) {
        if (identity.personId === from) identities.set(key, { ...identity, personId: to })
      }
      for (const [id, ticket] of tickets) {
        if (ticket.requesterId === from) tickets.set(id, { ...ticket, requesterId: to })
      }
    },
    apply(ticketId, change, cause) {
      const current = tickets.get(ticketId) ?? null
      const ticket = evolve(current, change, cause)
      tickets.set(ticketId, ticket)
      byNumber.set(ticket.number, ticketId)
      changed.tickets.add(ticketId)
      journal.push({ id: nextId(), ticketId, version: ticket.version, cause, change })
      return ticket
    },
    putThread(thread) {
      threads.set(thread.id, thread)
      indexThread(thread)
      changed.threads.add(thread.id)
    },
    putMessage(message) {
      messages.set(message.id, message)
      indexMessage(message)
      changed.messages.add(message.id)
    },
    putAttachment(attachment) {
      attachments.set(attachment.id, attachment)
      changed.attachments.add(attachment.id)
    },
    errand(errand) {
      // Wanted again in the same batch it keeps its place: a card that opens a thread comes before what is said in it.
      const first = errands.get(errand.key)
      errands.set(errand.key, first === undefined ? errand : { ...errand, id: first.id })
    },
    setTimer(timer) {
      timers.set(timer.key, timer)
      timersGone.delete(timer.key)
    },
    stopTimer(key) {
      timers.delete(key)
      timersGone.add(key)
    },
    noteRecent: (place, externalId, ticketId) => void recents.set(at(place, externalId), ticketId),
    done: (key) => void done.push(key),
    later: (key, when) => void later.push({ key, at: when }),
    writes: () => ({
      persons: pick(persons, changed.persons),
      identities: pick(identities, changed.identities),
      tickets: pick(tickets, changed.tickets),
      threads: pick(threads, changed.threads),
      messages: pick(messages, changed.messages),
      attachments: pick(attachments, changed.attachments),
      journal,
      errands: [...errands.values()],
      timers: [...timers.values()],
      timersGone: [...timersGone],
      done,
      later,
      merged,
    }),
  }
}

function pick<T>(all: ReadonlyMap<string, T>, keys: ReadonlySet<string>): readonly T[] {
  return [...keys].map((key) => all.get(key)!)
}

/** The lane of an address: everything to one conversation is sent in order, one after the other. */
export function laneOf(place: { platform: Platform; channel: string }): string {
  return `${place.platform}:${place.channel}`
}

/** The platform of a lane that `laneOf` made. */
export function platformOfLane(lane: string): Platform {
  return lane.slice(0, lane.indexOf(':')) as Platform
}
