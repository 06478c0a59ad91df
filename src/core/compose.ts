import type { Address } from './adapter.ts'
import { isVerb } from './command.ts'
import type { Platform } from './event.ts'
import { WORDS } from './grammar.ts'
import type { Intent } from './intent.ts'
import type { Message } from './message.ts'
import type { Person } from './person.ts'
import { isStaff } from './person.ts'
import type { Policy } from './policy.ts'
import type { ReadStore } from './store.ts'
import type { Locale } from './text/say.ts'
import { say, sayStored } from './text/say.ts'
import type { Attachment, StoredMessage, Thread } from './thread.ts'
import { CATEGORY } from './ticket/lifecycle.ts'
import { maySee, maySeeInternal } from './ticket/permission.ts'
import type { Ticket } from './ticket/ticket.ts'
import { helpCard, homeCard, mineCard, queueCard, reportCard } from './views/lists.ts'
import type { Reader } from './views/reader.ts'
import { named, queueName } from './views/reader.ts'
import { historyText, sentence } from './views/sentence.ts'
import { agentsCard, leftCard, requesterCard, watchCard } from './views/ticket-card.ts'

/** A message with the place it goes to and the language it is in. */
export interface Composed {
  readonly message: Message
  readonly locale: Locale
  readonly platform: Platform
  readonly to: Address['to']
  readonly install: string
  /** The thread that the first post opens. */
  readonly opens: string | null
}

type Said = Exclude<Intent, { kind: 'profile' | 'file' | 'backfill' }>

/** How many lines a list in chat has. */
const LIST_MAX = 10
const TRANSCRIPT_MAX = 15

/**
 * From an intent to what is said, drawn from the newest state in the reader's language. Null: there is nothing to say
 * any more (the ticket is gone, the thread was left).
 */
export async function compose(
  workspace: string,
  intent: Said,
  read: ReadStore,
  now: Date,
): Promise<Composed | null> {
  const { document: policy } = await read.policy(workspace)
  switch (intent.kind) {
    case 'card':
    case 'relay':
    case 'relay-file':
    case 'transcript':
    case 'notice':
      return inThread(workspace, intent, read, policy, now)
    case 'tell':
    case 'list':
    case 'home': {
      const [person] = await read.persons(workspace, [intent.personId])
      if (person === undefined) return null
      const reader = await readerFor(workspace, read, policy, now, person, [])
      const message = await forPerson(workspace, intent, read, reader, person)
      if (message === null) return null
      const { place } = intent
      return {
        message,
        locale: reader.locale,
        platform: place.platform,
        install: place.install,
        to:
          intent.kind === 'home'
            ? { kind: 'home', person: intent.person }
            : place.channel.startsWith('@')
              ? { kind: 'person', person: intent.person, thread: null }
              : place.direct
                ? { kind: 'channel', channel: place.channel, thread: place.thread }
                : { kind: 'private', channel: place.channel, thread: place.thread, person: intent.person },
        opens: null,
      }
    }
  }
}

async function inThread(
  workspace: string,
  intent: Extract<Intent, { threadId: string }>,
  read: ReadStore,
  policy: Policy,
  now: Date,
): Promise<Composed | null> {
  const [threads, ticket] = await Promise.all([
    read.threads(workspace, intent.ticketId),
    read.ticket(workspace, { id: intent.ticketId }),
  ])
  // A merge gives a thread to another ticket; what was meant for it under the old one still goes there.
  const thread =
    threads.find((one) => one.id === intent.threadId) ?? (await read.thread(workspace, intent.threadId))
  if (ticket === null || thread === null || (!thread.main && intent.kind !== 'card')) return null
  const people = [
    ticket.requesterId,
    ...(ticket.assigneeId === null ? [] : [ticket.assigneeId]),
    ...ticket.collaboratorIds,
  ]
  const requester = thread.kind === 'agents' ? null : await readerOf(workspace, read, thread, ticket)
  const reader = await readerFor(workspace, read, policy, now, requester, people)
  const message = await threadMessage(workspace, intent, read, thread, ticket, reader)
  if (message === null) return null
  const root = intent.kind === 'card' && thread.kind !== 'requester' ? null : thread.root
  return {
    message,
    locale: reader.locale,
    platform: thread.platform,
    install: thread.install,
    to:
      thread.person !== null
        ? { kind: 'person', person: thread.person, thread: root }
        : { kind: 'channel', channel: thread.channel, thread: root },
    opens: intent.kind === 'card' && thread.root === null ? thread.id : null,
  }
}

async function threadMessage(
  workspace: string,
  intent: Extract<Intent, { threadId: string }>,
  read: ReadStore,
  thread: Thread,
  ticket: Ticket,
  reader: Reader,
): Promise<Message | null> {
  switch (intent.kind) {
    case 'card': {
      if (thread.kind === 'requester') return { card: requesterCard(ticket, reader) }
      if (thread.kind === 'watch')
        return {
          card: watchCard(
            ticket,
            reader,
            thread.ownerId !== null && ticket.watcherIds.includes(thread.ownerId),
          ),
        }
      if (thread.queue !== ticket.queue) return { card: leftCard(ticket, reader) }
      const first = (await read.messages(workspace, ticket.id, 1, 'oldest'))[0]
      return { card: agentsCard(ticket, reader, first?.text.slice(0, 1500) ?? null) }
    }
    case 'relay': {
      const message = await read.message(workspace, intent.messageId)
      return message === null
        ? null
        : relayed(message, thread, await withPeople(workspace, read, reader, [message.authorId]))
    }
    case 'relay-file': {
      const attachment = (await read.attachments(workspace, intent.ticketId)).find(
        (one) => one.id === intent.attachmentId,
      )
      return attachment === undefined ? null : fileMessage(attachment, reader.locale)
    }
    case 'transcript': {
      const messages = (await read.messages(workspace, ticket.id, TRANSCRIPT_MAX, 'newest')).filter(
        (one) => one.deletedAt === null,
      )
      const known = await withPeople(
        workspace,
        read,
        reader,
        messages.map((one) => one.authorId),
      )
      const lines = messages.map((one) => `${named(known, one.authorId)}: ${one.text}`)
      return lines.length === 0
        ? null
        : { text: [say(reader.locale, 'transcript.heading'), ...lines].join('\n') }
    }
    case 'notice': {
      const line = await read.journalLine(workspace, ticket.id, intent.version)
      if (line === null) return null
      const ids = [line.cause.actorId, ...Object.values(line.change)].filter(
        (value): value is string => typeof value === 'string',
      )
      const known = await withPeople(workspace, read, reader, ids)
      return { text: sentence(line, known, thread.kind === 'agents' ? 'staff' : 'requester') }
    }
  }
}

function relayed(message: StoredMessage, thread: Thread, reader: Reader): Message {
  const { locale } = reader
  const name = named(reader, message.authorId)
  const author =
    thread.kind === 'agents' && message.by === 'staff' && message.visibility === 'public'
      ? say(locale, 'relay.to-requester', { name })
      : name
  if (message.deletedAt !== null) return { author, text: say(locale, 'relay.deleted') }
  return {
    author,
    text: message.editedAt === null ? message.text : say(locale, 'relay.edited', { text: message.text }),
  }
}

function fileMessage(attachment: Attachment, locale: Locale): Message {
  if (attachment.state !== 'stored')
    return { text: say(locale, 'relay.file-refused', { name: attachment.name }) }
  return {
    files: [{ id: attachment.id, name: attachment.name, mime: attachment.mime, size: attachment.size }],
  }
}

async function forPerson(
  workspace: string,
  intent: Extract<Intent, { kind: 'tell' | 'list' | 'home' }>,
  read: ReadStore,
  reader: Reader,
  person: Person,
): Promise<Message | null> {
  if (intent.kind === 'tell') {
    const text = sayStored(reader.locale, intent.key, inWordsOf(reader, intent.params))
    const ticket = intent.ticketId === null ? null : await read.ticket(workspace, { id: intent.ticketId })
    if (ticket === null || !maySee(person, ticket)) return { text }
    return { text, card: await cardFor(workspace, read, reader, person, ticket) }
  }
  const mine = { limit: LIST_MAX, order: 'newest' as const, statuses: LIVING }
  const queues = person.grants.some((grant) => grant.queue === null)
    ? reader.policy.queues.map((queue) => queue.key)
    : [...new Set(person.grants.flatMap((grant) => (grant.queue === null ? [] : [grant.queue])))]
  if (intent.kind === 'home' || intent.list === 'mine') {
    const [requested, handled, queue] = await Promise.all([
      read.tickets(workspace, { ...mine, requesterId: person.id }),
      isStaff(person) ? read.tickets(workspace, { ...mine, assigneeId: person.id }) : [],
      intent.kind === 'home' && isStaff(person)
        ? read.tickets(workspace, {
            queues,
            assigneeId: null,
            statuses: LIVING,
            order: 'most-urgent',
            limit: LIST_MAX,
          })
        : [],
    ])
    const known = await withPeople(
      workspace,
      read,
      reader,
      [...requested, ...handled, ...queue].flatMap((one) =>
        one.assigneeId === null ? [] : [one.assigneeId],
      ),
    )
    return {
      card:
        intent.kind === 'home'
          ? homeCard(person, { requested, handled, queue }, known)
          : mineCard(requested, handled, known),
    }
  }
  switch (intent.list) {
    case 'queue': {
      const tickets = await read.tickets(workspace, {
        queues,
        statuses: LIVING,
        order: 'most-urgent',
        limit: LIST_MAX,
      })
      return {
        card: queueCard(
          tickets,
          await withPeople(
            workspace,
            read,
            reader,
            tickets.flatMap((one) => (one.assigneeId === null ? [] : [one.assigneeId])),
          ),
        ),
      }
    }
    case 'report':
      return { card: reportCard(await read.counts(workspace, queues), reader) }
    case 'help':
      return { card: helpCard(person, reader) }
    case 'show':
    case 'history': {
      const ticket = intent.ticketId === null ? null : await read.ticket(workspace, { id: intent.ticketId })
      if (ticket === null || !maySee(person, ticket))
        return { text: say(reader.locale, 'refused.no-such-ticket', { number: ticket?.number ?? 0 }) }
      if (intent.list === 'show') return { card: await cardFor(workspace, read, reader, person, ticket) }
      const internal = maySeeInternal(person, ticket)
      const lines = (await read.journal(workspace, ticket.id)).filter(
        (line) =>
          internal || !(line.change.type === 'message-added' && line.change.visibility === 'internal'),
      )
      const ids = lines
        .flatMap((line) => [line.cause.actorId, ...Object.values(line.change)])
        .filter((value): value is string => typeof value === 'string')
      return { text: historyText(lines, await withPeople(workspace, read, reader, ids)) }
    }
  }
}

/** Verbs and queues stand in parameters by their keys; the reader has words of his own for them. */
function inWordsOf(
  reader: Reader,
  params: Readonly<Record<string, string | number>>,
): Readonly<Record<string, string | number>> {
  const { verb, queue } = params
  return {
    ...params,
    ...(typeof verb === 'string' && isVerb(verb) ? { verb: WORDS[verb][reader.locale][0] ?? verb } : {}),
    ...(typeof queue === 'string' && reader.policy.queues.some((one) => one.key === queue)
      ? { queue: queueName(reader, queue) }
      : {}),
  }
}

const LIVING: readonly Ticket['status'][] = (Object.keys(CATEGORY) as Ticket['status'][]).filter(
  (status) => CATEGORY[status] !== 'done',
)

/** The card of a ticket as this person may see it. */
async function cardFor(workspace: string, read: ReadStore, reader: Reader, person: Person, ticket: Ticket) {
  const known = await withPeople(workspace, read, reader, [
    ticket.requesterId,
    ...(ticket.assigneeId === null ? [] : [ticket.assigneeId]),
    ...ticket.collaboratorIds,
  ])
  if (maySeeInternal(person, ticket))
    return agentsCard(
      ticket,
      known,
      (await read.messages(workspace, ticket.id, 1, 'oldest'))[0]?.text ?? null,
    )
  return ticket.requesterId === person.id ? requesterCard(ticket, known) : watchCard(ticket, known, true)
}

/** In whose language and zone a requester's or a watcher's thread is. */
async function readerOf(
  workspace: string,
  read: ReadStore,
  thread: Thread,
  ticket: Ticket,
): Promise<Person | null> {
  if (thread.ownerId === null) return null
  const [owner] = await read.persons(workspace, [thread.ownerId])
  if (owner === undefined) return null
  // Somebody who writes Chinese is answered in Chinese, whatever his profile says.
  return thread.kind === 'requester' ? { ...owner, locale: ticket.language } : owner
}

async function readerFor(
  workspace: string,
  read: ReadStore,
  policy: Policy,
  now: Date,
  person: Person | null,
  ids: readonly string[],
): Promise<Reader> {
  const base: Reader = {
    locale: person?.locale ?? policy.locale,
    zone: person?.zone ?? policy.zone,
    now,
    policy,
    person: () => null,
  }
  return withPeople(workspace, read, base, ids)
}

async function withPeople(
  workspace: string,
  read: ReadStore,
  reader: Reader,
  ids: readonly string[],
): Promise<Reader> {
  const missing = [...new Set(ids)].filter((id) => UUID.test(id) && reader.person(id) === null)
  if (missing.length === 0) return reader
  const people = new Map((await read.persons(workspace, missing)).map((person) => [person.id, person]))
  return { ...reader, person: (id) => people.get(id) ?? reader.person(id) }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u
