import type { Locale } from '../text/say.ts'
import { say } from '../text/say.ts'

/** A moment as a reader in `zone` (IANA) would write it: the time alone today, the weekday within a week, else the date. */
export function moment(at: Date, now: Date, locale: Locale, zone: string): string {
  const tag = locale === 'zh' ? 'zh-CN' : 'en-GB'
  const day = (date: Date) =>
    new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(date)
  const time = new Intl.DateTimeFormat(tag, { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(at)
  if (day(at) === day(now)) return time
  const near = Math.abs(at.getTime() - now.getTime()) < 6 * 86_400_000
  const options: Intl.DateTimeFormatOptions = near ? { weekday: 'short' } : { month: 'short', day: 'numeric' }
  return `${new Intl.DateTimeFormat(tag, { timeZone: zone, ...options }).format(at)} ${time}`
}

/** A span of time in its two largest units: "2 h 5 min". */
export function span(milliseconds: number, locale: Locale): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000))
  const days = Math.floor(minutes / 1440)
  const hours = Math.floor((minutes % 1440) / 60)
  const rest = minutes % 60
  if (days > 0)
    return hours > 0 ? say(locale, 'span.days-hours', { days, hours }) : say(locale, 'span.days', { days })
  if (hours > 0)
    return rest > 0
      ? say(locale, 'span.hours-minutes', { hours, minutes: rest })
      : say(locale, 'span.hours', { hours })
  return say(locale, 'span.minutes', { minutes: rest })
}
