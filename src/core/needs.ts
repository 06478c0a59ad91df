import { decodeAction } from './action.ts'
import type { InboundEvent, Platform } from './event.ts'
import { parse } from './grammar.ts'
import type { Needs } from './store.ts'

/**
 * What a batch of events refers to, so that all of it can be loaded in one round. Reading too much costs a row; missing
 * something would be a wrong decision, so every number that a text could mean is asked for.
 */
export function needsOf(events: readonly InboundEvent[]): Needs {
  const needs = {
    identities: new Map<string, { platform: Platform; externalId: string }>(),
    threads: new Map<string, { platform: Platform; channel: string; root: string }>(),
    messages: new Map<string, { platform: Platform; channel: string; externalId: string }>(),
    recent: new Map<string, { platform: Platform; channel: string; externalId: string }>(),
    numbers: new Set<number>(),
    ticketIds: new Set<string>(),
    messageIds: new Set<string>(),
    mails: new Set<string>(),
  }
  for (const event of events) {
    const { platform, channel, thread } = event.place
    const identity = (externalId: string) =>
      needs.identities.set(`${platform} ${externalId}`, { platform, externalId })
    const threadAt = (root: string) =>
      needs.threads.set(`${platform} ${channel} ${root}`, { platform, channel, root })
    const messageAt = (externalId: string) =>
      needs.messages.set(`${platform} ${channel} ${externalId}`, { platform, channel, externalId })
    if ('from' in event) identity(event.from.id)
    if (thread !== null) threadAt(thread)
    switch (event.type) {
      case 'message':
        threadAt(thread ?? event.messageId)
        messageAt(event.messageId)
        if (thread === null)
          needs.recent.set(`${platform} ${channel} ${event.from.id}`, {
            platform,
            channel,
            externalId: event.from.id,
          })
        for (const number of numbersIn(event.text, event.mentioned)) needs.numbers.add(number)
        break
      case 'command':
        for (const number of numbersIn(event.text, true)) needs.numbers.add(number)
        break
      case 'edit':
      case 'deletion':
        messageAt(event.messageId)
        break
      case 'capture':
        threadAt(event.messageId)
        messageAt(event.messageId)
        if (event.message !== null) identity(event.message.author.id)
        break
      case 'captured':
        for (const one of event.messages) {
          messageAt(one.messageId)
          threadAt(one.messageId)
          identity(one.author.id)
        }
        break
      case 'action': {
        const action = decodeAction(event.action)
        if (action?.ticket != null) needs.numbers.add(action.ticket)
        break
      }
      case 'form': {
        const action = decodeAction(event.form)
        if (action?.ticket != null) needs.numbers.add(action.ticket)
        for (const number of (event.values.text ?? '').match(/\d{1,9}/gu)?.slice(0, 3) ?? [])
          needs.numbers.add(Number(number))
        break
      }
      case 'profile':
        identity(event.person)
        // His name belongs on the card of the request that made the desk ask for it.
        needs.recent.set(`${platform} ${channel} ${event.person}`, {
          platform,
          channel,
          externalId: event.person,
        })
        if (event.mail !== null) needs.mails.add(event.mail)
        break
      case 'file-stored':
        needs.messageIds.add(event.messageId)
        break
      case 'timer':
        needs.ticketIds.add(event.ticketId)
        break
      default:
        break
    }
  }
  return {
    identities: [...needs.identities.values()],
    threads: [...needs.threads.values()],
    messages: [...needs.messages.values()],
    recent: [...needs.recent.values()],
    numbers: [...needs.numbers],
    ticketIds: [...needs.ticketIds],
    messageIds: [...needs.messageIds],
    mails: [...needs.mails],
    personIds: [],
  }
}

/** A command names its ticket, and `link` and `merge` a second one. */
function numbersIn(text: string, mentioned: boolean): readonly number[] {
  const spoken = parse(text, mentioned ? 'command' : 'talk', true)
  if (spoken === null) return []
  const second = /(\d{1,9})\s*$/u.exec(spoken.rest)?.[1]
  return [
    ...(spoken.number === null ? [] : [spoken.number]),
    ...(second === undefined ? [] : [Number(second)]),
  ]
}
