import type { Abilities, Adapter, Finding } from '../../core/adapter.ts'
import { TEXT_MAX } from '../../core/event.ts'
import { download, history, profile, send } from './client.ts'
import type { InboundOptions } from './inbound.ts'
import { receive } from './inbound.ts'
import { renderMessage } from './render.ts'

export type WebOptions = InboundOptions

const abilities: Abilities = {
  threads: true,
  edit: 'any',
  privateNotes: true,
  forms: true,
  buttons: true,
  files: true,
  home: true,
  textMax: { unit: 'characters', count: TEXT_MAX },
  // Our own room: the figure only keeps a loop from flooding a reader.
  ratePerMinute: 600,
  answerMs: 5_000,
}

/** The web chat as one more platform: what is said in it is kept by the Room port. Holds no state of its own. */
export function webAdapter(options: WebOptions): Adapter {
  return {
    platform: 'web',
    abilities,
    receive: (raw) => receive(raw, options),
    render: renderMessage,
    send: (payload, to, delivery) => send(payload, to, delivery, options),
    profile: (person) => profile(person, options),
    history: (at, messageId) => history(at, messageId, options),
    download: (file, _install, max, signal) => download(file, max, signal, options),
    examine: (channels) => examine(channels, options),
  }
}

async function examine(channels: readonly string[], options: WebOptions): Promise<readonly Finding[]> {
  try {
    const { people } = await options.directory()
    const known = new Set(people.flatMap((person) => person.channels.map(({ id }) => id)))
    const missing = channels.filter((channel) => !known.has(channel))
    if (missing.length === 0)
      return [{ level: 'ok', sentence: `The web chat has ${people.length} people in its directory.` }]
    return missing.map((channel) => ({
      level: 'warning',
      sentence: `Nobody of the web chat is in the channel ${channel}; add a person to it.`,
    }))
  } catch (error) {
    const kind = error instanceof Error ? error.name : typeof error
    options.log.error({ kind }, 'the web directory could not be read')
    return [{ level: 'error', sentence: 'The web chat cannot read its directory; check the database.' }]
  }
}
