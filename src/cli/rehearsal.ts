import type { Platform } from '../core/event.ts'
import type { Grant, Identity, Person } from '../core/person.ts'
import type { AppliedPolicy, Policy } from '../core/policy.ts'
import type { DeskStore, Loaded, ReadStore, Thought, Writes } from '../core/store.ts'

/** Thinking without writing: a desk store that keeps what it would have written, and a read store that shows it. */
export interface Rehearsal {
  readonly store: DeskStore
  readonly read: ReadStore
  /** What the last batch would have written. */
  writes(): Writes | null
}

/** Leaves a transaction, so that nothing of it is written. */
class Rehearsed extends Error {
  override readonly name = 'Rehearsed'
}

/** On the present data of a workspace: its own transaction, rolled back. */
export function rehearsalOn(base: DeskStore, read: ReadStore): Rehearsal {
  return rehearsal(read, async (workspace, needs, opens, think) => {
    let thought: ReturnType<typeof think> | undefined
    try {
      await base.transact(workspace, needs, opens, (loaded, next) => {
        thought = think(loaded, next)
        throw new Rehearsed('nothing is to be written')
      })
    } catch (error) {
      if (!(error instanceof Rehearsed)) throw error
    }
    return thought!
  })
}

/** On a desk that has a policy with its people and nothing else. */
export function emptyRehearsal(
  policy: Policy,
  installOf: (platform: Platform) => string,
  nextId: () => string,
): Rehearsal {
  const applied: AppliedPolicy = { version: 1, document: policy }
  const people = peopleOf(policy, installOf, nextId)
  const loaded: Loaded = {
    policy: applied,
    ...people,
    tickets: [],
    threads: [],
    messages: [],
    attachments: [],
    recent: [],
  }
  return rehearsal(
    emptyRead(applied, people.persons, people.identities),
    async (_workspace, _needs, _opens, think) => think(loaded, 1),
  )
}

type Transact = <T>(
  workspace: Parameters<DeskStore['transact']>[0],
  needs: Parameters<DeskStore['transact']>[1],
  opens: boolean,
  think: (loaded: Loaded, next: number) => Thought<T>,
) => Promise<Thought<T>>

function rehearsal(base: ReadStore, transact: Transact): Rehearsal {
  let last: Writes | null = null
  return {
    store: {
      async transact(workspace, needs, opens, think) {
        const thought = await transact(workspace, needs, opens, think)
        last = thought.writes
        return thought.result
      },
    },
    read: overlay(base, () => last),
    writes: () => last,
  }
}

/** What was written in thought comes before what is there. */
function overlay(base: ReadStore, writes: () => Writes | null): ReadStore {
  const over = <T>(pick: (one: Writes) => readonly T[], is: (one: T) => boolean, key: (one: T) => string) => {
    const fresh = (writes() === null ? [] : pick(writes()!)).filter(is)
    return (old: readonly T[]): readonly T[] => {
      const replaced = new Set(fresh.map(key))
      return [...old.filter((one) => !replaced.has(key(one))), ...fresh]
    }
  }
  const id = (one: { id: string }) => one.id
  return {
    ...base,
    async ticket(workspace, by) {
      const is = (one: { id: string; number: number }) =>
        'id' in by ? one.id === by.id : one.number === by.number
      return over((w) => w.tickets, is, id)([])[0] ?? base.ticket(workspace, by)
    },
    async tickets(workspace, filter) {
      const wanted = over(
        (w) => w.tickets,
        (one) => filter.requesterId === undefined || one.requesterId === filter.requesterId,
        id,
      )
      return wanted(await base.tickets(workspace, filter)).slice(0, filter.limit)
    },
    threads: async (workspace, ticketId) =>
      over(
        (w) => w.threads,
        (one) => one.ticketId === ticketId,
        id,
      )(await base.threads(workspace, ticketId)),
    thread: async (workspace, threadId) =>
      over(
        (w) => w.threads,
        (one) => one.id === threadId,
        id,
      )([])[0] ?? base.thread(workspace, threadId),
    message: async (workspace, messageId) =>
      over(
        (w) => w.messages,
        (one) => one.id === messageId,
        id,
      )([])[0] ?? base.message(workspace, messageId),
    messages: async (workspace, ticketId, limit, end) =>
      over(
        (w) => w.messages,
        (one) => one.ticketId === ticketId,
        id,
      )(await base.messages(workspace, ticketId, limit, end)),
    attachments: async (workspace, ticketId) =>
      over(
        (w) => w.attachments,
        (one) => one.ticketId === ticketId,
        id,
      )(await base.attachments(workspace, ticketId)),
    journal: async (workspace, ticketId) =>
      over(
        (w) => w.journal,
        (one) => one.ticketId === ticketId,
        id,
      )(await base.journal(workspace, ticketId)),
    journalLine: async (workspace, ticketId, version) =>
      over(
        (w) => w.journal,
        (one) => one.ticketId === ticketId && one.version === version,
        id,
      )([])[0] ?? base.journalLine(workspace, ticketId, version),
    async person(workspace, by) {
      const is = (one: Person) =>
        'id' in by
          ? one.id === by.id
          : 'mail' in by
            ? one.mail === by.mail
            : 'key' in by && one.key === by.key
      const known = 'platform' in by ? undefined : over((w) => w.persons, is, id)([])[0]
      return known ?? base.person(workspace, by)
    },
    persons: async (workspace, ids) =>
      over(
        (w) => w.persons,
        (one) => ids.includes(one.id),
        id,
      )(await base.persons(workspace, ids)),
  }
}

function emptyRead(
  policy: AppliedPolicy,
  persons: readonly Person[],
  identities: readonly Identity[],
): ReadStore {
  return {
    policy: async () => policy,
    ticket: async () => null,
    tickets: async () => [],
    counts: async () => ({ open: 0, unassigned: 0, waiting: 0, breached: 0, byQueue: [], oldest: null }),
    threads: async () => [],
    thread: async () => null,
    message: async () => null,
    messages: async () => [],
    attachments: async () => [],
    journal: async () => [],
    journalLine: async () => null,
    async person(_workspace, by) {
      if ('platform' in by) {
        const identity = identities.find(
          (one) => one.platform === by.platform && one.externalId === by.externalId,
        )
        return persons.find((one) => one.id === identity?.personId) ?? null
      }
      return (
        persons.find((one) =>
          'id' in by ? one.id === by.id : 'mail' in by ? one.mail === by.mail : one.key === by.key,
        ) ?? null
      )
    },
    persons: async (_workspace, ids) => persons.filter((one) => ids.includes(one.id)),
    staff: async () => persons.filter((one) => one.grants.length > 0),
    identities: async (_workspace, personId) => identities.filter((one) => one.personId === personId),
  }
}

/** The people of a policy as they would stand in the database. */
function peopleOf(
  policy: Policy,
  installOf: (platform: Platform) => string,
  nextId: () => string,
): { persons: readonly Person[]; identities: readonly Identity[] } {
  const persons: Person[] = []
  const identities: Identity[] = []
  for (const entry of policy.people) {
    const id = nextId()
    persons.push({
      id,
      key: entry.key,
      name: entry.name,
      mail: entry.mail?.toLowerCase() ?? null,
      locale: entry.locale ?? null,
      zone: entry.zone ?? null,
      vip: entry.vip,
      grants: entry.roles.flatMap((roles) =>
        Object.entries(roles).map(([role, queue]) => ({
          role: role as Grant['role'],
          queue: queue === '*' ? null : queue,
        })),
      ),
      skills: entry.skills,
    })
    for (const [platform, externalId] of Object.entries(entry.identities) as [Platform, string][]) {
      identities.push({ platform, install: installOf(platform), externalId, personId: id })
    }
  }
  return { persons, identities }
}
