import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Person } from '../../src/core/person.ts'
import type { Policy } from '../../src/core/policy.ts'
import { readPolicy } from '../../src/core/policy.ts'
import type { Ticket } from '../../src/core/ticket/ticket.ts'

/** The demo's policy, and people and tickets to think with. */

const read = readPolicy(parse(readFileSync(new URL('../../src/demo-policy.yaml', import.meta.url), 'utf8')))
if (!read.ok) throw new Error(read.flaws.map((flaw) => `${flaw.path.join('.')}: ${flaw.sentence}`).join('; '))
export const demoPolicy: Policy = read.policy

export const NOON = new Date('2026-11-23T04:00:00Z')

function person(id: string, grants: Person['grants'] = [], more: Partial<Person> = {}): Person {
  return {
    id,
    key: id,
    name: id,
    mail: `${id}@example.com`,
    locale: 'en',
    zone: 'Asia/Shanghai',
    vip: false,
    grants,
    skills: [],
    ...more,
  }
}

export const ana = person('ana')
export const bob = person('bob')
export const agent = person('agent', [{ role: 'agent', queue: 'it' }])
export const colleague = person('colleague', [{ role: 'agent', queue: 'it' }])
export const stranger = person('stranger', [{ role: 'agent', queue: 'hr' }])
export const lead = person('lead', [{ role: 'lead', queue: 'it' }])
export const manager = person('manager', [{ role: 'manager', queue: null }])
export const admin = person('admin', [{ role: 'admin', queue: null }])
export const everybody = [ana, bob, agent, colleague, stranger, lead, manager, admin]
export const personById = (id: string) => everybody.find((one) => one.id === id) ?? null

export function ticket(more: Partial<Ticket> = {}): Ticket {
  return {
    id: '00000000-0000-7000-8000-000000000001',
    number: 1,
    prefix: 'IT',
    title: 'the printer is jammed',
    status: 'new',
    statusSince: NOON,
    priority: 'normal',
    priorityReasons: [],
    category: null,
    queue: 'it',
    queueReasons: [],
    requesterId: ana.id,
    assigneeId: null,
    collaboratorIds: [],
    watcherIds: [],
    links: [],
    mergedInto: null,
    language: 'en',
    fields: {},
    platform: 'web',
    openedAt: NOON,
    firstResponseDueAt: new Date(NOON.getTime() + 3_600_000),
    firstRespondedAt: null,
    firstResponseBreached: false,
    resolvedAt: null,
    resolution: null,
    closedAt: null,
    lastRequesterMessageAt: NOON,
    updatedAt: NOON,
    version: 1,
    freshSince: 1,
    ...more,
  }
}
