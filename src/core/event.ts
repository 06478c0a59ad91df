import { z } from 'zod'

/**
 * What comes in, after an adapter has verified and decoded it. The schema is the boundary: events are stored (sealed)
 * in the inbox and read back by whichever process handles them, perhaps a newer one.
 *
 * `key` is the identity of what happened, not of its delivery: the same message under two webhook ids has one key, and
 * the inbox keeps the first. Adapters build keys with `messageKey` and friends below.
 */

export const PLATFORMS = ['web', 'slack', 'teams', 'discord', 'wecom'] as const
export type Platform = (typeof PLATFORMS)[number]

const platform = z.enum(PLATFORMS)
/** A platform's own id: opaque, never parsed by the core, no control characters. */
const externalId = z
  .string()
  .min(1)
  .max(400)
  .regex(/^\P{Cc}+$/u)

/** Longest text that the desk keeps of one message, in characters; what is over is cut visibly by the adapter. */
export const TEXT_MAX = 20_000

export const personRef = z.object({
  id: externalId,
  name: z.string().max(200).nullable().default(null),
  locale: z.string().max(35).nullable().default(null),
})
/** A person as the platform names him. Name and locale are hints: the profile look-up is what counts. */
export type PersonRef = z.infer<typeof personRef>

export const place = z.object({
  platform,
  /** The workspace, tenant, guild or company on the platform that the app is installed in. */
  install: externalId,
  channel: externalId,
  /** True where only the bot and one person talk. */
  direct: z.boolean(),
  /** The message id of the thread's root; null for a message that stands in the channel itself. */
  thread: externalId.nullable(),
})
export type Place = z.infer<typeof place>

export const incomingFile = z.object({
  id: externalId,
  name: z.string().max(255),
  mime: z.string().max(127),
  size: z.number().int().nonnegative(),
  /** Where the adapter can fetch the bytes, in its own terms. Never fetched by the core. */
  source: z.string().max(4000),
})
export type IncomingFile = z.infer<typeof incomingFile>

const base = {
  key: z.string().min(1).max(700),
  /** When it happened, by the platform's clock. */
  at: z.coerce.date(),
  place,
}

const messageBody = {
  messageId: externalId,
  from: personRef,
  text: z.string().max(TEXT_MAX + 100),
  files: z.array(incomingFile).max(20).default([]),
  /** The message begins by addressing the bot; the adapter has taken the mention out of `text`. */
  mentioned: z.boolean().default(false),
}

export const inboundEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), ...base, ...messageBody }),
  z.object({
    type: z.literal('edit'),
    ...base,
    messageId: externalId,
    from: personRef,
    text: messageBody.text,
  }),
  z.object({ type: z.literal('deletion'), ...base, messageId: externalId }),
  /** A button was pressed or a choice made. `value` is the chosen option of a choice. */
  z.object({
    type: z.literal('action'),
    ...base,
    from: personRef,
    action: z.string().max(200),
    value: z.string().max(200).nullable().default(null),
  }),
  /** A form came back. `place` is where it had been opened from. */
  z.object({
    type: z.literal('form'),
    ...base,
    from: personRef,
    form: z.string().max(200),
    values: z.record(z.string().max(64), z.string().max(TEXT_MAX + 100)),
    files: z.array(incomingFile).max(20).default([]),
  }),
  /** A slash command, or anything else that is a command by its channel and not by its wording. */
  z.object({ type: z.literal('command'), ...base, from: personRef, text: z.string().max(TEXT_MAX + 100) }),
  /** "Make a ticket of this": a message shortcut or a reaction on somebody's message. `from` is who asked for it. */
  z.object({
    type: z.literal('capture'),
    ...base,
    from: personRef,
    messageId: externalId,
    /** Null when the platform names the message only (a reaction); the desk then fetches it. */
    message: z.object({ author: personRef, text: messageBody.text, files: messageBody.files }).nullable(),
  }),
  /** What `Adapter.history` brought for a capture, oldest first. */
  z.object({
    type: z.literal('captured'),
    ...base,
    from: personRef,
    messages: z
      .array(
        z.object({
          messageId: externalId,
          at: z.coerce.date(),
          author: personRef,
          text: messageBody.text,
          files: messageBody.files,
        }),
      )
      .max(200),
  }),
  /** What `Adapter.profile` brought. */
  z.object({
    type: z.literal('profile'),
    ...base,
    person: externalId,
    name: z.string().max(200).nullable(),
    /** Only an address that the platform vouches for. */
    mail: z.string().max(320).nullable(),
    locale: z.string().max(35).nullable(),
    zone: z.string().max(64).nullable(),
  }),
  /** The bytes of a message's file have been fetched and stored under `file`. */
  z.object({
    type: z.literal('file-stored'),
    ...base,
    messageId: externalId,
    file: externalId,
    refusal: z.string().max(64).nullable(),
  }),
  /** A person opened the app's own page on the platform (Slack's App Home). */
  z.object({ type: z.literal('home'), ...base, from: personRef }),
  /** A channel was deleted or archived, or the bot was taken out of it. */
  z.object({ type: z.literal('channel-gone'), ...base }),
  /** The app was removed from the install, or its token revoked. */
  z.object({ type: z.literal('install-gone'), ...base }),
  /** One of the desk's own timers came due. */
  z.object({
    type: z.literal('timer'),
    ...base,
    timer: z.string().max(200),
    ticketId: z.string(),
    kind: z.enum(['first-response', 'auto-close']),
  }),
])

export type InboundEvent = z.infer<typeof inboundEvent>
export type EventOf<T extends InboundEvent['type']> = Extract<InboundEvent, { type: T }>

/** The one identity of a message, whatever number of deliveries and event types bring it. */
export function messageKey(at: Pick<Place, 'platform' | 'install' | 'channel'>, messageId: string): string {
  return `message:${at.platform}:${at.install}:${at.channel}:${messageId}`
}

/** An edit is the message and its revision, in the platform's terms (a time stamp, a counter). */
export function editKey(
  at: Pick<Place, 'platform' | 'install' | 'channel'>,
  messageId: string,
  revision: string,
): string {
  return `edit:${at.platform}:${at.install}:${at.channel}:${messageId}:${revision}`
}

export function deletionKey(at: Pick<Place, 'platform' | 'install' | 'channel'>, messageId: string): string {
  return `deletion:${at.platform}:${at.install}:${at.channel}:${messageId}`
}
