import type { IncomingMessage, ServerResponse } from 'node:http'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Administration } from '../../core/administration.ts'
import type { TicketCommand } from '../../core/command.ts'
import type { Ids, Log } from '../../core/ports.ts'
import type { Served, TicketRequest, Who } from '../../core/serve.ts'
import type { ReadStore } from '../../core/store.ts'
import type { Ticket } from '../../core/ticket/ticket.ts'
import type { Caller } from './access.ts'
import type { FieldError, Problem } from './problem.ts'
import { callProblem, localeFor, PROBLEM_TYPE, problem } from './problem.ts'
import type { ProblemCode } from './words.ts'

/** What the interface needs of the desk. `open` and `command` are `serveOpen` and `serveCommand`, bound to it. */
export interface ApiOptions {
  readonly read: ReadStore
  open(workspace: string, request: TicketRequest, key: string): Promise<Served<Ticket>>
  command(
    workspace: string,
    number: number,
    actor: Who | null,
    command: (nextId: () => string) => TicketCommand,
    key: string,
  ): Promise<Served<Ticket>>
  /** Who shows this token; null: nobody. See `access.ts`. */
  authenticate(token: string): Promise<Caller | null>
  administration(workspace: string): Administration
  readonly ids: Ids
  readonly log: Log
  readonly version: string
}

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls the interface; null before, and outside it. */
    caller: Caller | null
  }
  interface FastifyContextConfig {
    /** Answered without a token. */
    open?: boolean
  }
}

/** The answers that every route may give beside its own. */
export const REFUSALS = {
  '4xx': { description: 'Refused; `code` says why.', content: { [PROBLEM_TYPE]: { schema: problem } } },
} as const

/** Says no to a call, in the caller's language. */
export function refuseCall(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ProblemCode,
  errors?: readonly FieldError[],
): FastifyReply {
  return sendProblem(request, reply, callProblem(code, localeFor(request.headers['accept-language']), errors))
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, found: Problem): FastifyReply {
  return reply
    .code(found.status)
    .type(PROBLEM_TYPE)
    .header('content-language', localeFor(request.headers['accept-language']))
    .send(JSON.stringify(found))
}

/** The caller of a route that the hook has let through. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error('a route without its hook')
  return request.caller
}
