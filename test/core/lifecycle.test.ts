import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TicketCommand, TicketVerb } from '../../src/core/command.ts'
import { TICKET_VERBS } from '../../src/core/command.ts'
import type { Change, JournalLine } from '../../src/core/ticket/change.ts'
import { decide, elapsed, heard } from '../../src/core/ticket/decide.ts'
import { evolve } from '../../src/core/ticket/evolve.ts'
import { CATEGORY, isDone, LIFECYCLE, next, STATUSES } from '../../src/core/ticket/lifecycle.ts'
import { may, PERMISSION, relations } from '../../src/core/ticket/permission.ts'
import type { Ticket } from '../../src/core/ticket/ticket.ts'
import {
  admin,
  agent,
  ana,
  bob,
  colleague,
  demoPolicy,
  everybody,
  lead,
  manager,
  NOON,
  personById,
  stranger,
  ticket,
} from './people.ts'

function command(verb: TicketVerb): TicketCommand {
  switch (verb) {
    case 'reply':
    case 'note':
    case 'ask':
    case 'details':
      return { verb, text: 'words', messageId: 'm1' }
    case 'assign':
    case 'collaborate':
    case 'watch':
      return { verb, personId: colleague.id }
    case 'transfer':
      return { verb, queue: 'hr', reason: 'theirs' }
    case 'priority':
      return { verb, priority: 'high', reason: 'the CEO waits' }
    case 'hold':
    case 'wait':
    case 'reopen':
      return { verb, reason: 'later' }
    case 'resolve':
      return { verb, summary: 'done' }
    case 'link':
    case 'merge':
      return { verb, other: 2 }
    default:
      return { verb }
  }
}

const other = ticket({ id: '00000000-0000-7000-8000-000000000002', number: 2 })
const facts = (actor: typeof ana) => ({ actor, policy: demoPolicy, now: NOON, person: personById, other })

function changed(start: Ticket, changes: readonly Change[]): Ticket {
  return changes.reduce<Ticket>(
    (current, change) => evolve(current, change, { actorId: null, key: 'k', at: NOON }),
    start,
  )
}

describe('the table of the lifecycle', () => {
  it.each(STATUSES)('%s leads only to statuses of the table', (status) => {
    for (const verb of TICKET_VERBS) {
      const to = next(status, verb)
      if (to !== null) expect(STATUSES).toContain(to)
    }
  })

  it('every status can be reached, and every living one left', () => {
    const reached = new Set(['new', ...Object.values(LIFECYCLE).flatMap((row) => Object.values(row))])
    for (const status of STATUSES) expect(reached).toContain(status)
    for (const status of STATUSES) if (!isDone(status)) expect(next(status, 'resolve')).toBe('resolved')
  })

  it.each([
    ['claim', 'new', agent, 'open'],
    ['assign', 'new', agent, 'open'],
    ['ask', 'new', agent, 'waiting-requester'],
    ['hold', 'new', agent, 'on-hold'],
    ['wait', 'new', agent, 'waiting-internal'],
    ['resolve', 'new', agent, 'resolved'],
    ['cancel', 'new', ana, 'closed'],
    ['reopen', 'resolved', ana, 'new'],
    ['reopen', 'closed', lead, 'new'],
    ['close', 'resolved', lead, 'closed'],
    ['merge', 'new', agent, 'closed'],
  ] as const)('%s of a %s ticket leads to %4$s', (verb, status, actor, to) => {
    const decision = decide(ticket({ status }), command(verb), facts(actor))
    expect(decision.ok && changed(ticket({ status }), decision.changes).status).toBe(to)
  })
})

describe('refusals', () => {
  const claimed = ticket({ status: 'open', assigneeId: agent.id })
  it.each([
    ['a second claim names who has it', claimed, 'claim', colleague, 'refused.already-claimed'],
    ['one’s own claim again', claimed, 'claim', agent, 'refused.already-yours'],
    ['a colleague may not resolve another’s ticket', claimed, 'resolve', colleague, 'refused.anothers'],
    ['a requester may not resolve', claimed, 'resolve', ana, 'refused.staff-only'],
    ['somebody else does not learn that it exists', claimed, 'note', bob, 'refused.no-such-ticket'],
    ['nor an agent of another queue', claimed, 'claim', stranger, 'refused.no-such-ticket'],
    ['only the requester cancels', claimed, 'cancel', agent, 'refused.requester-only'],
    ['what is done is not claimed', ticket({ status: 'closed' }), 'claim', agent, 'refused.already-done'],
    ['what is not done is not reopened', claimed, 'reopen', agent, 'refused.not-done'],
    ['what does not wait is not resumed', claimed, 'resume', agent, 'refused.not-paused'],
    [
      'a merged one says where it went',
      ticket({ status: 'closed', mergedInto: 7 }),
      'claim',
      agent,
      'refused.merged-already',
    ],
    ['unclaiming what nobody has', ticket(), 'unclaim', lead, 'refused.nobody-has-it'],
  ] as const)('%s', (_, of, verb, actor, code) => {
    const decision = decide(of, command(verb), facts(actor))
    expect(decision).toMatchObject({ ok: false, refusal: { code } })
  })

  it('does not merge or link a ticket with itself, or with one that cannot be seen', () => {
    const itself = { ...facts(agent), other: ticket() }
    expect(decide(ticket(), { verb: 'merge', other: 1 }, itself)).toMatchObject({
      refusal: { code: 'refused.with-itself' },
    })
    expect(decide(ticket(), { verb: 'link', other: 9 }, { ...facts(agent), other: null })).toMatchObject({
      refusal: { code: 'refused.no-such-ticket' },
    })
    const foreign = ticket({ number: 2, queue: 'hr', requesterId: bob.id, id: 'x' })
    expect(decide(ticket(), { verb: 'link', other: 2 }, { ...facts(agent), other: foreign })).toMatchObject({
      refusal: { code: 'refused.no-such-ticket' },
    })
  })
})

describe('permissions', () => {
  it('are asked of the table for every verb and everybody', () => {
    for (const verb of TICKET_VERBS) {
      for (const person of everybody) {
        const of = ticket({ status: 'open', assigneeId: agent.id })
        const allowed = relations(person, of).some((relation) => PERMISSION[verb].includes(relation))
        expect(may(person, verb, of)).toBe(allowed)
      }
    }
  })

  it('give the managers an overview and no ticket work', () => {
    expect(may(manager, 'note', ticket())).toBe(true)
    expect(may(manager, 'resolve', ticket())).toBe(false)
    expect(may(admin, 'resolve', ticket())).toBe(true)
  })
})

describe('what the requester writes', () => {
  it.each([
    ['wakes what waited for him', 'waiting-requester', true, 'new'],
    ['thanks wake it too: it is an answer', 'waiting-requester', false, 'new'],
    ['leaves what is on hold', 'on-hold', true, 'on-hold'],
    ['reopens what is resolved if it asks for something', 'resolved', true, 'new'],
    ['does not reopen it if it is only thanks', 'resolved', false, 'resolved'],
    ['does not reopen what is closed', 'closed', true, 'closed'],
  ] as const)('%s', (_, status, request, to) => {
    const of = ticket({ status })
    expect(changed(of, heard(of, { messageId: 'm', request })).status).toBe(to)
  })
})

describe('timers', () => {
  const late = ticket({ firstResponseDueAt: NOON })
  it('break a first response once, and only while it is still owed', () => {
    expect(elapsed(late, 'first-response', NOON)).toEqual([{ type: 'first-response-breached' }])
    expect(elapsed(changed(late, [{ type: 'first-response-breached' }]), 'first-response', NOON)).toEqual([])
    expect(elapsed(changed(late, [{ type: 'first-response' }]), 'first-response', NOON)).toEqual([])
    expect(elapsed(ticket({ status: 'closed', firstResponseDueAt: NOON }), 'first-response', NOON)).toEqual(
      [],
    )
    expect(elapsed(ticket(), 'first-response', NOON)).toEqual([])
  })
  it('close what is still resolved', () => {
    expect(elapsed(ticket({ status: 'resolved' }), 'auto-close', NOON)).toHaveLength(1)
    expect(elapsed(ticket({ status: 'open' }), 'auto-close', NOON)).toEqual([])
  })
})

describe('any sequence of commands', () => {
  const step = fc.record({ verb: fc.constantFrom(...TICKET_VERBS), who: fc.constantFrom(...everybody) })
  it('stays in the table, keeps the invariants, and can be replayed from the journal', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let current = ticket()
        const journal: JournalLine[] = [
          {
            id: '0',
            ticketId: current.id,
            version: 1,
            cause: { actorId: null, key: 'k', at: NOON },
            change: { type: 'opened', ticket: current },
          },
        ]
        for (const { verb, who } of steps) {
          const decision = decide(current, command(verb), facts(who))
          if (!decision.ok) continue
          for (const change of decision.changes) {
            const cause = { actorId: who.id, key: 'k', at: NOON }
            current = evolve(current, change, cause)
            journal.push({ id: 'x', ticketId: current.id, version: current.version, cause, change })
          }
          expect(STATUSES).toContain(current.status)
          expect(current.version).toBe(journal.length)
          expect(current.freshSince).toBeLessThanOrEqual(current.version)
          if (current.mergedInto !== null) expect(current.status).toBe('closed')
          if (current.status === 'closed') expect(current.closedAt).not.toBeNull()
          if (CATEGORY[current.status] !== 'done')
            expect([current.closedAt, current.resolvedAt, current.resolution]).toEqual([null, null, null])
          if (current.status === 'new') expect(current.assigneeId).toBeNull()
        }
        const replayed = journal.reduce<Ticket | null>(
          (state, line) => evolve(state, line.change, line.cause),
          null,
        )
        expect(replayed).toEqual(current)
      }),
      { numRuns: 400 },
    )
  })
})
