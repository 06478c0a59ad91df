import type { IncomingFile, PersonRef, Place } from '../../core/event.ts'
import { TEXT_MAX } from '../../core/event.ts'
import type { SlackFile } from './payload.ts'
import { clean, cut } from './text.ts'

/** The parts that Slack's payloads have in common, as the desk names them. */

/** What the payload alone does not tell. */
export interface Context {
  /** When the request arrived: slash commands and forms carry no time of their own. */
  readonly at: Date
  /** The bot's user id if it is known apart from the payload's `authorizations`. */
  readonly bot: string | null
}

/** A payload's `type`, by which its schema is chosen; empty for slash commands, which have none. */
export function typeOf(payload: unknown): string {
  const typed = typeof payload === 'object' && payload !== null && 'type' in payload
  return typed && typeof payload.type === 'string' ? payload.type : ''
}

/** Slack's `ts` in whole milliseconds. */
export function dateOf(ts: string): Date {
  const [seconds = '0', fraction = ''] = ts.split('.')
  return new Date(Number(seconds) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3)))
}

/** The root's id for a reply; null for a message in the channel itself, a thread's root among them. */
export function threadOf(message: {
  readonly ts: string
  readonly thread_ts?: string | null | undefined
}): string | null {
  return message.thread_ts && message.thread_ts !== message.ts ? message.thread_ts : null
}

/** Ids of direct conversations begin with D; a person's id (U, W) stands for the conversation with that person. */
export function placeOf(
  install: string,
  channel: string,
  type: string | null | undefined,
  thread: string | null,
): Place {
  return { platform: 'slack', install, channel, direct: type === 'im' || /^[DUW]/u.test(channel), thread }
}

/** A person as Slack names him in passing. */
export function personOf(id: string, name: string | null | undefined): PersonRef {
  return { id, name: name ? cut(clean(name), 200) : null, locale: null }
}

/** A person's words within what the desk keeps of one message. */
export function bounded(text: string): string {
  return cut(text, TEXT_MAX)
}

/** Files that can be fetched; an empty `source` means that Slack has to be asked for the address by id. */
export function filesOf(files: readonly SlackFile[]): IncomingFile[] {
  return files
    .filter((file) => file.mode !== 'tombstone' && file.mode !== 'hidden_by_limit')
    .slice(0, 20)
    .map((file) => ({
      id: file.id,
      name: cut(clean(file.name || file.title || file.id), 255),
      mime: (file.mimetype || 'application/octet-stream').slice(0, 127),
      size: Math.max(0, Math.trunc(file.size ?? 0)),
      source: (file.url_private_download || file.url_private || '').slice(0, 4000),
    }))
}
