import { decodeAction } from './action.ts'
import type { QueryVerb, TicketCommand, TicketVerb } from './command.ts'
import { isVerb, QUERY_VERBS } from './command.ts'
import { laneOf } from './desk.ts'
import type { EventOf, InboundEvent, PersonRef } from './event.ts'
import type { Spoken } from './grammar.ts'
import { nearest, parse, parsePriority } from './grammar.ts'
import { open } from './open.ts'
import { judge, perform } from './perform.ts'
import type { Person } from './person.ts'
import { isStaff, nameOf } from './person.ts'
import type { Refusal } from './refusal.ts'
import { refuse } from './refusal.ts'
import type { Scene } from './scene.ts'
import { personOf, tell, tellRefusal } from './scene.ts'
import type { Ticket } from './ticket/ticket.ts'
import { label } from './ticket/ticket.ts'
import { distance } from './triage/distance.ts'
import { fold } from './triage/match.ts'

/** Commands, however they were spelled, and what becomes of them. */

/** Verbs whose words go to somebody, so that without words they say nothing. */
const WORDED: ReadonlySet<string> = new Set([
  'reply',
  'note',
  'ask',
  'details',
  'resolve',
  'transfer',
  'priority',
])

/** A typed command. `here` is the ticket whose thread it was typed in. */
export function obey(
  scene: Scene,
  event: EventOf<'message' | 'command'>,
  ref: PersonRef,
  person: Person,
  spoken: Spoken,
  here: Ticket | null,
): void {
  const { verb, number, rest } = aimed(spoken, here)
  if (isQuery(verb))
    return show(
      scene,
      event,
      ref,
      person,
      verb,
      number === null ? here : scene.desk.ticketByNumber(number),
      number,
    )
  if (verb === 'open' || verb === 'more') {
    if (rest === '') return tell(scene, event, ref, person, 'bot.how-to-open')
    return openFor(scene, event, ref, person, rest, null, null)
  }
  const ticket = number === null ? here : scene.desk.ticketByNumber(number)
  if (ticket === null) {
    const refusal =
      number === null
        ? refuse('refused.which-ticket', { verb })
        : refuse('refused.no-such-ticket', { number: number })
    return tellRefusal(scene, event, ref, person, refusal)
  }
  if (rest === '' && WORDED.has(verb))
    return tellRefusal(
      scene,
      event,
      ref,
      person,
      refuse('refused.words-missing', { verb, ticket: label(ticket) }),
    )
  const command = commandOf(scene, verb, rest, person)
  if ('code' in command) return tellRefusal(scene, event, ref, person, command)
  carryOut(scene, event, ref, person, ticket, command)
}

/** In a ticket's thread, the one number of "link 2" is the other ticket's. */
function aimed(spoken: Spoken, here: Ticket | null): Spoken {
  const joins = spoken.verb === 'link' || spoken.verb === 'merge'
  if (!joins || here === null || spoken.number === null || spoken.rest !== '') return spoken
  return { ...spoken, number: null, rest: String(spoken.number) }
}

/** Words after a mention that are no command: the nearest one is offered. */
export function speakUp(
  scene: Scene,
  event: EventOf<'message' | 'command'>,
  ref: PersonRef,
  person: Person,
  text: string,
): void {
  const word = nearest(text, distance)
  if (word === null) return tell(scene, event, ref, person, 'refused.unknown-command')
  tell(scene, event, ref, person, 'refused.did-you-mean', { word })
}

/** A slash command. */
export function obeyCommand(scene: Scene, event: EventOf<'command'>): void {
  const person = personOf(scene, event.place, event.from)
  const here = event.place.thread === null ? null : scene.desk.threadAt(event.place, event.place.thread)
  const spoken = parse(event.text, 'command', here !== null)
  if (spoken === null) return speakUp(scene, event, event.from, person, event.text)
  obey(scene, event, event.from, person, spoken, here === null ? null : scene.desk.ticket(here.ticketId))
}

/** A pressed button, or a choice made on a card. */
export function obeyAction(scene: Scene, event: EventOf<'action'>): void {
  const person = personOf(scene, event.place, event.from)
  const action = decodeAction(event.action)
  if (action === null) return tellRefusal(scene, event, event.from, person, refuse('refused.unknown-command'))
  const verb =
    action.verb === 'more' && event.value !== null && isVerb(event.value) ? event.value : action.verb
  const ticket = action.ticket === null ? null : scene.desk.ticketByNumber(action.ticket)
  if (isQuery(verb)) return show(scene, event, event.from, person, verb, ticket, action.ticket)
  if (ticket === null || verb === 'open' || verb === 'more') {
    return tellRefusal(
      scene,
      event,
      event.from,
      person,
      refuse('refused.no-such-ticket', { number: action.ticket ?? 0 }),
    )
  }
  const command = commandOf(scene, verb, action.argument ?? event.value ?? '', person)
  if ('code' in command) return tellRefusal(scene, event, event.from, person, command)
  // Checked before staleness: "Li Wei has it" says more than "this has changed".
  const decision = judge(scene, person, ticket, command)
  if (!decision.ok) return tellRefusal(scene, event, event.from, person, decision.refusal, ticket)
  if (action.version < ticket.freshSince) {
    return tellRefusal(
      scene,
      event,
      event.from,
      person,
      refuse('refused.stale', { ticket: label(ticket) }),
      ticket,
    )
  }
  carryOut(scene, event, event.from, person, ticket, command)
}

/** A form that came back; its fields have been checked against the form already. */
export function obeyForm(scene: Scene, event: EventOf<'form'>): void {
  const person = personOf(scene, event.place, event.from)
  const action = decodeAction(event.form)
  if (action === null || isQuery(action.verb) || action.verb === 'more') {
    return tellRefusal(scene, event, event.from, person, refuse('refused.unknown-command'))
  }
  const { values } = event
  if (action.verb === 'open') {
    return openFor(
      scene,
      event,
      event.from,
      person,
      values.text ?? '',
      values.title || null,
      values.queue || null,
    )
  }
  const ticket = action.ticket === null ? null : scene.desk.ticketByNumber(action.ticket)
  if (ticket === null)
    return tellRefusal(
      scene,
      event,
      event.from,
      person,
      refuse('refused.no-such-ticket', { number: action.ticket ?? 0 }),
    )
  const text = values.text ?? ''
  const rest = [values.choice, text].filter((part) => part !== undefined && part !== '').join(' ')
  const command = commandOf(scene, action.verb, rest, person)
  if ('code' in command) return tellRefusal(scene, event, event.from, person, command)
  carryOut(scene, event, event.from, person, ticket, command)
}

/** From words to a command: names and numbers become ids, or it is said what is not understood. */
function commandOf(scene: Scene, verb: TicketVerb, rest: string, person: Person): TicketCommand | Refusal {
  switch (verb) {
    case 'claim':
    case 'unclaim':
    case 'resume':
    case 'cancel':
    case 'close':
    case 'unwatch':
      return { verb }
    case 'watch':
      return rest === '' ? { verb, personId: person.id } : onPerson(scene, verb, rest)
    case 'reply':
    case 'note':
    case 'ask':
    case 'details':
      return { verb, text: rest, messageId: scene.nextId() }
    case 'assign':
    case 'collaborate':
      return onPerson(scene, verb, rest)
    case 'transfer': {
      const { policy } = scene.desk
      const folded = fold(rest)
      const queue = policy.queues.find((one) =>
        [one.key, one.name.en, one.name.zh, one.prefix].some((name) => startsWithName(folded, fold(name))),
      )
      if (queue === undefined) return refuse('refused.no-such-queue', { queue: rest.split(/\s/u)[0] ?? '' })
      const name = [queue.key, queue.name.en, queue.name.zh, queue.prefix].find((one) =>
        startsWithName(folded, fold(one)),
      )!
      return { verb, queue: queue.key, reason: reasonIn(rest.slice(name.length)) }
    }
    case 'priority': {
      const parsed = parsePriority(rest)
      return parsed === null ? refuse('refused.no-such-priority') : { verb, ...parsed }
    }
    case 'hold':
    case 'wait':
    case 'reopen':
      return { verb, reason: rest }
    case 'resolve':
      return { verb, summary: rest }
    case 'link':
    case 'merge': {
      const match = /^(?:into |with |to |到)?\s*#?(?:[a-z][a-z0-9]{0,7}-)?(\d{1,9})$/iu.exec(rest)
      return match ? { verb, other: Number(match[1]) } : refuse('refused.number-missing', { verb })
    }
  }
}

/** "because the invoice is theirs", "原因:…": the word for reason is not part of it. */
function reasonIn(text: string): string {
  return text.replace(/^[\s:：,，]+/u, '').replace(/^(?:because|reason|原因|因为)[\s:：,，]*/iu, '')
}

function startsWithName(text: string, name: string): boolean {
  if (!text.startsWith(name)) return false
  const after = text[name.length]
  return after === undefined || !/[\p{Script=Latin}\p{N}]/u.test(after) || /\p{Script=Han}/u.test(name)
}

function onPerson(
  scene: Scene,
  verb: 'assign' | 'collaborate' | 'watch',
  rest: string,
): TicketCommand | Refusal {
  const name = fold(rest.replace(/^@/u, '').trim())
  const found = scene.desk
    .staff()
    .filter((one) => one.key === name || one.id === rest || one.mail === name || fold(nameOf(one)) === name)
  const near =
    found.length > 0
      ? found
      : scene.desk.staff().filter((one) => name !== '' && fold(nameOf(one)).includes(name))
  if (near.length > 1)
    return refuse('refused.which-person', { name: rest, names: near.slice(0, 5).map(nameOf).join(', ') })
  return near[0] === undefined
    ? refuse('refused.no-such-person', { name: rest })
    : { verb, personId: near[0].id }
}

/** Does what was asked, or says kindly why not; words that could not be used are not lost on the way. */
function carryOut(
  scene: Scene,
  event: EventOf<'message' | 'command' | 'action' | 'form'>,
  ref: PersonRef,
  person: Person,
  ticket: Ticket,
  command: TicketCommand,
): void {
  const source = {
    key: event.key,
    at: event.at,
    place: event.place,
    messageId: event.type === 'message' ? event.messageId : null,
    files: event.type === 'message' || event.type === 'form' ? event.files : [],
  }
  const decision = perform(scene, source, person, ticket, command)
  if (!decision.ok) return tellRefusal(scene, event, ref, person, decision.refusal, ticket)
  const seenHere = scene.desk.threads(ticket.id).some((thread) => thread.channel === event.place.channel)
  if (!seenHere) tell(scene, event, ref, person, 'bot.done', { ticket: label(ticket) })
}

function openFor(
  scene: Scene,
  event: EventOf<'message' | 'command' | 'form'>,
  ref: PersonRef,
  person: Person,
  text: string,
  title: string | null,
  queue: string | null,
): void {
  const written =
    event.type === 'message'
      ? { place: event.place, messageId: event.messageId, root: event.place.thread ?? event.messageId }
      : null
  const ticket = open(scene, event, {
    requester: person,
    text,
    title,
    queue,
    platform: event.place.platform,
    at: event.at,
    written,
    reach: written === null ? { place: event.place, person: ref.id } : null,
    files: event.type === 'command' ? [] : event.files,
  })
  if (written === null && event.type === 'command')
    tell(scene, event, ref, person, 'bot.opened', { ticket: label(ticket) })
}

function show(
  scene: Scene,
  event: InboundEvent,
  ref: PersonRef,
  person: Person,
  verb: QueryVerb,
  ticket: Ticket | null,
  number: number | null,
): void {
  if (verb === 'show' || verb === 'history') {
    if (ticket === null) {
      const refusal =
        number === null
          ? refuse('refused.which-ticket', { verb })
          : refuse('refused.no-such-ticket', { number })
      return tellRefusal(scene, event, ref, person, refusal)
    }
  }
  if ((verb === 'queue' || verb === 'report') && !isStaff(person))
    return tellRefusal(scene, event, ref, person, refuse('refused.staff-list'))
  scene.desk.errand({
    id: scene.nextId(),
    key: `list:${event.key}`,
    lane: laneOf(event.place),
    ticketId: ticket?.id ?? null,
    intent: {
      kind: 'list',
      list: verb,
      place: event.place,
      person: ref.id,
      personId: person.id,
      ticketId: ticket?.id ?? null,
    },
  })
}

function isQuery(verb: string): verb is QueryVerb {
  return (QUERY_VERBS as readonly string[]).includes(verb)
}
