import type { Locale } from '../text/say.ts'
import { say } from '../text/say.ts'

/** A moment as a reader in `zone` (IANA) would write it: the time alone today, the weekday within a week, else the date. */
export function moment(at: Date, now: Date, locale: Locale, zone: string): string {
  const forms = formsOf(locale, zone)
  const time = forms.time.format(at)
  if (forms.day.format(at) === forms.day.format(now)) return time
  const near = Math.abs(at.getTime() - now.getTime()) < 6 * 86_400_000
  return `${(near ? forms.weekday : forms.date).format(at)} ${time}`
}

interface Forms {
  readonly day: Intl.DateTimeFormat
  readonly time: Intl.DateTimeFormat
  readonly weekday: Intl.DateTimeFormat
  readonly date: Intl.DateTimeFormat
}

/** A formatter costs half a millisecond to make, and there are as many as languages times zones. */
const made = new Map<string, Forms>()

function formsOf(locale: Locale, zone: string): Forms {
  const key = `${locale} ${zone}`
  const known = made.get(key)
  if (known !== undefined) return known
  const tag = locale === 'zh' ? 'zh-CN' : 'en-GB'
  const form = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(tag, { timeZone: zone, ...options })
  const fresh: Forms = {
    day: form({ dateStyle: 'short' }),
    time: form({ hour: '2-digit', minute: '2-digit' }),
    weekday: form({ weekday: 'short' }),
    date: form({ month: 'short', day: 'numeric' }),
  }
  made.set(key, fresh)
  return fresh
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
