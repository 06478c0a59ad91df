import type { FileRef } from './message.ts'

/** Two clocks, because the demo's time machine moves one of them. Both are instants (UTC). */
export interface Clock {
  /** The desk's time: business hours, deadlines, timers, what people see. */
  now(): Date
  /** The machine's time: leases, back-off, signatures. Never moved by the time machine. */
  real(): Date
}

export interface Ids {
  /** A new UUIDv7; later ones sort after earlier ones of the same process. */
  next(): string
}

export interface Log {
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  debug(fields: LogFields, message: string): void
}
/** Ids, codes and numbers only. Never a person's words, a name, an address, a token. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Authenticated encryption of what people wrote and of credentials. */
export interface Sealer {
  /** `context` binds the box to its row: opened under another one it is refused. */
  seal(plain: Uint8Array, context: string): Uint8Array
  /** Throws when the box was tampered with, belongs to another context, or its key is not in the ring. */
  open(box: Uint8Array, context: string): Uint8Array
}

/** Files at rest, sealed. */
export interface Files {
  put(
    workspace: string,
    file: { id: string; name: string; mime: string; bytes: Uint8Array },
    at: Date,
  ): Promise<FileRef>
  get(workspace: string, id: string): Promise<{ ref: FileRef; bytes: Uint8Array } | null>
}

/**
 * The web chat's own memory: to the desk it is one more platform, so what is said in it is stored by this port as
 * another company's servers would.
 */
export interface Room {
  /** Adds or replaces the post with this id; the same id twice is one post. Bumps `revision`. */
  put(workspace: string, post: RoomPost): Promise<void>
  get(workspace: string, id: string): Promise<StoredPost | null>
  /** Posts changed after `after`, oldest change first, at most `limit`. */
  changes(workspace: string, after: number, limit: number): Promise<readonly StoredPost[]>
  /** The latest `limit` posts of a channel, or of one thread in it, oldest first. */
  list(
    workspace: string,
    channel: string,
    thread: string | null,
    limit: number,
  ): Promise<readonly StoredPost[]>
}

export interface RoomPost {
  readonly id: string
  readonly channel: string
  readonly thread: string | null
  /** A web person's id, or `bot`. */
  readonly author: string
  /** Null: everybody in the channel. */
  readonly visibleTo: string | null
  /** What the page draws: text, card, files. Sealed at rest. */
  readonly body: unknown
  readonly at: Date
  readonly editedAt: Date | null
  readonly deletedAt: Date | null
}

export interface StoredPost extends RoomPost {
  /** Grows with every change in the workspace, in the order of commits. */
  readonly revision: number
}
