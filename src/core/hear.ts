import { refreshCard, relay, relayFile } from './announce.ts'
import type { Verb } from './command.ts'
import type { EventOf } from './event.ts'
import type { Spoken } from './grammar.ts'
import { parse } from './grammar.ts'
import { obey, speakUp } from './obey.ts'
import { attach, open } from './open.ts'
import type { Person } from './person.ts'
import { isStaff } from './person.ts'
import { durationMs } from './policy.ts'
import type { Scene } from './scene.ts'
import { askProfile, enact, personOf, tell } from './scene.ts'
import { localeOf, say } from './text/say.ts'
import type { StoredMessage, Thread } from './thread.ts'
import { heard } from './ticket/decide.ts'
import { isDone } from './ticket/lifecycle.ts'
import { maySeeInternal, PERMISSION } from './ticket/permission.ts'
import type { Ticket } from './ticket/ticket.ts'
import { isRequest } from './triage/request.ts'
import { titleOf } from './triage/triage.ts'

/** What people write, change and take back in conversations, and what becomes of it. */

/** A message: part of a ticket, a command, a new request, or none of the desk's business. */
export function hearMessage(scene: Scene, event: EventOf<'message'>): void {
  const { desk } = scene
  const { place } = event
  if (desk.messageAt(place, event.messageId) !== null) return
  const thread = desk.threadAt(place, place.thread ?? event.messageId)
  if (thread !== null) return hearInThread(scene, event, thread)
  if (!isIntake(scene, event)) return

  const person = personOf(scene, place, event.from)
  const spoken = parse(event.text, event.mentioned ? 'command' : 'talk', false)
  if (spoken !== null && (event.mentioned || isMeant(spoken, person)))
    return obey(scene, event, event.from, person, spoken, null)
  if (event.mentioned && !place.direct && isAgentsChannel(scene, event))
    return speakUp(scene, event, event.from, person, event.text)

  if (place.thread === null) {
    const latest = desk.recent(place, event.from.id)
    if (latest !== null && isBurst(scene, latest)) return joinLatest(scene, event, latest, person)
  }
  if (!isRequest(event.text) && event.files.length === 0) {
    if (place.direct) tell(scene, event, event.from, person, 'bot.courtesy')
    return
  }
  const ticket = open(scene, event, {
    requester: person,
    text: event.text,
    title: null,
    queue: null,
    platform: place.platform,
    at: event.at,
    written: { place, messageId: event.messageId, root: place.thread ?? event.messageId },
    reach: null,
    files: event.files,
  })
  desk.noteRecent(place, event.from.id, ticket.id)
}

/** "note 3 people can't print" of somebody who takes no notes is a request. */
function isMeant(spoken: Spoken, person: Person): boolean {
  const allowed = (PERMISSION as Partial<Record<Verb, readonly string[]>>)[spoken.verb]
  return allowed === undefined || isStaff(person) || allowed.includes('requester')
}

/** Each message may be a request in a direct conversation and in intake channels; elsewhere only when it is addressed. */
function isIntake(scene: Scene, event: EventOf<'message'>): boolean {
  if (event.place.direct || event.mentioned) return true
  return scene.desk.policy.intake.channels[event.place.platform]?.includes(event.place.channel) ?? false
}

function isAgentsChannel(scene: Scene, event: EventOf<'message'>): boolean {
  const { platform, channel } = event.place
  const { policy } = scene.desk
  return (
    policy.managers[platform] === channel ||
    policy.queues.some((queue) => queue.channels[platform] === channel)
  )
}

/** People write one thought in several short messages. */
function isBurst(scene: Scene, latest: Ticket): boolean {
  if (isDone(latest.status) || latest.lastRequesterMessageAt === null) return false
  return (
    scene.now.getTime() - latest.lastRequesterMessageAt.getTime() <=
    durationMs(scene.desk.policy.intake.burst)
  )
}

function joinLatest(scene: Scene, event: EventOf<'message'>, ticket: Ticket, person: Person): void {
  const { place } = event
  // Answers under this further message belong to the ticket as well.
  const thread: Thread = {
    id: scene.nextId(),
    ticketId: ticket.id,
    kind: 'requester',
    platform: place.platform,
    install: place.install,
    channel: place.channel,
    direct: place.direct,
    root: event.messageId,
    person: null,
    ownerId: person.id,
    main: false,
    queue: null,
  }
  scene.desk.putThread(thread)
  hearRequester(scene, event, thread, ticket, person)
}

function hearInThread(scene: Scene, event: EventOf<'message'>, thread: Thread): void {
  const ticket = scene.desk.ticket(thread.ticketId)
  if (ticket === null) return
  const person = personOf(scene, event.place, event.from)
  if (thread.kind === 'agents') {
    if (event.mentioned) {
      const spoken = parse(event.text, 'command', true)
      if (spoken !== null) return obey(scene, event, event.from, person, spoken, ticket)
      return speakUp(scene, event, event.from, person, event.text)
    }
    // Private by default: what is said here without a command stays among those who work on it.
    return keep(
      scene,
      event,
      thread,
      ticket,
      person,
      maySeeInternal(person, ticket) ? 'staff' : 'other',
      'internal',
    )
  }
  const spoken = parse(event.text, event.mentioned ? 'command' : 'talk', true)
  if (spoken !== null) return obey(scene, event, event.from, person, spoken, ticket)
  if (ticket.requesterId === person.id) return hearRequester(scene, event, thread, ticket, person)
  keep(scene, event, thread, ticket, person, maySeeInternal(person, ticket) ? 'staff' : 'other', 'public')
}

function hearRequester(
  scene: Scene,
  event: EventOf<'message'>,
  thread: Thread,
  ticket: Ticket,
  person: Person,
): void {
  const message = store(scene, event, thread, person, 'requester', 'public')
  const request = isRequest(event.text) || event.files.length > 0
  enact(scene, ticket, heard(ticket, { messageId: message.id, request }), event, person)
  relay(scene, message)
  attach(scene, message, event.place, event.files)
}

/** A message of somebody who is not the requester, in one of the ticket's threads. */
function keep(
  scene: Scene,
  event: EventOf<'message'>,
  thread: Thread,
  ticket: Ticket,
  person: Person,
  by: StoredMessage['by'],
  visibility: StoredMessage['visibility'],
): void {
  const message = store(scene, event, thread, person, by, visibility)
  const answered = by === 'staff' && visibility === 'public' && ticket.firstRespondedAt === null
  enact(
    scene,
    ticket,
    [
      { type: 'message-added', messageId: message.id, by, visibility },
      ...(answered ? [{ type: 'first-response' } as const] : []),
    ],
    event,
    person,
  )
  relay(scene, message)
  attach(scene, message, event.place, event.files)
}

/** Keeps a message of a thread. */
export function store(
  scene: Scene,
  event: EventOf<'message'>,
  thread: Thread,
  person: Person,
  by: StoredMessage['by'],
  visibility: StoredMessage['visibility'],
): StoredMessage {
  const message: StoredMessage = {
    id: scene.nextId(),
    ticketId: thread.ticketId,
    threadId: thread.id,
    platform: event.place.platform,
    channel: event.place.channel,
    externalId: event.messageId,
    authorId: person.id,
    by,
    visibility,
    text: event.text,
    at: event.at,
    editedAt: null,
    deletedAt: null,
  }
  scene.desk.putMessage(message)
  return message
}

/** An edit: every copy changes with it. False if the message is not known, or not yet. */
export function hearEdit(scene: Scene, event: EventOf<'edit'>): boolean {
  const message = scene.desk.messageAt(event.place, event.messageId)
  if (message === null) return false
  if (message.deletedAt !== null || message.text === event.text) return true
  if (message.editedAt !== null && message.editedAt > event.at) return true
  const ticket = scene.desk.ticket(message.ticketId)
  if (ticket === null) return true
  const edited = { ...message, text: event.text, editedAt: event.at }
  scene.desk.putMessage(edited)
  const first = ticket.title === titleOf(message.text)
  const title = titleOf(event.text)
  enact(
    scene,
    ticket,
    [
      { type: 'message-edited', messageId: message.id },
      ...(first && title !== ticket.title && title !== ''
        ? [{ type: 'retitled', text: title } as const]
        : []),
    ],
    event,
    scene.desk.person(message.authorId),
  )
  relay(scene, edited)
  return true
}

/** A deletion: the words are gone from the desk and from every copy; that something was there stays in the journal. */
export function hearDeletion(scene: Scene, event: EventOf<'deletion'>): boolean {
  const message = scene.desk.messageAt(event.place, event.messageId)
  if (message === null) return false
  const ticket = scene.desk.ticket(message.ticketId)
  if (message.deletedAt !== null || ticket === null) return true
  const gone = { ...message, text: '', deletedAt: event.at }
  scene.desk.putMessage(gone)
  // A title that was taken from the message goes with it.
  const titled = ticket.title === titleOf(message.text)
  enact(
    scene,
    ticket,
    [
      { type: 'message-deleted', messageId: message.id },
      ...(titled ? [{ type: 'retitled', text: say(ticket.language, 'relay.deleted') } as const] : []),
    ],
    event,
    scene.desk.person(message.authorId),
  )
  relay(scene, gone)
  return true
}

/** What a platform knows of a person. A verified address links him with the person that the desk knows by it. */
export function hearProfile(scene: Scene, event: EventOf<'profile'>): void {
  const { desk } = scene
  const person = desk.personBy(event.place.platform, event.person)
  if (person === null) return
  const asked = desk.recent(event.place, event.person)
  if (asked !== null) for (const thread of desk.threads(asked.id)) if (thread.main) refreshCard(scene, thread)
  const same = event.mail === null ? null : desk.personByMail(event.mail)
  if (same !== null && same.id !== person.id && person.key === null) {
    desk.mergePersons(person.id, same.id)
    return
  }
  desk.putPerson({
    ...person,
    name: person.key === null ? (event.name ?? person.name) : person.name,
    mail: person.mail ?? event.mail,
    locale: person.locale ?? localeOf(event.locale),
    zone: person.zone ?? event.zone,
  })
}

/** Whether somebody who is not known yet commands the bot where agents work: he is probably one of them. */
export function isStrangerAtWork(scene: Scene, event: EventOf<'message'>): boolean {
  return event.mentioned && isAgentsChannel(scene, event) && isStranger(scene, event)
}

/** A file's bytes are here, or were refused. */
export function hearFile(scene: Scene, event: EventOf<'file-stored'>): void {
  const { desk } = scene
  const attachment = desk.attachments(event.messageId).find((one) => one.id === event.file)
  if (attachment === undefined || attachment.state !== 'pending') return
  desk.putAttachment({ ...attachment, state: event.refusal === null ? 'stored' : 'refused' })
  const message = desk.messageById(event.messageId)
  if (message !== null) relayFile(scene, message, attachment.id)
}

/** People whose identity is new and who press or command something are looked up first: they may be agents. */
export function isStranger(scene: Scene, event: EventOf<'action' | 'form' | 'command' | 'message'>): boolean {
  const person = scene.desk.personBy(event.place.platform, event.from.id)
  if (person !== null && (person.name !== null || person.mail !== null || person.key !== null)) return false
  // Without the name that came along: one with a name has been looked up.
  personOf(scene, event.place, { ...event.from, name: null })
  askProfile(scene, event.place, event.from.id)
  return true
}
