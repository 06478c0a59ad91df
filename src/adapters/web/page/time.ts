import type { Locale } from '../../../core/text/say.ts'
import { pageTexts } from './texts.ts'

/** Times are told by the desk's clock and in the desk's zone, so that business hours look like business hours. */

const tags: Record<Locale, string> = { en: 'en-GB', zh: 'zh-CN' }
const formats = new Map<string, Intl.DateTimeFormat>()

function format(
  locale: Locale,
  zone: string,
  name: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${locale}:${zone}:${name}`
  const made = formats.get(key) ?? new Intl.DateTimeFormat(tags[locale], { ...options, timeZone: zone })
  formats.set(key, made)
  return made
}

/** `14:05`. */
export function clockTime(at: number, locale: Locale, zone: string): string {
  return format(locale, zone, 'clock', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
}

/** `Mon 14:05`, for the desk's clock in the bar. */
export function weekTime(at: number, locale: Locale, zone: string): string {
  const day = format(locale, zone, 'week', { weekday: 'short', day: 'numeric', month: 'short' }).format(at)
  return `${day} ${clockTime(at, locale, zone)}`
}

/** Date, time and zone in full, for tooltips. */
export function fullTime(at: number, locale: Locale, zone: string): string {
  return format(locale, zone, 'full', { dateStyle: 'full', timeStyle: 'long' }).format(at)
}

/** `just now`, `12 min`, then the time of day; the day itself stands in the divider above. */
export function shortTime(at: number, now: number, locale: Locale, zone: string): string {
  const minutes = Math.floor((now - at) / 60_000)
  if (minutes < 1) return pageTexts[locale].justNow
  if (minutes < 60) {
    return new Intl.RelativeTimeFormat(tags[locale], { style: 'short' }).format(-minutes, 'minute')
  }
  return clockTime(at, locale, zone)
}

/** A value that changes with the day in the zone. */
export function dayOf(at: number, zone: string): string {
  return format('en', zone, 'day', { dateStyle: 'short' }).format(at)
}

/** `Today`, `Yesterday`, or the date. */
export function dayName(at: number, now: number, locale: Locale, zone: string): string {
  const day = dayOf(at, zone)
  if (day === dayOf(now, zone)) return pageTexts[locale].today
  if (day === dayOf(now - 86_400_000, zone)) return pageTexts[locale].yesterday
  return format(locale, zone, 'date', { weekday: 'long', day: 'numeric', month: 'long' }).format(at)
}
