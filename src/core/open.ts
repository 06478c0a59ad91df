import { announce, relay } from './announce.ts'
import type { IncomingFile, Place } from './event.ts'
import type { Person } from './person.ts'
import { queueOf } from './policy.ts'
import type { Scene, Source } from './scene.ts'
import { causeOf, speaks } from './scene.ts'
import { firstResponseDue } from './sla/targets.ts'
import type { StoredMessage, Thread } from './thread.ts'
import type { Change } from './ticket/change.ts'
import type { Ticket } from './ticket/ticket.ts'
import { triage } from './triage/triage.ts'

export interface Request {
  readonly requester: Person
  readonly text: string
  /** A title of the requester's own; otherwise it is taken from the text. */
  readonly title: string | null
  /** A queue of the requester's own choice. */
  readonly queue: string | null
  readonly platform: Ticket['platform']
  readonly at: Date
  /** Where it was written. Null: by a form or over the REST interface. */
  readonly written: { readonly place: Place; readonly messageId: string; readonly root: string } | null
  /** Where the requester will be answered when it was written nowhere: a direct conversation on a platform. */
  readonly reach: { readonly place: Place; readonly person: string } | null
  readonly files: readonly IncomingFile[]
}

/**
 * Opens a ticket: understood, numbered, journalled, with the thread of the requester, one thread for the agents on each
 * platform that the queue has a channel on, and the first message in it.
 */
export function open(scene: Scene, source: Source, request: Request): Ticket {
  const { desk } = scene
  const { policy } = desk
  const understood = triage(request.text, {
    policy,
    locale: speaks(scene, request.requester),
    vip: request.requester.vip,
  })
  const queue = queueOf(policy, request.queue ?? understood.queue)
  const cause = causeOf(scene, source, request.requester)
  const ticket: Ticket = {
    id: scene.nextId(),
    number: scene.nextNumber(),
    prefix: queue.prefix,
    title: request.title ?? understood.title,
    status: 'new',
    statusSince: scene.now,
    priority: understood.priority,
    priorityReasons: understood.priorityReasons,
    category: null,
    queue: queue.key,
    queueReasons: request.queue === null ? understood.queueReasons : [{ code: 'chosen' }],
    requesterId: request.requester.id,
    assigneeId: null,
    collaboratorIds: [],
    watcherIds: [],
    links: [],
    mergedInto: null,
    language: understood.language,
    fields: {},
    platform: request.platform,
    openedAt: scene.now,
    firstResponseDueAt: firstResponseDue(policy, queue.key, understood.priority, scene.now),
    firstRespondedAt: null,
    firstResponseBreached: false,
    resolvedAt: null,
    resolution: null,
    closedAt: null,
    lastRequesterMessageAt: scene.now,
    updatedAt: scene.now,
    version: 1,
    freshSince: 1,
  }
  const opened: Change = { type: 'opened', ticket }
  desk.apply(ticket.id, opened, cause)
  const thread = requesterThread(scene, ticket, request)
  if (thread !== null) desk.putThread(thread)
  for (const one of agentThreads(scene, ticket)) desk.putThread(one)
  const message: StoredMessage = {
    id: scene.nextId(),
    ticketId: ticket.id,
    threadId: thread?.id ?? null,
    platform: request.platform,
    channel: request.written?.place.channel ?? null,
    externalId: request.written?.messageId ?? null,
    authorId: request.requester.id,
    by: 'requester',
    visibility: 'public',
    text: request.text,
    at: request.at,
    editedAt: null,
    deletedAt: null,
  }
  desk.putMessage(message)
  announce(scene, null, ticket, [opened], request.requester.id)
  if (request.text !== ticket.title) relay(scene, message)
  if (request.written !== null) attach(scene, message, request.written.place, request.files)
  return ticket
}

/** The agents' threads of a ticket's present queue, one on each live platform where the queue has a channel. */
export function agentThreads(scene: Scene, ticket: Ticket): readonly Thread[] {
  const queue = queueOf(scene.desk.policy, ticket.queue)
  const threads: Thread[] = []
  for (const [platform, install] of scene.live) {
    const channel = queue.channels[platform]
    if (channel === undefined) continue
    threads.push({
      id: scene.nextId(),
      ticketId: ticket.id,
      kind: 'agents',
      platform,
      install,
      channel,
      direct: false,
      root: null,
      person: null,
      ownerId: null,
      main: true,
      queue: queue.key,
    })
  }
  return threads
}

/** Notes the files of a message and has their bytes fetched; each is passed on when it is there. */
export function attach(
  scene: Scene,
  message: StoredMessage,
  place: Place,
  files: readonly IncomingFile[],
): void {
  for (const file of files) {
    const attachmentId = scene.nextId()
    scene.desk.putAttachment({
      id: attachmentId,
      messageId: message.id,
      ticketId: message.ticketId,
      name: file.name,
      mime: file.mime,
      size: file.size,
      state: 'pending',
    })
    scene.desk.errand({
      id: scene.nextId(),
      key: `fetch:${attachmentId}`,
      lane: `${place.platform}:file:${attachmentId}`,
      ticketId: message.ticketId,
      intent: { kind: 'file', place, messageId: message.id, attachmentId, file },
    })
  }
}

function requesterThread(scene: Scene, ticket: Ticket, request: Request): Thread | null {
  const base = {
    id: scene.nextId(),
    ticketId: ticket.id,
    kind: 'requester',
    ownerId: ticket.requesterId,
    main: true,
    queue: null,
  } as const
  if (request.written !== null) {
    const { place, root } = request.written
    return {
      ...base,
      platform: place.platform,
      install: place.install,
      channel: place.channel,
      direct: place.direct,
      root,
      person: null,
    }
  }
  if (request.reach === null) return null
  const { place, person } = request.reach
  return {
    ...base,
    platform: place.platform,
    install: place.install,
    channel: place.channel,
    direct: true,
    root: null,
    person,
  }
}
