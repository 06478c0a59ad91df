import { encodeAction } from '../action.ts'
import type { TicketVerb } from '../command.ts'
import type { Block, Button, Card, Tone } from '../message.ts'
import type { TextKey } from '../text/say.ts'
import { say } from '../text/say.ts'
import { CATEGORY, next } from '../ticket/lifecycle.ts'
import type { Ticket } from '../ticket/ticket.ts'
import { label } from '../ticket/ticket.ts'
import type { Reader } from './reader.ts'
import { named, queueName } from './reader.ts'
import { moment, span } from './when.ts'

/** What the requester sees in his own thread: what was understood, who has it, when he hears. */
export function requesterCard(ticket: Ticket, reader: Reader): Card {
  const { locale } = reader
  const facts = [
    { label: say(locale, 'fact.status'), value: requesterStatus(ticket, reader) },
    { label: say(locale, 'fact.queue'), value: understood(ticket, reader) },
    {
      label: say(locale, 'fact.handler'),
      value: ticket.assigneeId === null ? say(locale, 'handler.none-yet') : named(reader, ticket.assigneeId),
    },
  ]
  if (
    ticket.firstRespondedAt === null &&
    CATEGORY[ticket.status] === 'active' &&
    ticket.firstResponseDueAt !== null
  ) {
    facts.push({
      label: say(locale, 'fact.first-answer-by'),
      value: moment(ticket.firstResponseDueAt, reader.now, locale, reader.zone),
    })
  }
  const blocks: Block[] = [
    { type: 'heading', text: heading(ticket), tone: tone(ticket) },
    { type: 'facts', facts },
  ]
  if (ticket.resolution) blocks.push({ type: 'text', text: ticket.resolution, quote: true })
  if (ticket.status === 'waiting-requester')
    blocks.push({ type: 'note', text: say(locale, 'card.answer-here') })
  const buttons = buttonsFor(ticket, reader, ['details', 'cancel', 'reopen'])
  if (buttons.length > 0) blocks.push({ type: 'buttons', buttons })
  return { blocks }
}

/** What the agents see in their queue's channel. */
export function agentsCard(ticket: Ticket, reader: Reader, quote: string | null): Card {
  const { locale } = reader
  const requester = reader.person(ticket.requesterId)
  const facts = [
    {
      label: say(locale, 'fact.from'),
      value: named(reader, ticket.requesterId) + (requester?.vip ? ' ⭐ VIP' : ''),
    },
    { label: say(locale, 'fact.priority'), value: priorityText(ticket, reader) },
    { label: say(locale, 'fact.status'), value: say(locale, `status.${ticket.status}`) },
    {
      label: say(locale, 'fact.handler'),
      value: ticket.assigneeId === null ? say(locale, 'handler.free') : named(reader, ticket.assigneeId),
    },
    { label: say(locale, 'fact.opened'), value: moment(ticket.openedAt, reader.now, locale, reader.zone) },
  ]
  if (
    ticket.firstRespondedAt === null &&
    ticket.firstResponseDueAt !== null &&
    CATEGORY[ticket.status] !== 'done'
  ) {
    const due = moment(ticket.firstResponseDueAt, reader.now, locale, reader.zone)
    facts.push({
      label: say(locale, 'fact.first-answer-by'),
      value: ticket.firstResponseBreached ? say(locale, 'fact.overdue', { due }) : due,
    })
  }
  if (ticket.links.length > 0)
    facts.push({
      label: say(locale, 'fact.linked'),
      value: ticket.links.map((number) => `#${number}`).join(', '),
    })
  if (ticket.collaboratorIds.length > 0) {
    facts.push({
      label: say(locale, 'fact.helpers'),
      value: ticket.collaboratorIds.map((id) => named(reader, id)).join(', '),
    })
  }
  const blocks: Block[] = [{ type: 'heading', text: heading(ticket), tone: tone(ticket) }]
  if (quote !== null && quote !== '' && quote !== ticket.title)
    blocks.push({ type: 'text', text: quote, quote: true })
  blocks.push({ type: 'facts', facts })
  if (ticket.resolution)
    blocks.push({ type: 'text', text: say(locale, 'card.solution', { text: ticket.resolution }) })
  const main = buttonsFor(
    ticket,
    reader,
    ticket.assigneeId === null ? ['claim', 'reply', 'resolve'] : ['reply', 'ask', 'resolve'],
  )
  const reopen = CATEGORY[ticket.status] === 'done' ? buttonsFor(ticket, reader, ['reopen']) : []
  const buttons = CATEGORY[ticket.status] === 'done' ? reopen : main
  if (buttons.length > 0) blocks.push({ type: 'buttons', buttons })
  const more = MORE.filter((verb) => next(ticket.status, verb) !== null && isUseful(ticket, verb))
  if (more.length > 0 && ticket.mergedInto === null) {
    blocks.push({
      type: 'choice',
      label: say(locale, 'card.more'),
      action: encodeAction({ verb: 'more', ticket: ticket.number, version: ticket.version, argument: null }),
      options: [...more, 'history' as const].map((verb) => ({
        value: verb,
        label: say(locale, `verb.${verb}`),
      })),
    })
  }
  blocks.push({ type: 'note', text: say(locale, 'card.private-thread') })
  return { blocks }
}

/** What stays in the channel of a queue that has passed the ticket on. */
export function leftCard(ticket: Ticket, reader: Reader): Card {
  return {
    blocks: [
      { type: 'heading', text: heading(ticket), tone: 'done' },
      { type: 'note', text: say(reader.locale, 'card.moved-to', { queue: queueName(reader, ticket.queue) }) },
    ],
  }
}

/** For watchers, and for the requester of a ticket that was merged into this one: he may not read the other's title. */
export function watchCard(ticket: Ticket, reader: Reader, mayReadTitle: boolean): Card {
  const { locale } = reader
  return {
    blocks: [
      { type: 'heading', text: mayReadTitle ? heading(ticket) : label(ticket), tone: tone(ticket) },
      {
        type: 'facts',
        facts: [
          { label: say(locale, 'fact.status'), value: say(locale, `status.${ticket.status}`) },
          { label: say(locale, 'fact.queue'), value: queueName(reader, ticket.queue) },
          {
            label: say(locale, 'fact.handler'),
            value:
              ticket.assigneeId === null ? say(locale, 'handler.none-yet') : named(reader, ticket.assigneeId),
          },
        ],
      },
    ],
  }
}

/** Offered in the choice below the buttons. */
const MORE: readonly TicketVerb[] = [
  'note',
  'ask',
  'assign',
  'transfer',
  'priority',
  'unclaim',
  'hold',
  'wait',
  'resume',
  'link',
  'merge',
  'collaborate',
  'watch',
  'close',
]

function isUseful(ticket: Ticket, verb: TicketVerb): boolean {
  if (verb === 'unclaim') return ticket.assigneeId !== null
  if (verb === 'hold') return ticket.status !== 'on-hold'
  if (verb === 'wait') return ticket.status !== 'waiting-internal'
  return true
}

function buttonsFor(ticket: Ticket, reader: Reader, verbs: readonly TicketVerb[]): readonly Button[] {
  return verbs
    .filter((verb) => next(ticket.status, verb) !== null && ticket.mergedInto === null)
    .map((verb) => {
      const button = {
        label: say(reader.locale, `verb.${verb}` as TextKey),
        action: encodeAction({ verb, ticket: ticket.number, version: ticket.version, argument: null }),
      }
      if (verb === 'claim' || (verb === 'reply' && ticket.assigneeId !== null))
        return { ...button, style: 'primary' as const }
      return verb === 'cancel' ? { ...button, style: 'danger' as const } : button
    })
}

function heading(ticket: Ticket): string {
  return `${label(ticket)} · ${ticket.title}`
}

function tone(ticket: Ticket): Tone {
  if (CATEGORY[ticket.status] === 'done') return 'done'
  if (ticket.priority === 'urgent' || ticket.firstResponseBreached) return 'urgent'
  return CATEGORY[ticket.status] === 'paused' || ticket.status === 'new' ? 'waiting' : 'neutral'
}

function requesterStatus(ticket: Ticket, reader: Reader): string {
  const { locale } = reader
  if (ticket.status === 'resolved' && ticket.resolvedAt !== null) {
    return say(locale, 'status.resolved-after', {
      span: span(ticket.resolvedAt.getTime() - ticket.openedAt.getTime(), locale),
    })
  }
  return say(locale, `status-for-requester.${ticket.status}`)
}

function understood(ticket: Ticket, reader: Reader): string {
  const words = ticket.queueReasons.flatMap((reason) =>
    reason.evidence === undefined ? [] : [reason.evidence],
  )
  const name = queueName(reader, ticket.queue)
  const priority = say(reader.locale, `priority.${ticket.priority}`)
  const where =
    words.length === 0
      ? name
      : say(reader.locale, 'card.because-of', { queue: name, words: words.slice(0, 3).join(', ') })
  return say(reader.locale, 'card.where-and-priority', { where, priority })
}

function priorityText(ticket: Ticket, reader: Reader): string {
  const { locale } = reader
  const words = ticket.priorityReasons.flatMap((reason) =>
    reason.evidence === undefined ? (reason.code === 'vip' ? ['VIP'] : []) : [reason.evidence],
  )
  const name = say(locale, `priority.${ticket.priority}`)
  return words.length === 0
    ? name
    : say(locale, 'card.because-of', { queue: name, words: words.slice(0, 3).join(', ') })
}
