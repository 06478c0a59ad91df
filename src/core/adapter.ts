import type { InboundEvent, IncomingFile, PersonRef, Place, Platform } from './event.ts'
import type { FileRef, Form, Message } from './message.ts'
import type { Locale } from './text/say.ts'

/**
 * The port between the desk and a chat platform. Adapters translate and never decide; what a platform lacks is data in
 * `abilities`, never a missing method.
 */
export interface Adapter {
  readonly platform: Platform
  readonly abilities: Abilities
  /**
   * Verifies, then decodes. Fails closed: anything that cannot be proved to come from the platform is `refused`, and
   * what comes from the platform but means nothing to the desk (own messages, unknown types) is `events: []`.
   * Never throws, whatever the bytes are.
   */
  receive(raw: RawRequest): Promise<Received>
  /** Pure and total: cuts visibly what is over a limit, degrades what the platform cannot show, never throws. */
  render(message: Message, locale: Locale): readonly Payload[]
  /** One call to the platform. Throws a Fault and nothing else. */
  send(payload: Payload, to: Address, delivery: Delivery): Promise<Receipt>
  /** Who somebody is; null when the platform will not say. Throws a Fault. */
  profile(person: string, install: string, signal: AbortSignal): Promise<Profile | null>
  /** The thread that a message stands in (or the message alone), oldest first. Throws a Fault. */
  history(at: Place, messageId: string, signal: AbortSignal): Promise<readonly PastMessage[]>
  /** The bytes of a file that came in with a message. Throws a Fault; refuses more than `max` bytes as `gone`. */
  download(file: IncomingFile, install: string, max: number, signal: AbortSignal): Promise<Uint8Array>
  /** What is missing for the adapter to work, for `gongdan doctor`. Never throws. */
  examine(channels: readonly string[], signal: AbortSignal): Promise<readonly Finding[]>
  /** Gateways only: opens the socket and emits what comes over it; `emit` resolves when the events are durable. */
  listen?(emit: Emit): Promise<Stop>
}

export interface Abilities {
  readonly threads: boolean
  /** How often a posted message can be changed. */
  readonly edit: 'any' | 'once' | 'none'
  /** A note in a channel that one person alone can see. */
  readonly privateNotes: boolean
  readonly forms: boolean
  readonly buttons: boolean
  readonly files: boolean
  /** A page of the person's own inside the app (Slack's App Home). */
  readonly home: boolean
  /** Longest text of one message, in characters or in UTF-8 bytes. */
  readonly textMax: { readonly unit: 'characters' | 'bytes'; readonly count: number }
  /** Messages that one conversation may be sent in a minute. */
  readonly ratePerMinute: number
  /** Within how many milliseconds an incoming request must have been answered. */
  readonly answerMs: number
}

export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
  /** When the request arrived, by the machine's real clock (never the demo's). */
  readonly at: Date
}

export interface RawResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type RefusalReason = 'unsigned' | 'forged' | 'stale' | 'unconfigured' | 'malformed' | 'too-large'

export type Received =
  | { readonly kind: 'refused'; readonly status: 400 | 401 | 413; readonly reason: RefusalReason }
  /** A handshake: answered by the adapter alone. */
  | { readonly kind: 'answered'; readonly response: RawResponse }
  | {
      readonly kind: 'events'
      readonly events: readonly InboundEvent[]
      /** Turns what the desk has to say at once into the platform's answer. May open a form by one call of its own. */
      answer(outcome: Outcome): Promise<RawResponse>
    }

/** What the desk answers within the platform's deadline; everything else follows through the outbox. */
export type Outcome =
  | { readonly kind: 'accepted' }
  /** For the person who asked alone. */
  | { readonly kind: 'note'; readonly message: Message; readonly locale: Locale }
  | { readonly kind: 'form'; readonly form: Form; readonly locale: Locale }
  /** The form stays open, each sentence beside its field. */
  | { readonly kind: 'invalid'; readonly errors: Readonly<Record<string, string>>; readonly locale: Locale }

/** What an adapter sends, made by its own `render`. Opaque to the core, serialisable. */
export interface Payload {
  readonly platform: Platform
  readonly body: unknown
  /** Present when the payload carries a file, whose bytes `send` asks for. */
  readonly file?: FileRef
}

export interface Address {
  readonly install: string
  readonly to:
    | { readonly kind: 'channel'; readonly channel: string; readonly thread: string | null }
    /** A direct conversation, opened if there is none yet. */
    | { readonly kind: 'person'; readonly person: string; readonly thread: string | null }
    /** Seen in the channel by this person only; sent directly where the platform has no private notes. */
    | {
        readonly kind: 'private'
        readonly channel: string
        readonly thread: string | null
        readonly person: string
      }
    /** The person's own page in the app; replaces what it shows. */
    | { readonly kind: 'home'; readonly person: string }
  /** The receipt of the post that this one replaces; null posts anew. */
  readonly replaces: Receipt | null
}

export interface Delivery {
  /** Stable over every attempt at this payload; use it where the platform has a nonce or a duplicate check. */
  readonly key: string
  /** An earlier attempt ended without an answer: look for its trace before sending again, where that is possible. */
  readonly unsure: boolean
  readonly signal: AbortSignal
  file(id: string): Promise<Uint8Array>
}

export interface Receipt {
  readonly channel: string
  readonly message: string
}

export interface Profile {
  readonly name: string | null
  /** Only an address that the platform vouches for; lower case. */
  readonly mail: string | null
  /** BCP 47. */
  readonly locale: string | null
  /** IANA. */
  readonly zone: string | null
}

export interface PastMessage {
  readonly messageId: string
  readonly at: Date
  readonly author: PersonRef
  readonly text: string
  readonly files: readonly IncomingFile[]
}

export interface Finding {
  readonly level: 'ok' | 'warning' | 'error'
  /** A text key's parameters stay out of it: one plain English sentence with the remedy, for an administrator. */
  readonly sentence: string
}

/** Resolves when the events are durable, with what is to be answered at once. */
export type Emit = (events: readonly InboundEvent[]) => Promise<Outcome>
export type Stop = () => Promise<void>

/**
 * - `retry`: later, after `afterMs` if the platform said so;
 * - `reconnect`: the credentials no longer work: the whole install waits for an administrator, nothing is lost;
 * - `gone`: this destination is no more (channel deleted, person left): the row is parked as a dead letter;
 * - `bug`: the platform refuses what we made: parked, never retried by itself.
 */
export type FaultKind = 'retry' | 'reconnect' | 'gone' | 'bug'

/** The one classed error of an adapter. `code` is the platform's or the network's word, safe to log. */
export class Fault extends Error {
  readonly kind: FaultKind
  readonly code: string
  readonly afterMs: number | null
  /** The request may have been carried out although no answer came. */
  readonly unsure: boolean

  constructor(
    kind: FaultKind,
    code: string,
    options: { afterMs?: number; unsure?: boolean; cause?: unknown } = {},
  ) {
    super(`${kind}: ${code}`, { cause: options.cause })
    this.name = 'Fault'
    this.kind = kind
    this.code = code
    this.afterMs = options.afterMs ?? null
    this.unsure = options.unsure ?? false
  }
}
