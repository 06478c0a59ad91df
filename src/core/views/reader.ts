import type { Person } from '../person.ts'
import { nameOf } from '../person.ts'
import type { Policy } from '../policy.ts'
import { queueOf } from '../policy.ts'
import type { Locale } from '../text/say.ts'

/** For whom a view is drawn, and what it may look up. Views are pure: the same reader and ticket give the same card. */
export interface Reader {
  readonly locale: Locale
  /** IANA. */
  readonly zone: string
  readonly now: Date
  readonly policy: Policy
  person(id: string): Person | null
}

export function named(reader: Reader, id: string | null): string {
  const person = id === null ? null : reader.person(id)
  return person === null ? '?' : nameOf(person)
}

export function queueName(reader: Reader, key: string): string {
  return queueOf(reader.policy, key).name[reader.locale]
}
