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

/** When business next begins after `at`: the start of the first window that starts later. Null without windows. */
export function nextOpening(calendar: PolicyCalendar, at: Date): Date | null {
  for (const window of windows(calendar, at.getTime())) {
    if (window.from > at.getTime()) return new Date(window.from)
  }
  return null
}

/** The windows from the day of `from` on, in order; overlapping ones of a day are joined. Ends when no more can come. */
function* windows(calendar: PolicyCalendar, from: number): Generator<Interval> {
  const first = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(calendar.zone).toPlainDate()
  let idle = 0
  for (let offset = 0; idle <= HORIZON_DAYS; offset++) {
    const day = first.add({ days: offset })
    const spans = calendar.week[DAYS[day.dayOfWeek - 1]!].toSorted()
    idle = spans.length === 0 ? idle + 1 : 0
    let end = 0
    for (const span of spans) {
      const next = interval(day, span, calendar.zone)
      if (next.to <= end) continue
      yield { from: Math.max(next.from, end), to: next.to }
      end = next.to
    }
  }
}

function interval(day: Temporal.PlainDate, span: string, zone: string): Interval {
  return { from: instant(day, span.slice(0, 5), zone), to: instant(day, span.slice(6), zone) }
}

function instant(day: Temporal.PlainDate, time: string, zone: string): number {
  const date = time === '24:00' ? day.add({ days: 1 }) : day
  return date.toZonedDateTime({ timeZone: zone, plainTime: time === '24:00' ? '00:00' : time })
    .epochMilliseconds
}
