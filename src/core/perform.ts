import { relay, transcribe } from './announce.ts'
import type { TicketCommand } from './command.ts'
import { laneOf } from './desk.ts'
import type { IncomingFile, Place, Platform } from './event.ts'
import { agentThreads, attach } from './open.ts'
import type { Person } from './person.ts'
import { nameOf } from './person.ts'
import type { Scene } from './scene.ts'
import { enact } from './scene.ts'
import type { StoredMessage } from './thread.ts'
import type { Decision } from './ticket/decide.ts'
import { decide } from './ticket/decide.ts'
import type { Ticket } from './ticket/ticket.ts'
import { label } from './ticket/ticket.ts'

/** Where a command came from, as far as it matters to what it does. */
export interface Origin {
  readonly key: string
  readonly at: Date
  /** Null: the REST interface. */
  readonly place: Place | null
  /** The message that the command was written in, if it was one. */
  readonly messageId: string | null
  readonly files: readonly IncomingFile[]
}

/** Whether a command would be carried out. */
export function judge(scene: Scene, person: Person, ticket: Ticket, command: TicketCommand): Decision {
  const other =
    command.verb === 'link' || command.verb === 'merge' ? scene.desk.ticketByNumber(command.other) : null
  return decide(ticket, command, {
    actor: person,
    policy: scene.desk.policy,
    now: scene.now,
    person: (id) => scene.desk.person(id),
    other,
  })
}

/** Decides, journals, announces, and does what goes along with it in other tickets and threads. */
export function perform(
  scene: Scene,
  origin: Origin,
  person: Person,
  ticket: Ticket,
  command: TicketCommand,
): Decision {
  const decision = judge(scene, person, ticket, command)
  if (!decision.ok) return decision
  if ('messageId' in command) write(scene, origin, person, ticket, command)
  prepareThreads(scene, origin, person, ticket, command)
  const after = enact(scene, ticket, decision.changes, origin, person)
  switch (command.verb) {
    case 'transfer':
      for (const thread of scene.desk.threads(after.id))
        if (thread.queue === after.queue) transcribe(scene, thread)
      break
    case 'link':
      enact(
        scene,
        scene.desk.ticketByNumber(command.other)!,
        [{ type: 'linked', other: ticket.number }],
        origin,
        person,
      )
      break
    case 'merge':
      absorb(scene, origin, person, after, scene.desk.ticketByNumber(command.other)!)
      break
    case 'assign':
      if (command.personId !== person.id)
        notify(scene, origin, command.personId, 'you.assigned', person, after)
      break
    case 'collaborate':
      notify(scene, origin, command.personId, 'you.collaborate', person, after)
      break
    default:
      break
  }
  return decision
}

/** The threads that a command begins or ends, so that what it announces finds them. */
function prepareThreads(
  scene: Scene,
  origin: Origin,
  person: Person,
  ticket: Ticket,
  command: TicketCommand,
): void {
  const threads = scene.desk.threads(ticket.id)
  if (command.verb === 'transfer') {
    for (const thread of agentThreads(scene, { ...ticket, queue: command.queue })) {
      // A ticket that comes back to a queue finds its old thread there.
      if (!threads.some((one) => one.queue === thread.queue && one.platform === thread.platform))
        scene.desk.putThread(thread)
    }
  }
  if (command.verb === 'watch') {
    const identity = scene.desk.identityOf(command.personId, preferred(origin), scene.live)
    if (identity === null) return
    scene.desk.putThread({
      id: scene.nextId(),
      ticketId: ticket.id,
      kind: 'watch',
      platform: identity.platform,
      install: identity.install,
      channel: `@${identity.externalId}`,
      direct: true,
      root: null,
      person: identity.externalId,
      ownerId: command.personId,
      main: true,
      queue: null,
    })
  }
  if (command.verb === 'unwatch') {
    for (const thread of threads) {
      if (thread.kind === 'watch' && thread.ownerId === person.id)
        scene.desk.putThread({ ...thread, main: false })
    }
  }
}

/** The words of a command become a message of the ticket, passed on to whoever may read it. */
function write(
  scene: Scene,
  origin: Origin,
  person: Person,
  ticket: Ticket,
  command: Extract<TicketCommand, { messageId: string }>,
): void {
  const message: StoredMessage = {
    id: command.messageId,
    ticketId: ticket.id,
    threadId: null,
    platform: origin.place?.platform ?? 'api',
    channel: origin.place?.channel ?? null,
    externalId: origin.messageId,
    authorId: person.id,
    by: command.verb === 'details' ? 'requester' : 'staff',
    visibility: command.verb === 'note' ? 'internal' : 'public',
    text: command.text,
    at: origin.at,
    editedAt: null,
    deletedAt: null,
  }
  scene.desk.putMessage(message)
  relay(scene, message)
  if (origin.place !== null) attach(scene, message, origin.place, origin.files)
}

/** The duplicate's requester goes on in his own thread, which now belongs to the ticket that stays. */
function absorb(scene: Scene, origin: Origin, person: Person, duplicate: Ticket, target: Ticket): void {
  const same = duplicate.requesterId === target.requesterId
  for (const thread of scene.desk.threads(duplicate.id)) {
    if (thread.kind !== 'requester') continue
    scene.desk.putThread({
      ...thread,
      ticketId: target.id,
      kind: same ? 'requester' : 'watch',
      main: thread.main,
    })
  }
  enact(scene, target, [{ type: 'absorbed', other: duplicate.number }], origin, person)
}

/** One sentence with the card, directly to somebody of the staff. */
function notify(
  scene: Scene,
  origin: Origin,
  personId: string,
  key: 'you.assigned' | 'you.collaborate',
  by: Person,
  ticket: Ticket,
): void {
  const identity = scene.desk.identityOf(personId, preferred(origin), scene.live)
  if (identity === null) return
  const channel = `@${identity.externalId}`
  scene.desk.errand({
    id: scene.nextId(),
    key: `you:${origin.key}:${personId}`,
    lane: laneOf({ platform: identity.platform, channel }),
    ticketId: ticket.id,
    intent: {
      kind: 'tell',
      place: { platform: identity.platform, install: identity.install, channel, direct: true, thread: null },
      person: identity.externalId,
      personId,
      key,
      params: { name: nameOf(by), ticket: label(ticket) },
      ticketId: ticket.id,
    },
  })
}

/** People are reached where the matter is being talked about, if they are there. */
function preferred(origin: Origin): Platform {
  return origin.place?.platform ?? 'web'
}
