import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { TicketCommand } from '../../core/command.ts'
import type { Person } from '../../core/person.ts'
import type { Refusal } from '../../core/refusal.ts'
import { refuse } from '../../core/refusal.ts'
import type { Who } from '../../core/serve.ts'
import type { ReadStore } from '../../core/store.ts'
import type { Ticket } from '../../core/ticket/ticket.ts'
import type { Api, ApiOptions } from './call.ts'
import { callerOf, REFUSALS, sendProblem } from './call.ts'
import { localeFor, refusalProblem } from './problem.ts'
import { idsIn, journalJson, messageJson, peopleOf, ticketJson } from './represent.ts'
import type { Transition } from './shapes.ts'
import * as shapes from './shapes.ts'

const MESSAGES_MAX = 500

const params = z.object({ number: z.string().max(40).describe('`42` or `IT-42`') })

/** Opening, finding, reading and working tickets. Every decision is the core's, the same as for a message in chat. */
export function ticketRoutes(api: Api, options: ApiOptions): void {
  const { read, ids } = options
  const key = () => `api:${ids.next()}`

  const shown = async (workspace: string, ticket: Ticket) =>
    ticketJson(ticket, await peopleOf(read, workspace, idsIn(ticket)))

  api.post(
    '/tickets',
    {
      schema: {
        operationId: 'openTicket',
        summary: 'Open a ticket for somebody',
        body: shapes.ticketRequest,
        response: { 201: shapes.ticket, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { workspace } = callerOf(request)
      const { title, body, requester, queue } = request.body
      const who = await requesterOf(read, workspace, requester)
      if (who === null) return no(request, reply, refuse('refused.no-such-person', { name: requester }))
      const opened = await options.open(
        workspace,
        { requester: who, title: title ?? null, body, queue: queue ?? null },
        key(),
      )
      if (!opened.ok) return no(request, reply, opened.refusal)
      reply.code(201).header('location', `/api/v1/tickets/${opened.value.number}`)
      return shown(workspace, opened.value)
    },
  )

  api.get(
    '/tickets',
    {
      schema: {
        operationId: 'listTickets',
        summary: 'Tickets, the newest first',
        querystring: shapes.ticketFilter,
        response: { 200: shapes.ticketPage, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { workspace } = callerOf(request)
      const { status, queue, assignee, limit, cursor } = request.query
      const { document: policy } = await read.policy(workspace)
      const unknown = queue?.find((wanted) => !policy.queues.some((one) => one.key === wanted))
      if (unknown !== undefined)
        return no(request, reply, refuse('refused.no-such-queue', { queue: unknown }))
      const handler =
        assignee === undefined || assignee === 'none' ? null : await personOf(read, workspace, assignee)
      if (handler === null && assignee !== undefined && assignee !== 'none') {
        return no(request, reply, refuse('refused.no-such-person', { name: assignee }))
      }
      const before = cursor === undefined ? null : shapes.readCursor(cursor)
      const found = await read.tickets(workspace, {
        ...(status === undefined ? {} : { statuses: status }),
        ...(queue === undefined ? {} : { queues: queue }),
        ...(assignee === undefined ? {} : { assigneeId: handler?.id ?? null }),
        ...(before === null ? {} : { before }),
        order: 'newest',
        limit: limit + 1,
      })
      const page = found.slice(0, limit)
      const people = await peopleOf(read, workspace, page.flatMap(idsIn))
      const last = page.at(-1)
      return {
        tickets: page.map((one) => ticketJson(one, people)),
        next_cursor: found.length > limit && last !== undefined ? shapes.cursorAfter(last.number) : null,
      }
    },
  )

  api.get(
    '/tickets/:number',
    {
      schema: {
        operationId: 'readTicket',
        summary: 'A ticket with its messages and everything that happened to it',
        params,
        response: { 200: shapes.ticketDetail, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { workspace } = callerOf(request)
      const ticket = await ticketAt(read, workspace, request.params.number)
      if (ticket === null) return no(request, reply, missing(request.params.number))
      const [messages, attachments, journal] = await Promise.all([
        read.messages(workspace, ticket.id, MESSAGES_MAX + 1, 'newest'),
        read.attachments(workspace, ticket.id),
        read.journal(workspace, ticket.id),
      ])
      const people = await peopleOf(read, workspace, [
        ...idsIn(ticket),
        ...messages.map((one) => one.authorId),
        ...journal.flatMap(({ cause }) => (cause.actorId === null ? [] : [cause.actorId])),
      ])
      return {
        ...ticketJson(ticket, people),
        messages: messages.slice(-MESSAGES_MAX).map((one) => messageJson(one, attachments, people)),
        earlier_messages: messages.length > MESSAGES_MAX,
        history: journal.map((line) => journalJson(line, people)),
      }
    },
  )

  api.post(
    '/tickets/:number/comments',
    {
      schema: {
        operationId: 'commentTicket',
        summary: 'Answer the requester, add to his words, or leave a note for the agents',
        params,
        body: shapes.comment,
        response: { 201: shapes.message, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { workspace } = callerOf(request)
      const { body: text, visibility, author } = request.body
      const ticket = await ticketAt(read, workspace, request.params.number)
      if (ticket === null) return no(request, reply, missing(request.params.number))
      const actor = author === undefined ? null : await personOf(read, workspace, author)
      if (actor === null && author !== undefined) {
        return no(request, reply, refuse('refused.no-such-person', { name: author }))
      }
      const messageId = ids.next()
      // What the requester adds to his own request is no answer of the team's.
      const verb = visibility === 'internal' ? 'note' : actor?.id === ticket.requesterId ? 'details' : 'reply'
      const written = await options.command(
        workspace,
        ticket.number,
        actor === null ? null : { id: actor.id },
        () => ({ verb, text, messageId }),
        key(),
      )
      if (!written.ok) return no(request, reply, written.refusal)
      const message = await read.message(workspace, messageId)
      if (message === null) throw new Error('a comment that was not kept')
      reply.code(201)
      return messageJson(message, [], await peopleOf(read, workspace, [message.authorId]))
    },
  )

  api.post(
    '/tickets/:number/transitions',
    {
      schema: {
        operationId: 'moveTicket',
        summary: 'Claim, assign, transfer, pause, resolve, close, link …',
        params,
        body: shapes.transition,
        response: { 200: shapes.ticket, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { workspace } = callerOf(request)
      const wanted = request.body
      const ticket = await ticketAt(read, workspace, request.params.number)
      if (ticket === null) return no(request, reply, missing(request.params.number))
      const actor = wanted.as === undefined ? null : await personOf(read, workspace, wanted.as)
      if (actor === null && wanted.as !== undefined) {
        return no(request, reply, refuse('refused.no-such-person', { name: wanted.as }))
      }
      const command = await commandOf(read, workspace, wanted)
      if ('code' in command) return no(request, reply, command)
      const done = await options.command(
        workspace,
        ticket.number,
        actor === null ? null : { id: actor.id },
        () => command,
        key(),
      )
      return done.ok ? shown(workspace, done.value) : no(request, reply, done.refusal)
    },
  )
}

/** The core's command, its people and tickets found; or the refusal, if one of them is unknown. */
async function commandOf(
  read: ReadStore,
  workspace: string,
  wanted: Transition,
): Promise<TicketCommand | Refusal> {
  switch (wanted.verb) {
    case 'assign':
    case 'collaborate':
    case 'watch': {
      const person = await personOf(read, workspace, wanted.person)
      if (person === null) return refuse('refused.no-such-person', { name: wanted.person })
      return { verb: wanted.verb, personId: person.id }
    }
    case 'link':
    case 'merge': {
      const other = await ticketAt(read, workspace, wanted.other)
      return other === null ? missing(wanted.other) : { verb: wanted.verb, other: other.number }
    }
    case 'transfer':
      return { verb: 'transfer', queue: wanted.queue, reason: wanted.reason }
    case 'priority':
      return { verb: 'priority', priority: wanted.priority, reason: wanted.reason }
    case 'hold':
    case 'wait':
    case 'reopen':
      return { verb: wanted.verb, reason: wanted.reason }
    case 'resolve':
      return { verb: 'resolve', summary: wanted.summary }
    default:
      return { verb: wanted.verb }
  }
}

async function ticketAt(read: ReadStore, workspace: string, given: string | number): Promise<Ticket | null> {
  const reference = shapes.readReference(given)
  if (reference === null) return null
  const ticket = await read.ticket(workspace, { number: reference.number })
  return ticket === null || (reference.prefix !== null && reference.prefix !== ticket.prefix) ? null : ticket
}

async function personOf(read: ReadStore, workspace: string, text: string): Promise<Person | null> {
  const who = shapes.readWho(text)
  return who === null ? null : read.person(workspace, who)
}

/** A mail address may be new to the desk; an id or a key has to be known. */
async function requesterOf(read: ReadStore, workspace: string, text: string): Promise<Who | null> {
  const who = shapes.readWho(text)
  if (who === null || 'mail' in who) return who
  const person = await read.person(workspace, who)
  return person === null ? null : { id: person.id }
}

function missing(given: string | number): Refusal {
  return { code: 'refused.no-such-ticket', params: { number: given } }
}

function no(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  return sendProblem(request, reply, refusalProblem(refusal, localeFor(request.headers['accept-language'])))
}
