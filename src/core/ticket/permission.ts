import type { TicketVerb } from '../command.ts'
import type { Person } from '../person.ts'
import { holds } from '../person.ts'
import type { Ticket } from './ticket.ts'

/**
 * Who may do what to a ticket, by what he is to it. The table is the truth; `may` only reads it. It is asked again for
 * every press and every command, inside the transaction, since a button carries no authority.
 */

export const RELATIONS = [
  'requester',
  'handler',
  'collaborator',
  'colleague',
  'lead',
  'manager',
  'admin',
] as const
/**
 * - requester: asked for it
 * - handler: has it
 * - collaborator: was asked to help
 * - colleague: agent of its queue, while nobody has it
 * - lead: leads its queue · manager: sees over everything · admin: may mend everything
 */
export type Relation = (typeof RELATIONS)[number]

const STAFF = ['handler', 'collaborator', 'colleague', 'lead', 'manager', 'admin'] as const
const WORKING = ['handler', 'collaborator', 'colleague', 'lead', 'admin'] as const
const DECIDING = ['handler', 'colleague', 'lead', 'admin'] as const

export const PERMISSION: Readonly<Record<TicketVerb, readonly Relation[]>> = {
  claim: ['colleague', 'lead', 'admin'],
  unclaim: ['handler', 'lead', 'admin'],
  reply: WORKING,
  note: STAFF,
  ask: WORKING,
  assign: DECIDING,
  transfer: DECIDING,
  priority: [...DECIDING, 'manager'],
  hold: DECIDING,
  wait: DECIDING,
  resume: DECIDING,
  resolve: DECIDING,
  reopen: ['requester', 'handler', 'colleague', 'lead', 'manager', 'admin'],
  close: DECIDING,
  cancel: ['requester'],
  details: ['requester'],
  link: WORKING,
  merge: DECIDING,
  collaborate: DECIDING,
  watch: STAFF,
  unwatch: STAFF,
}

/** Everything that `person` is to `ticket`. */
export function relations(person: Person, ticket: Ticket): readonly Relation[] {
  const found: Relation[] = []
  if (ticket.requesterId === person.id) found.push('requester')
  if (ticket.assigneeId === person.id) found.push('handler')
  if (ticket.collaboratorIds.includes(person.id)) found.push('collaborator')
  if (ticket.assigneeId === null && holds(person, ['agent'], ticket.queue)) found.push('colleague')
  if (holds(person, ['lead'], ticket.queue)) found.push('lead')
  if (holds(person, ['manager'], ticket.queue)) found.push('manager')
  if (holds(person, ['admin'], ticket.queue)) found.push('admin')
  return found
}

export function may(person: Person, verb: TicketVerb, ticket: Ticket): boolean {
  const allowed = PERMISSION[verb]
  return relations(person, ticket).some((relation) => allowed.includes(relation))
}

/** Whether he may read what is internal: staff of the ticket's queue, whoever has it, and those above. */
export function maySeeInternal(person: Person, ticket: Ticket): boolean {
  return (
    ticket.assigneeId === person.id ||
    ticket.collaboratorIds.includes(person.id) ||
    holds(person, ['agent', 'lead', 'manager', 'admin'], ticket.queue)
  )
}

/** Whether he may know that the ticket exists. */
export function maySee(person: Person, ticket: Ticket): boolean {
  return (
    ticket.requesterId === person.id ||
    ticket.watcherIds.includes(person.id) ||
    maySeeInternal(person, ticket)
  )
}
