import { z } from 'zod'
import { PRIORITIES } from './command.ts'
import { PLATFORMS } from './event.ts'
import { ROLES } from './person.ts'

/**
 * The policy: everything that an administrator decides, as one document (YAML in a file, JSON in the database, with a
 * version). `examine` finds what a schema cannot: names that point nowhere.
 */

const slug = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/u, 'lower-case letters, digits and hyphens, starting with a letter')
const bilingual = z.strictObject({ en: z.string().min(1).max(80), zh: z.string().min(1).max(80) })
const zone = z.string().refine(isZone, 'not an IANA time zone, such as Asia/Shanghai')
const words = z.strictObject({
  en: z.array(z.string().min(1).max(60)).default([]),
  zh: z.array(z.string().min(1).max(60)).default([]),
})

/** `30m`, `4h`, `2d`: minutes, hours, or days of 24 hours. */
const duration = z.string().regex(/^\d{1,5}[mhd]$/u, 'a number with m, h or d, such as 30m')
/** `09:00-18:00`; `24:00` is the end of the day. */
const window = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/u, 'a window such as 09:00-18:00')
  .refine((text) => text.slice(0, 5) < text.slice(6), 'the window ends before it begins')

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const week = z.strictObject(
  Object.fromEntries(DAYS.map((day) => [day, z.array(window).default([])])) as Record<
    (typeof DAYS)[number],
    z.ZodDefault<z.ZodArray<typeof window>>
  >,
)

const channels = z.partialRecord(z.enum(PLATFORMS), z.string().min(1).max(200))

const queue = z.strictObject({
  key: slug,
  name: bilingual,
  /** `IT` of `IT-42`. */
  prefix: z.string().regex(/^[A-Z][A-Z0-9]{0,7}$/u, 'one to eight capital letters or digits'),
  calendar: slug,
  /** Until the first answer by a person, in business time of the queue's calendar. */
  first_response: z.strictObject(
    Object.fromEntries(PRIORITIES.map((priority) => [priority, duration])) as Record<
      (typeof PRIORITIES)[number],
      typeof duration
    >,
  ),
  /** Where the agents see its cards. */
  channels: channels.default({}),
  /** Words that send a request here. */
  keywords: words.default({ en: [], zh: [] }),
})

const person = z.strictObject({
  key: slug,
  name: z.string().min(1).max(80),
  mail: z.email().optional(),
  locale: z.enum(['en', 'zh']).optional(),
  zone: zone.optional(),
  vip: z.boolean().default(false),
  /** `{agent: it}`, `{lead: hr}`, `{manager: "*"}`; `*` is every queue. */
  roles: z.array(z.partialRecord(z.enum(ROLES), z.union([slug, z.literal('*')]))).default([]),
  skills: z.array(slug).default([]),
  /** Their ids on the platforms, where the mail does not link them. */
  identities: z.partialRecord(z.enum(PLATFORMS), z.string().min(1).max(200)).default({}),
})

export const policySchema = z.strictObject({
  version: z.literal(1),
  name: z.string().min(1).max(80),
  locale: z.enum(['en', 'zh']).default('en'),
  zone: zone.default('UTC'),
  calendars: z.record(slug, z.strictObject({ zone, week })),
  queues: z.array(queue).min(1).max(200),
  /** Takes what no keyword sends elsewhere. */
  default_queue: slug,
  people: z.array(person).max(5000).default([]),
  intake: z
    .strictObject({
      /** Channels in which each new message may be a request. Everywhere else only a mention is. */
      channels: z.partialRecord(z.enum(PLATFORMS), z.array(z.string().min(1).max(200))).default({}),
      /** A further message outside a thread within this time belongs to the person's last request in that channel. */
      burst: duration.default('3m'),
    })
    .default({ channels: {}, burst: '3m' }),
  /** Where managers ask for the numbers. */
  managers: channels.default({}),
  priority: z
    .strictObject({
      urgent: words.default({ en: [], zh: [] }),
      high: words.default({ en: [], zh: [] }),
      low: words.default({ en: [], zh: [] }),
    })
    .default({ urgent: { en: [], zh: [] }, high: { en: [], zh: [] }, low: { en: [], zh: [] } }),
  /** A resolved ticket is closed after this time without a word from the requester. */
  auto_close: duration.default('3d'),
})

export type Policy = z.infer<typeof policySchema>
export type Queue = Policy['queues'][number]
export type PolicyPerson = Policy['people'][number]
export type PolicyCalendar = Policy['calendars'][string]

/** A policy as it stands in the database. */
export interface AppliedPolicy {
  readonly version: number
  readonly document: Policy
}

export function queueOf(policy: Policy, key: string): Queue {
  return policy.queues.find((queue) => queue.key === key) ?? policy.queues[0]!
}

/** Milliseconds of a policy duration. */
export function durationMs(text: string): number {
  const unit = { m: 60_000, h: 3_600_000, d: 86_400_000 }[text.slice(-1) as 'm' | 'h' | 'd']
  return Number(text.slice(0, -1)) * unit
}

/** Something wrong in a policy: where (the path of keys and indexes) and one sentence with the remedy. */
export interface Flaw {
  readonly path: readonly (string | number)[]
  readonly sentence: string
}

/** Reads a document against the schema and then for names that point nowhere. */
export function readPolicy(
  document: unknown,
): { ok: true; policy: Policy } | { ok: false; flaws: readonly Flaw[] } {
  const parsed = policySchema.safeParse(document)
  if (!parsed.success) {
    return {
      ok: false,
      flaws: parsed.error.issues.flatMap((issue) => {
        const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
        if (issue.code !== 'unrecognized_keys') return [{ path, sentence: issue.message }]
        return issue.keys.map((key) => ({
          path: [...path, key],
          sentence: `There is no setting "${key}" here.`,
        }))
      }),
    }
  }
  const flaws = examine(parsed.data)
  return flaws.length === 0 ? { ok: true, policy: parsed.data } : { ok: false, flaws }
}

function examine(policy: Policy): readonly Flaw[] {
  const flaws: Flaw[] = []
  const queues = new Set(policy.queues.map((queue) => queue.key))
  const flaw = (path: readonly (string | number)[], sentence: string) => flaws.push({ path, sentence })
  const twice = (
    values: readonly (string | undefined)[],
    path: (index: number) => readonly (string | number)[],
    what: string,
  ) => {
    const seen = new Set<string>()
    values.forEach((value, index) => {
      if (value === undefined) return
      if (seen.has(value)) flaw(path(index), `${what} "${value}" stands here twice; give each its own.`)
      seen.add(value)
    })
  }
  twice(
    policy.queues.map((queue) => queue.key),
    (index) => ['queues', index, 'key'],
    'The queue',
  )
  twice(
    policy.queues.map((queue) => queue.prefix),
    (index) => ['queues', index, 'prefix'],
    'The prefix',
  )
  twice(
    policy.people.map((person) => person.key),
    (index) => ['people', index, 'key'],
    'The person',
  )
  twice(
    policy.people.map((person) => person.mail?.toLowerCase()),
    (index) => ['people', index, 'mail'],
    'The mail address',
  )
  for (const platform of PLATFORMS) {
    twice(
      policy.queues.map((queue) => queue.channels[platform]),
      (index) => ['queues', index, 'channels', platform],
      'The channel',
    )
    twice(
      policy.people.map((person) => person.identities[platform]),
      (index) => ['people', index, 'identities', platform],
      'The identity',
    )
  }
  policy.queues.forEach((queue, index) => {
    if (!(queue.calendar in policy.calendars)) {
      flaw(
        ['queues', index, 'calendar'],
        `There is no calendar "${queue.calendar}"; add it under calendars or name another.`,
      )
    }
    const works = (grant: Partial<Record<string, string>>) =>
      [grant.agent, grant.lead].some((of) => of === queue.key || of === '*')
    if (!policy.people.some((person) => person.roles.some(works))) {
      flaw(
        ['queues', index],
        `Nobody is an agent or lead of "${queue.key}"; give somebody the role {agent: ${queue.key}}.`,
      )
    }
  })
  if (!queues.has(policy.default_queue))
    flaw(['default_queue'], `There is no queue "${policy.default_queue}".`)
  policy.people.forEach((person, index) => {
    person.roles.forEach((grant, place) => {
      for (const [role, queue] of Object.entries(grant)) {
        if (queue !== '*' && !queues.has(queue)) {
          flaw(
            ['people', index, 'roles', place, role],
            `There is no queue "${queue}"; name one of ${[...queues].join(', ')}, or "*".`,
          )
        }
      }
    })
  })
  return flaws
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
