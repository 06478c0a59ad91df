import type { EventOf, InboundEvent } from '../../core/event.ts'
import { deletionKey, editKey, inboundEvent, messageKey } from '../../core/event.ts'
import { decodeInteraction } from './interaction.ts'
import type { Context } from './parts.ts'
import { bounded, dateOf, filesOf, personOf, placeOf, threadOf, typeOf } from './parts.ts'
import type { SlackMessage } from './payload.ts'
import * as wire from './payload.ts'
import { plain } from './text.ts'

/** Subtypes of `message` in which a person says something; every other one is the platform talking. */
const SPOKEN: ReadonlySet<string> = new Set(['file_share', 'thread_broadcast', 'me_message'])

/** The reactions that ask for a ticket: 🎫 and 🎟. */
const TICKET_REACTIONS: ReadonlySet<string> = new Set(['ticket', 'admission_tickets'])

/**
 * What a verified Slack payload means to the desk: nothing, for everything it does not know, for what bots say and for
 * what the desk itself did. Pure; the same payload gives the same events and keys.
 */
export function decode(payload: unknown, context: Context): readonly InboundEvent[] {
  const events =
    typeOf(payload) === 'event_callback' ? decodeEvent(payload, context) : decodeInteraction(payload, context)
  // The schema is the boundary of the inbox: what it refuses could never be read back.
  return events.flatMap((event) => inboundEvent.safeParse(event).data ?? [])
}

function decodeEvent(payload: unknown, context: Context): readonly InboundEvent[] {
  const envelope = wire.envelope.safeParse(payload).data
  if (!envelope) return []
  const authorization = envelope.authorizations?.[0]
  const install = authorization?.is_enterprise_install
    ? (authorization.enterprise_id ?? envelope.enterprise_id)
    : (authorization?.team_id ?? envelope.team_id)
  if (!install) return []
  const bot = (authorization?.is_bot === false ? null : authorization?.user_id) ?? context.bot
  const source: Source = { install, bot, seconds: envelope.event_time ?? null, at: context.at }
  const { event } = envelope

  switch (event.type) {
    case 'message':
      if (event.subtype === 'message_changed') return decodeChange(event, source)
      if (event.subtype === 'message_deleted') return decodeDeletion(event, source)
      return decodeMessage(event, source)
    case 'app_mention':
      return decodeMessage(event, source)
    case 'reaction_added':
      return decodeReaction(event, source)
    case 'app_home_opened':
      return decodeHome(event, source)
    case 'app_uninstalled':
    case 'tokens_revoked':
      return decodeInstallGone(event, source)
    default:
      return decodeChannelGone(event, source)
  }
}

interface Source {
  readonly install: string
  readonly bot: string | null
  readonly seconds: number | null
  readonly at: Date
}

function decodeMessage(event: unknown, { install, bot }: Source): readonly EventOf<'message'>[] {
  const message = wire.messageEvent.safeParse(event).data
  if (!message || !isSpoken(message, bot) || !message.user) return []
  const place = placeOf(install, message.channel, message.channel_type, threadOf(message))
  // `message` and `app_mention` bring the same message in either order, so both must decode alike: whether the bot is
  // addressed is read from the text. Only where the bot's id is unknown does the event's type have to do.
  const addressed = address(textOf(message), bot, message.type === 'app_mention')
  return [
    {
      type: 'message',
      key: messageKey(place, message.ts),
      at: dateOf(message.ts),
      place,
      messageId: message.ts,
      from: personOf(message.user, null),
      text: bounded(plain(addressed.text)),
      files: filesOf(message.files),
      mentioned: addressed.mentioned,
    },
  ]
}

/**
 * Slack reports link previews, replies and pins as changes too: only a changed text that its author edited counts.
 * A deleted root that has replies comes as a change into a tombstone.
 */
function decodeChange(event: unknown, { install, bot }: Source): readonly InboundEvent[] {
  const change = wire.changedEvent.safeParse(event).data
  if (!change) return []
  const { message } = change
  const place = placeOf(install, change.channel, change.channel_type, threadOf(message))
  if (message.subtype === 'tombstone') {
    const at = dateOf(change.event_ts ?? change.ts)
    return [{ type: 'deletion', key: deletionKey(place, message.ts), at, place, messageId: message.ts }]
  }
  if (!isSpoken(message, bot) || !message.user || !message.edited) return []
  if (change.previous_message && change.previous_message.text === message.text) return []
  return [
    {
      type: 'edit',
      key: editKey(place, message.ts, message.edited.ts),
      at: dateOf(message.edited.ts),
      place,
      messageId: message.ts,
      from: personOf(message.user, null),
      text: bounded(plain(address(textOf(message), bot, false).text)),
    },
  ]
}

function decodeDeletion(event: unknown, { install, bot }: Source): readonly InboundEvent[] {
  const deletion = wire.deletedEvent.safeParse(event).data
  if (!deletion) return []
  const { previous_message: previous, deleted_ts: messageId } = deletion
  if (previous?.bot_id || (bot !== null && previous?.user === bot)) return []
  const thread = previous?.thread_ts && previous.thread_ts !== messageId ? previous.thread_ts : null
  const place = placeOf(install, deletion.channel, deletion.channel_type, thread)
  const at = dateOf(deletion.event_ts ?? deletion.ts)
  return [{ type: 'deletion', key: deletionKey(place, messageId), at, place, messageId }]
}

function decodeReaction(event: unknown, { install, bot }: Source): readonly InboundEvent[] {
  const reaction = wire.reactionEvent.safeParse(event).data
  if (!reaction || !TICKET_REACTIONS.has(reaction.reaction) || reaction.user === bot) return []
  const { channel, ts: messageId } = reaction.item
  return [
    {
      type: 'capture',
      key: `capture:slack:${install}:${channel}:${messageId}:${reaction.user}:${reaction.event_ts}`,
      at: dateOf(reaction.event_ts),
      place: placeOf(install, channel, null, null),
      from: personOf(reaction.user, null),
      messageId,
      message: null,
    },
  ]
}

function decodeHome(event: unknown, { install }: Source): readonly InboundEvent[] {
  const home = wire.homeEvent.safeParse(event).data
  if (!home) return []
  return [
    {
      type: 'home',
      key: `home:slack:${install}:${home.user}:${home.event_ts}`,
      at: dateOf(home.event_ts),
      place: placeOf(install, home.channel, 'im', null),
      from: personOf(home.user, null),
    },
  ]
}

function decodeChannelGone(event: unknown, source: Source): readonly InboundEvent[] {
  const gone = wire.channelGoneEvent.safeParse(event).data
  if (!gone) return []
  // Anybody may leave a channel; only the bot's leaving takes the channel from the desk.
  if (gone.type === 'member_left_channel' && (source.bot === null || gone.user !== source.bot)) return []
  const at = gone.event_ts ? dateOf(gone.event_ts) : instantOf(source)
  return [
    {
      type: 'channel-gone',
      key: `channel-gone:slack:${source.install}:${gone.channel}:${at.getTime()}`,
      at,
      place: placeOf(source.install, gone.channel, null, null),
    },
  ]
}

/** The app's removal has no channel; the install stands in for it. Both events of one removal have one key. */
function decodeInstallGone(event: unknown, source: Source): readonly InboundEvent[] {
  if (!wire.installGoneEvent.safeParse(event).success) return []
  const at = instantOf(source)
  return [
    {
      type: 'install-gone',
      key: `install-gone:slack:${source.install}:${at.getTime()}`,
      at,
      place: placeOf(source.install, source.install, null, null),
    },
  ]
}

function instantOf(source: Source): Date {
  return source.seconds === null ? source.at : new Date(source.seconds * 1000)
}

/** Whether a person, and not the platform or a bot (this one among them), speaks. */
function isSpoken(message: SlackMessage, bot: string | null): boolean {
  if (message.subtype && !SPOKEN.has(message.subtype)) return false
  return !message.bot_id && message.user !== 'USLACKBOT' && (bot === null || message.user !== bot)
}

/** A message's own words, and below them those of the messages that it forwards. */
function textOf(message: SlackMessage): string {
  const forwarded = (message.attachments ?? []).flatMap((attachment) => {
    const words = attachment.text || attachment.fallback
    if (!attachment.is_share || !words) return []
    return [attachment.author_name ? `${attachment.author_name}: ${words}` : words]
  })
  return [message.text ?? '', ...forwarded].filter((part) => part !== '').join('\n\n')
}

/** Takes a mention of the bot off the beginning of a text in Slack's format, with what people put between. */
function address(
  text: string,
  bot: string | null,
  surely: boolean,
): { readonly mentioned: boolean; readonly text: string } {
  const match = /^\s*<@([A-Z0-9]+)(?:\|[^>]*)?>[\s,:;，：；、]*/u.exec(text)
  const mentioned = match !== null && (bot === null ? surely : match[1] === bot)
  return { mentioned, text: mentioned ? text.slice(match[0].length) : text }
}
