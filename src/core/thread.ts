import type { Platform } from './event.ts'
import type { FileRef } from './message.ts'

/**
 * A place where a ticket is talked about. A ticket has many, perhaps on several platforms at once; what is said in one
 * reaches the others by its visibility.
 */
export interface Thread {
  readonly id: string
  readonly ticketId: string
  /** What the requester sees · the private talk of those who work on it · what watchers see. */
  readonly kind: 'requester' | 'agents' | 'watch'
  readonly platform: Platform
  readonly install: string
  readonly channel: string
  readonly direct: boolean
  /** The message id of its root; null until the card that opens it has been delivered. */
  readonly root: string | null
  /** For a direct conversation that the desk opens itself: the person's id on the platform. */
  readonly person: string | null
  /** Whose thread it is: the requester's, the watcher's; null for the agents' of a queue. */
  readonly ownerId: string | null
  /** False for the root of a further message that joined the ticket: it is listened to, nothing is posted there. */
  readonly main: boolean
  /** The queue whose channel this is; a thread of another queue than the ticket's was left by a transfer. */
  readonly queue: string | null
}

export interface StoredMessage {
  readonly id: string
  readonly ticketId: string
  /** Where it was written; null when it came by a form or over the REST interface. */
  readonly threadId: string | null
  readonly platform: Platform | 'api'
  readonly channel: string | null
  /** The platform's id of the message; null when it has none there. */
  readonly externalId: string | null
  readonly authorId: string
  readonly by: 'requester' | 'staff' | 'other'
  readonly visibility: 'public' | 'internal'
  /** Empty when it was deleted. */
  readonly text: string
  readonly at: Date
  readonly editedAt: Date | null
  readonly deletedAt: Date | null
}

/** A file of a message. Pending until its bytes have been fetched from the platform. */
export interface Attachment extends FileRef {
  readonly messageId: string
  readonly ticketId: string
  readonly state: 'pending' | 'stored' | 'refused'
}
