import { z } from 'zod'
import { PRIORITIES } from '../../core/command.ts'
import { TEXT_MAX } from '../../core/event.ts'
import { STATUSES } from '../../core/ticket/lifecycle.ts'
import { problem } from './problem.ts'

/**
 * What goes in and out of the interface. The same schemas refuse what is wrong and make the OpenAPI document, so the
 * two can't differ.
 */

const who = z
  .string()
  .max(320)
  .refine((text) => readWho(text) !== null, 'a mail address, the id of a person, or his key in the policy')
  .describe('A person: mail address, id, or key in the policy (`li-wei`).')
const reference = z
  .union([z.int().min(1).max(999_999_999), z.string().max(24)])
  .refine((given) => readReference(given) !== null, 'the number of a ticket, such as 42 or IT-42')
const slug = z.string().min(1).max(32)
const reason = z.string().max(2000).default('')
const instant = z.iso.datetime()

/** What `who` names. Null: none of the three. */
export function readWho(text: string): { mail: string } | { id: string } | { key: string } | null {
  if (text.includes('@')) return z.email().safeParse(text).success ? { mail: text.toLowerCase() } : null
  if (z.uuid().safeParse(text).success) return { id: text.toLowerCase() }
  return /^[a-z][a-z0-9-]{0,31}$/u.test(text) ? { key: text } : null
}

/** `42` or `IT-42`; the prefix, if given, has to be the ticket's. */
export function readReference(given: string | number): { number: number; prefix: string | null } | null {
  const match = /^(?:([A-Z][A-Z0-9]{0,7})-)?([1-9]\d{0,8})$/iu.exec(String(given))
  return match === null ? null : { number: Number(match[2]), prefix: match[1]?.toUpperCase() ?? null }
}

export const ticketRequest = z.strictObject({
  title: z.string().trim().min(1).max(200).optional().describe('Taken from the body if left out.'),
  body: z.string().trim().min(1).max(TEXT_MAX),
  requester: who,
  queue: slug.optional().describe('Key of a queue. Left out, the desk decides from the words.'),
})

export const comment = z.strictObject({
  body: z.string().trim().min(1).max(TEXT_MAX),
  visibility: z
    .enum(['public', 'internal'])
    .describe('`public` reaches the requester, `internal` only the agents.'),
  author: who.optional().describe('On whose behalf. Left out, the interface itself.'),
})

const as = who
  .optional()
  .describe('On whose behalf. Left out, the interface itself, which may do everything.')

export const transition = z.discriminatedUnion('verb', [
  z.strictObject({ verb: z.literal('claim'), as: who.describe('Who takes it.') }),
  z.strictObject({ verb: z.enum(['unclaim', 'resume', 'close', 'cancel']), as }),
  z.strictObject({ verb: z.enum(['assign', 'collaborate', 'watch']), person: who, as }),
  z.strictObject({ verb: z.literal('transfer'), queue: slug, reason, as }),
  z.strictObject({ verb: z.literal('priority'), priority: z.enum(PRIORITIES), reason, as }),
  z.strictObject({ verb: z.enum(['hold', 'wait', 'reopen']), reason, as }),
  z.strictObject({ verb: z.literal('resolve'), summary: z.string().trim().min(1).max(4000), as }),
  z.strictObject({ verb: z.enum(['link', 'merge']), other: reference, as }),
])
export type Transition = z.infer<typeof transition>

const CURSOR = /^[A-Za-z0-9_-]{4,24}$/u

/** The cursor of the page behind this ticket. */
export function cursorAfter(number: number): string {
  return Buffer.from(`before:${number}`).toString('base64url')
}

/** Null for what `cursorAfter` did not write. */
export function readCursor(cursor: string): number | null {
  if (!CURSOR.test(cursor)) return null
  const match = /^before:([1-9]\d{0,8})$/u.exec(Buffer.from(cursor, 'base64url').toString('latin1'))
  return match === null ? null : Number(match[1])
}

/** `a,b` and `a&…=b` say the same. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (given) => (given === undefined ? undefined : [given].flat().flatMap((one) => String(one).split(','))),
    z.array(item).max(50).optional(),
  )

export const ticketFilter = z.strictObject({
  status: listOf(z.enum(STATUSES)),
  queue: listOf(slug),
  assignee: z
    .union([z.literal('none'), who])
    .optional()
    .describe('A person (mail address, id or key), or `none`.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .refine((text) => readCursor(text) !== null, 'a next_cursor of an earlier answer')
    .optional(),
})

const person = z.object({ id: z.uuid(), name: z.string() })
const reasons = z.array(
  z.object({ code: z.string(), evidence: z.string().optional(), weight: z.number().optional() }),
)

export const ticket = z.object({
  id: z.uuid(),
  number: z.int(),
  label: z.string().describe('`IT-42`'),
  title: z.string(),
  status: z.enum(STATUSES),
  status_since: instant,
  priority: z.enum(PRIORITIES),
  priority_reasons: reasons,
  queue: z.string(),
  queue_reasons: reasons,
  category: z.string().nullable(),
  requester: person,
  assignee: person.nullable(),
  collaborators: z.array(person),
  watchers: z.array(person),
  links: z.array(z.int()).describe('Numbers of linked tickets.'),
  merged_into: z.int().nullable(),
  language: z.enum(['en', 'zh']),
  fields: z.record(z.string(), z.string()),
  platform: z.string(),
  opened_at: instant,
  first_response_due_at: instant.nullable(),
  first_responded_at: instant.nullable(),
  first_response_breached: z.boolean(),
  resolved_at: instant.nullable(),
  resolution: z.string().nullable(),
  closed_at: instant.nullable(),
  updated_at: instant,
  version: z.int().describe('Grows with every change.'),
})

export const message = z.object({
  id: z.uuid(),
  at: instant,
  author: person,
  by: z.enum(['requester', 'staff', 'other']),
  visibility: z.enum(['public', 'internal']),
  platform: z.string(),
  text: z.string().describe('Empty when it was deleted.'),
  edited_at: instant.nullable(),
  deleted_at: instant.nullable(),
  files: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      mime: z.string(),
      size: z.int(),
      state: z.enum(['pending', 'stored', 'refused']),
    }),
  ),
})

export const journalLine = z.object({
  version: z.int(),
  at: instant,
  actor: person.nullable().describe('Null: the desk itself.'),
  type: z.string(),
  text: z.string().nullable().describe('The words that were given with it, such as a reason.'),
  data: z.record(z.string(), z.unknown()),
})

export const ticketDetail = ticket.extend({
  messages: z.array(message).describe('The latest 500, oldest first.'),
  earlier_messages: z.boolean().describe('There are more, older ones.'),
  history: z.array(journalLine),
})

export const ticketPage = z.object({ tickets: z.array(ticket), next_cursor: z.string().nullable() })

export const deadLetter = z.object({
  key: z.string(),
  lane: z.string(),
  kind: z.string(),
  code: z.string().describe('What the platform said last.'),
  attempts: z.int(),
  created_at: instant,
})

export const tokenLine = z.object({ name: z.string(), created_at: instant, revoked_at: instant.nullable() })
export const tokenName = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/u, 'letters, digits, points and hyphens'),
})

/** Named in the OpenAPI document, so that generated clients have names for them too. */
export const named = z
  .registry<{ id: string }>()
  .add(ticket, { id: 'Ticket' })
  .add(ticketDetail, { id: 'TicketDetail' })
  .add(message, { id: 'Message' })
  .add(journalLine, { id: 'JournalLine' })
  .add(person, { id: 'Person' })
  .add(problem, { id: 'Problem' })
