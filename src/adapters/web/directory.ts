import type { Locale } from '../../core/text/say.ts'

/** Who may use the web chat and where each of them may be; the desk composes it from its own rows. */
export interface Directory {
  readonly people: readonly WebPerson[]
  /** IANA zone that the page shows times in: the desk's, so that business hours make sense to the reader. */
  readonly zone: string
}

export interface WebPerson {
  /** Letters, digits, `.`, `_`, `-`; stands in channel names (`dm:<id>`) and never changes. */
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly locale: Locale | null
  /** Verified, lower case; null when there is none. */
  readonly mail: string | null
  readonly channels: readonly WebChannel[]
}

export interface WebChannel {
  readonly id: string
  readonly title: { readonly en: string; readonly zh: string }
  readonly kind: 'direct' | 'queue' | 'managers'
}

/** The author of everything that the desk itself says. */
export const BOT = 'bot'

/** The direct conversation of the bot and one person. */
export function directChannel(person: string): string {
  return `dm:${person}`
}

/** The person's own page in the app. Only its owner sees it, and nobody writes in it but the desk. */
export function homeChannel(person: string): string {
  return `home:${person}`
}

export function isDirect(channel: string): boolean {
  return channel.startsWith('dm:')
}

export function findPerson(directory: Directory, id: string): WebPerson | null {
  return directory.people.find((person) => person.id === id) ?? null
}

/** Where a person may write: the channels of his entry, his direct one among them whether listed or not. */
export function mayWrite(person: WebPerson, channel: string): boolean {
  return channel === directChannel(person.id) || person.channels.some(({ id }) => id === channel)
}

/** Where a person may read: wherever he may write, and his own home page. */
export function mayRead(person: WebPerson, channel: string): boolean {
  return channel === homeChannel(person.id) || mayWrite(person, channel)
}

/** Whether anybody can be in the channel at all; what is sent to one that nobody has is lost. */
export function channelExists(directory: Directory, channel: string): boolean {
  return directory.people.some((person) => mayRead(person, channel))
}
