import { relay } from './announce.ts'
import type { EventOf, PersonRef } from './event.ts'
import { store } from './hear.ts'
import { attach, open } from './open.ts'
import type { Scene } from './scene.ts'
import { enact, personOf, tell } from './scene.ts'
import { maySeeInternal } from './ticket/permission.ts'

/** Tickets made of what was said before the desk was asked. */

/** "Make a ticket of this." The message opens it at once if its text came along; the thread around it is fetched. */
export function hearCapture(scene: Scene, event: EventOf<'capture'>): void {
  const { desk } = scene
  const asker = personOf(scene, event.place, event.from)
  const root = event.place.thread ?? event.messageId
  const known = desk.threadAt(event.place, root)
  const ticket = known === null ? null : desk.ticket(known.ticketId)
  if (ticket !== null)
    return tell(scene, event, event.from, asker, 'bot.is-a-ticket', {
      ticket: `${ticket.prefix}-${ticket.number}`,
    })
  if (event.message !== null) {
    openCaptured(
      scene,
      event,
      event.messageId,
      root,
      event.at,
      event.message.author,
      event.message.text,
      event.message.files,
    )
  }
  desk.errand({
    id: scene.nextId(),
    key: `backfill:${event.key}`,
    lane: `${event.place.platform}:backfill:${event.place.channel}`,
    ticketId: null,
    intent: { kind: 'backfill', place: event.place, messageId: event.messageId, person: event.from.id },
  })
}

/** The thread that was fetched for a capture: the messages that are not known yet become part of its ticket. */
export function hearCaptured(scene: Scene, event: EventOf<'captured'>): void {
  const { desk } = scene
  for (const one of event.messages) {
    if (desk.messageAt(event.place, one.messageId) !== null) continue
    const root = event.place.thread ?? event.messages[0]!.messageId
    const thread = desk.threadAt(event.place, root)
    const ticket = thread === null ? null : desk.ticket(thread.ticketId)
    if (thread === null || ticket === null) {
      openCaptured(scene, event, one.messageId, root, one.at, one.author, one.text, one.files)
      continue
    }
    const author = personOf(scene, event.place, one.author)
    const by =
      author.id === ticket.requesterId ? 'requester' : maySeeInternal(author, ticket) ? 'staff' : 'other'
    const message = store(
      scene,
      {
        ...event,
        type: 'message',
        at: one.at,
        messageId: one.messageId,
        from: one.author,
        text: one.text,
        files: one.files,
        mentioned: false,
      },
      thread,
      author,
      by,
      'public',
    )
    enact(
      scene,
      ticket,
      [{ type: 'message-added', messageId: message.id, by, visibility: 'public' }],
      event,
      author,
    )
    relay(scene, message)
    attach(scene, message, event.place, one.files)
  }
}

function openCaptured(
  scene: Scene,
  event: EventOf<'capture' | 'captured'>,
  messageId: string,
  root: string,
  at: Date,
  author: PersonRef,
  text: string,
  files: EventOf<'message'>['files'],
): void {
  open(scene, event, {
    requester: personOf(scene, event.place, author),
    text,
    title: null,
    queue: null,
    platform: event.place.platform,
    at,
    written: { place: event.place, messageId, root },
    reach: null,
    files,
  })
}
