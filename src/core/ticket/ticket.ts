import type { Priority } from '../command.ts'
import type { Platform } from '../event.ts'
import type { Locale } from '../text/say.ts'
import type { Status } from './lifecycle.ts'

/** Why the desk decided something: a text key's stem and what it counted, so that `why` can answer in any language. */
export interface Reason {
  readonly code: string
  /** The words or figures it rests on. */
  readonly evidence?: string
  readonly weight?: number
}

/** The current state of one request. Instants are UTC. */
export interface Ticket {
  readonly id: string
  /** The number that people say, unique in the workspace. */
  readonly number: number
  /** The prefix of the queue that it was opened in (`IT` of `IT-42`); it stays when the queue changes. */
  readonly prefix: string
  readonly title: string
  readonly status: Status
  readonly statusSince: Date
  readonly priority: Priority
  readonly priorityReasons: readonly Reason[]
  readonly category: string | null
  readonly queue: string
  readonly queueReasons: readonly Reason[]
  readonly requesterId: string
  readonly assigneeId: string | null
  readonly collaboratorIds: readonly string[]
  readonly watcherIds: readonly string[]
  /** Numbers of linked tickets. */
  readonly links: readonly number[]
  /** The number of the ticket that this one was merged into. */
  readonly mergedInto: number | null
  readonly language: Locale
  readonly fields: Readonly<Record<string, string>>
  readonly platform: Platform | 'api'
  readonly openedAt: Date
  /** Null: no target, or a calendar without windows. */
  readonly firstResponseDueAt: Date | null
  readonly firstRespondedAt: Date | null
  readonly firstResponseBreached: boolean
  readonly resolvedAt: Date | null
  /** What the agent wrote on resolving. */
  readonly resolution: string | null
  readonly closedAt: Date | null
  /** Of the requester; with the conversation it decides whether a further message belongs here. */
  readonly lastRequesterMessageAt: Date | null
  readonly updatedAt: Date
  /** Grows with every journalled change; a button carries the one it was drawn from. */
  readonly version: number
  /** The version of the last change that matters to what a button does: buttons drawn before it are stale. */
  readonly freshSince: number
}

/** `IT-42` */
export function label(ticket: Pick<Ticket, 'prefix' | 'number'>): string {
  return `${ticket.prefix}-${ticket.number}`
}
