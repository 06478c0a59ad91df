import { z } from 'zod'
import { incomingFile, place } from './event.ts'
import type { TextKey } from './text/say.ts'

/**
 * What the desk means to do outside, as the outbox keeps it: never a payload, never a person's words. It is drawn from
 * the newest state at the moment of delivery, in the reader's language, so ten changes of one card are one edit.
 */

const params = z.record(z.string(), z.union([z.string(), z.number()]))
const textKey = z.string().transform((key) => key as TextKey)

export const intent = z.discriminatedUnion('kind', [
  /** The ticket's card in one of its threads: posted once, edited ever after. */
  z.object({ kind: z.literal('card'), ticketId: z.string(), threadId: z.string() }),
  /** What somebody wrote, passed on into another thread of the ticket. */
  z.object({ kind: z.literal('relay'), ticketId: z.string(), threadId: z.string(), messageId: z.string() }),
  z.object({
    kind: z.literal('relay-file'),
    ticketId: z.string(),
    threadId: z.string(),
    attachmentId: z.string(),
  }),
  /** The conversation so far, for a thread that begins late (after a transfer or a merge). */
  z.object({ kind: z.literal('transcript'), ticketId: z.string(), threadId: z.string() }),
  /** What one line of the ticket's journal says, into one of its threads. */
  z.object({ kind: z.literal('notice'), ticketId: z.string(), threadId: z.string(), version: z.number() }),
  /** One sentence to one person: privately where he is, or directly. */
  z.object({
    kind: z.literal('tell'),
    place,
    person: z.string(),
    personId: z.string(),
    key: textKey,
    params,
    /** A ticket whose fresh card goes with it. */
    ticketId: z.string().nullable(),
  }),
  /** Something to read, asked for by a command. */
  z.object({
    kind: z.literal('list'),
    list: z.enum(['mine', 'queue', 'report', 'help', 'show', 'history']),
    place,
    person: z.string(),
    personId: z.string(),
    ticketId: z.string().nullable(),
  }),
  /** The person's own page in the app. */
  z.object({ kind: z.literal('home'), place, person: z.string(), personId: z.string() }),
  /** Things to fetch; what they bring comes back through the inbox. */
  z.object({ kind: z.literal('profile'), place, person: z.string() }),
  z.object({
    kind: z.literal('file'),
    place,
    messageId: z.string(),
    attachmentId: z.string(),
    file: incomingFile,
  }),
  z.object({ kind: z.literal('backfill'), place, messageId: z.string(), person: z.string() }),
])

export type Intent = z.infer<typeof intent>

/** An intent with its standing: the same key replaces, so there is one row for one card in one place. */
export interface Errand {
  /** UUIDv7: the order within the lane. */
  readonly id: string
  readonly key: string
  /** One conversation: its errands are done strictly in order. */
  readonly lane: string
  readonly ticketId: string | null
  readonly intent: Intent
}
