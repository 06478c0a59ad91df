import type { Platform } from './event.ts'
import type { Locale } from './text/say.ts'

/** What a person may be to a queue (or, with `queue: null`, to the whole workspace). Rows of ours, never channel membership. */
export const ROLES = ['agent', 'lead', 'manager', 'admin'] as const
export type Role = (typeof ROLES)[number]

export interface Grant {
  readonly role: Role
  readonly queue: string | null
}

/** Somebody with one or more identities on platforms. Everybody is a requester; the grants are what he is besides. */
export interface Person {
  readonly id: string
  /** The policy's own name for him (`li-wei`), if he stands in the policy. */
  readonly key: string | null
  /** Null as long as no platform has told a name. */
  readonly name: string | null
  /** Verified by a platform or set by the policy; lower case. */
  readonly mail: string | null
  readonly locale: Locale | null
  /** IANA. */
  readonly zone: string | null
  readonly vip: boolean
  readonly grants: readonly Grant[]
  readonly skills: readonly string[]
}

/** The person as one platform knows him. */
export interface Identity {
  readonly platform: Platform
  readonly install: string
  readonly externalId: string
  readonly personId: string
}

/** A name that can be shown: a person without one is shown by a short, stable mark. */
export function nameOf(person: Person): string {
  return person.name ?? person.key ?? `#${person.id.slice(-4)}`
}

/** Whether he holds one of the roles for this queue, directly or for the whole workspace. */
export function holds(person: Person, roles: readonly Role[], queue: string): boolean {
  return person.grants.some(
    (grant) => roles.includes(grant.role) && (grant.queue === null || grant.queue === queue),
  )
}

/** Whether he works tickets anywhere. */
export function isStaff(person: Person): boolean {
  return person.grants.length > 0
}
