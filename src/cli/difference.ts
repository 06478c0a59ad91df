import type { Policy } from '../core/policy.ts'

/**
 * What a new policy would change, in lines for a person: `+` what is new, `-` what goes, `~` what becomes different.
 * Queues, people and calendars are followed by their keys, so a moved line is no change.
 */
export function differences(before: Policy | null, after: Policy): readonly string[] {
  const rest = (policy: Policy | null) => {
    if (policy === null) return {}
    const { queues: _queues, people: _people, calendars: _calendars, version: _version, ...others } = policy
    return others
  }
  return [
    ...keyed('queue', byKey(before?.queues), byKey(after.queues)),
    ...keyed('person', byKey(before?.people), byKey(after.people)),
    ...keyed('calendar', before?.calendars ?? {}, after.calendars),
    ...changes(rest(before), rest(after), []).map((change) => `~ ${change}`),
  ]
}

function byKey<T extends { readonly key: string }>(
  all: readonly T[] | undefined,
): Readonly<Record<string, T>> {
  return Object.fromEntries((all ?? []).map((one) => [one.key, one]))
}

function keyed(
  noun: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] {
  const lines: string[] = []
  for (const [key, value] of Object.entries(after)) {
    if (!(key in before)) {
      lines.push(`+ ${noun} ${key}`)
      continue
    }
    const found = changes(before[key], value, [])
    if (found.length > 0) lines.push(`~ ${noun} ${key}`, ...found.map((change) => `    ${change}`))
  }
  for (const key of Object.keys(before)) if (!(key in after)) lines.push(`- ${noun} ${key}`)
  return lines
}

function changes(before: unknown, after: unknown, path: readonly string[]): readonly string[] {
  const name = path.join('.')
  if (Array.isArray(before) && Array.isArray(after))
    return listChange(name, before.map(written), after.map(written))
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => changes(before[key], after[key], [...path, key]))
  }
  if (written(before) === written(after)) return []
  if (before === undefined) return [`${name}: + ${written(after)}`]
  if (after === undefined) return [`${name}: - ${written(before)}`]
  return [`${name}: ${written(before)} → ${written(after)}`]
}

function listChange(name: string, before: readonly string[], after: readonly string[]): readonly string[] {
  const added = after.filter((one) => !before.includes(one)).map((one) => `+${one}`)
  const gone = before.filter((one) => !after.includes(one)).map((one) => `-${one}`)
  if (added.length + gone.length > 0) return [`${name}: ${[...added, ...gone].join(' ')}`]
  return before.join() === after.join() ? [] : [`${name}: another order`]
}

/** A value on one line: words as they are, roles as `agent it`, anything else as JSON. */
function written(value: unknown): string {
  if (typeof value === 'string') return value
  if (isRecord(value)) {
    const parts = Object.entries(value).filter(([, part]) => part !== undefined)
    return parts.map(([key, part]) => `${key} ${written(part)}`).join(', ')
  }
  return JSON.stringify(value) ?? ''
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
