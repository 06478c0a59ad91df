import { Temporal } from 'temporal-polyfill'
import type { PolicyCalendar } from '../policy.ts'

/**
 * Business time: the only file that knows which hours count. A window is local wall time in the calendar's zone and is
 * turned into instants day by day, so that a day with a change of daylight saving time is as long as it really is.
 */

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
/** A calendar whose next window is further away than this has none. */
const HORIZON_DAYS = 400

interface Interval {
  readonly from: number
  readonly to: number
}

/**
 * The instant at which `duration` milliseconds of business time have passed since `from`. Null if the calendar has no
 * windows: no deadline, never a loop.
 */
export function addBusinessTime(calendar: PolicyCalendar, from: Date, duration: number): Date | null {
  let left = duration
  for (const window of windows(calendar, from.getTime())) {
    const start = Math.max(window.from, from.getTime())
    const length = window.to - start
    if (length <= 0) continue
    if (left <= length) return new Date(start + left)
    left -= length
  }
  return null
}

/** Milliseconds of business time between two instants; 0 when `to` is not after `from`. */
export function businessTimeBetween(calendar: PolicyCalendar, from: Date, to: Date): number {
  let sum = 0
  for (const window of windows(calendar, from.getTime())) {
    if (window.from >= to.getTime()) break
    sum += Math.max(0, Math.min(window.to, to.getTime()) - Math.max(window.from, from.getTime()))
  }
  return sum
}

/** When business begins on the next local date that has any. Null without windows. */
export function nextBusinessDay(calendar: PolicyCalendar, at: Date): Date | null {
  const date = (instant: number) =>
    Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(calendar.zone).toPlainDate().toString()
  const today = date(at.getTime())
  for (const window of windows(calendar, at.getTime())) {
    if (date(window.from) > today) return new Date(window.from)
  }
  return null
}

/** The windows that end after `from`, in order. Ends when no more can come. */
function* windows(calendar: PolicyCalendar, from: number): Generator<Interval> {
  let idle = 0
  // A local date begins at most a day before or after the UTC date of the same name.
  for (let day = Math.floor(from / DAY_MS) - 1; idle <= HORIZON_DAYS; day++) {
    const found = windowsOf(calendar, day)
    idle = found.length === 0 ? idle + 1 : 0
    for (const window of found) if (window.to > from) yield window
  }
}

const DAY_MS = 86_400_000
/** Days remembered for a calendar; a year of them is what deadlines ever ask for. */
const DAYS_MAX = 800

const known = new WeakMap<PolicyCalendar, Map<number, readonly Interval[]>>()

/** The windows of one local date (by its number of days since 1970), overlapping ones joined. Time zones are slow: remembered. */
function windowsOf(calendar: PolicyCalendar, number: number): readonly Interval[] {
  const days = known.get(calendar) ?? new Map<number, readonly Interval[]>()
  known.set(calendar, days)
  const found = days.get(number)
  if (found !== undefined) return found
  const day = EPOCH.add({ days: number })
  const joined: Interval[] = []
  for (const span of calendar.week[DAYS[day.dayOfWeek - 1]!].toSorted()) {
    const next = interval(day, span, calendar.zone)
    const last = joined.at(-1)
    if (last !== undefined && next.from <= last.to) {
      joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, next.to) }
    } else if (next.to > next.from) {
      joined.push(next)
    }
  }
  if (days.size >= DAYS_MAX) days.clear()
  days.set(number, joined)
  return joined
}

const EPOCH = Temporal.PlainDate.from('1970-01-01')

function interval(day: Temporal.PlainDate, span: string, zone: string): Interval {
  return { from: instant(day, span.slice(0, 5), zone), to: instant(day, span.slice(6), zone) }
}

function instant(day: Temporal.PlainDate, time: string, zone: string): number {
  const date = time === '24:00' ? day.add({ days: 1 }) : day
  return date.toZonedDateTime({ timeZone: zone, plainTime: time === '24:00' ? '00:00' : time })
    .epochMilliseconds
}
