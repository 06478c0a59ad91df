import { encodeAction } from '../action.ts'
import type { Verb } from '../command.ts'
import { TICKET_VERBS } from '../command.ts'
import { WORDS } from '../grammar.ts'
import type { Block, Card } from '../message.ts'
import type { Person } from '../person.ts'
import { isStaff } from '../person.ts'
import type { Counts } from '../store.ts'
import { say } from '../text/say.ts'
import { PERMISSION } from '../ticket/permission.ts'
import type { Ticket } from '../ticket/ticket.ts'
import { label } from '../ticket/ticket.ts'
import type { Reader } from './reader.ts'
import { named, queueName } from './reader.ts'
import { span } from './when.ts'

/** A person's own requests, newest first. */
export function mineCard(requested: readonly Ticket[], handled: readonly Ticket[], reader: Reader): Card {
  const { locale } = reader
  const blocks: Block[] = []
  if (handled.length > 0)
    blocks.push(
      { type: 'heading', text: say(locale, 'list.handled'), tone: 'neutral' },
      ticketFacts(handled, reader),
    )
  if (requested.length > 0)
    blocks.push(
      { type: 'heading', text: say(locale, 'list.requested'), tone: 'neutral' },
      ticketFacts(requested, reader),
    )
  if (blocks.length === 0) blocks.push({ type: 'text', text: say(locale, 'list.none-of-mine') })
  return { blocks }
}

/** What waits in the reader's queues, most urgent first. */
export function queueCard(tickets: readonly Ticket[], reader: Reader): Card {
  const { locale } = reader
  if (tickets.length === 0) return { blocks: [{ type: 'text', text: say(locale, 'list.queue-empty') }] }
  return {
    blocks: [
      { type: 'heading', text: say(locale, 'list.queue'), tone: 'neutral' },
      ticketFacts(tickets, reader),
    ],
  }
}

/** The numbers of now. */
export function reportCard(counts: Counts, reader: Reader): Card {
  const { locale } = reader
  const facts = [
    { label: say(locale, 'report.open'), value: String(counts.open) },
    { label: say(locale, 'report.unassigned'), value: String(counts.unassigned) },
    { label: say(locale, 'report.waiting'), value: String(counts.waiting) },
    { label: say(locale, 'report.breached'), value: String(counts.breached) },
    {
      label: say(locale, 'report.oldest'),
      value:
        counts.oldest === null
          ? say(locale, 'report.none')
          : `${label(counts.oldest)} · ${counts.oldest.title} · ${span(reader.now.getTime() - counts.oldest.openedAt.getTime(), locale)}`,
    },
  ]
  const blocks: Block[] = [
    {
      type: 'heading',
      text: say(locale, 'report.heading'),
      tone: counts.breached > 0 ? 'urgent' : 'neutral',
    },
    { type: 'facts', facts },
  ]
  if (counts.byQueue.length > 1) {
    blocks.push(
      { type: 'divider' },
      {
        type: 'facts',
        facts: counts.byQueue.map((row) => ({
          label: queueName(reader, row.queue),
          value: say(locale, 'report.queue-line', { open: row.open, unassigned: row.unassigned }),
        })),
      },
    )
  }
  return { blocks }
}

/** What this person can say here. */
export function helpCard(person: Person, reader: Reader): Card {
  const { locale } = reader
  const word = (verb: Verb) => WORDS[verb][locale][0] ?? verb
  const own: readonly Verb[] = ['open', 'mine', 'show', 'details', 'cancel', 'reopen']
  const staff = TICKET_VERBS.filter((verb) => PERMISSION[verb].some((relation) => relation !== 'requester'))
  const line = (verb: Verb) => ({ label: word(verb), value: say(locale, `help.${verb}`) })
  const blocks: Block[] = [
    { type: 'heading', text: say(locale, 'help.heading'), tone: 'neutral' },
    { type: 'text', text: say(locale, 'help.intro') },
    { type: 'facts', facts: own.map(line) },
  ]
  if (isStaff(person)) {
    blocks.push({ type: 'divider' }, { type: 'text', text: say(locale, 'help.staff') })
    blocks.push({
      type: 'facts',
      facts: [...staff, 'queue', 'report', 'history'].map((verb) => line(verb as Verb)),
    })
  }
  return { blocks }
}

/** A person's own page in the app: his requests, and for staff the queue. */
export function homeCard(
  person: Person,
  lists: { requested: readonly Ticket[]; handled: readonly Ticket[]; queue: readonly Ticket[] },
  reader: Reader,
): Card {
  const { locale } = reader
  const blocks: Block[] = [
    { type: 'heading', text: say(locale, 'home.heading'), tone: 'neutral' },
    {
      type: 'buttons',
      buttons: [
        {
          label: say(locale, 'home.new'),
          action: encodeAction({ verb: 'open', ticket: null, version: 0, argument: null }),
          style: 'primary',
        },
      ],
    },
    ...mineCard(lists.requested, lists.handled, reader).blocks,
  ]
  if (isStaff(person)) blocks.push({ type: 'divider' }, ...queueCard(lists.queue, reader).blocks)
  return { blocks }
}

function ticketFacts(tickets: readonly Ticket[], reader: Reader): Block {
  return {
    type: 'facts',
    facts: tickets.map((ticket) => ({
      label: `${label(ticket)} · ${ticket.title}`,
      value: say(reader.locale, 'list.line', {
        status: say(reader.locale, `status.${ticket.status}`),
        priority: say(reader.locale, `priority.${ticket.priority}`),
        handler:
          ticket.assigneeId === null
            ? say(reader.locale, 'handler.none-yet')
            : named(reader, ticket.assigneeId),
      }),
    })),
  }
}
