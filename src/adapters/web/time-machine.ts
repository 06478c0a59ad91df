import { Temporal } from 'temporal-polyfill'
import { z } from 'zod'

/** Moves the desk's clock forward, demo mode only. Resolves to the desk's new time. */
export interface TimeMachine {
  advance(step: TimeStep): Promise<Date>
}

export type TimeStep =
  | { readonly kind: 'by'; readonly milliseconds: number }
  /** To the opening of the next business day of the desk's calendar. */
  | { readonly kind: 'next-business-day' }

const LONGEST_MS = 366 * 86_400_000

const request = z.object({ advance: z.string().min(1).max(60) })

export type StepCheck =
  | { readonly ok: true; readonly step: TimeStep }
  | { readonly ok: false; readonly error: 'clock.malformed' | 'clock.backwards' | 'clock.too-far' }

/**
 * Reads `{"advance": "PT1H" | "next-business-day"}`. Durations are ISO 8601; years, months and days are counted in UTC
 * from `now`. Refuses what is no duration, what does not move forward, and more than 366 days.
 */
export function readStep(body: unknown, now: Date): StepCheck {
  const parsed = request.safeParse(body)
  if (!parsed.success) return { ok: false, error: 'clock.malformed' }
  if (parsed.data.advance === 'next-business-day') return { ok: true, step: { kind: 'next-business-day' } }
  const milliseconds = lengthOf(parsed.data.advance, now)
  if (milliseconds === null) return { ok: false, error: 'clock.malformed' }
  if (milliseconds <= 0) return { ok: false, error: 'clock.backwards' }
  if (milliseconds > LONGEST_MS) return { ok: false, error: 'clock.too-far' }
  return { ok: true, step: { kind: 'by', milliseconds } }
}

function lengthOf(text: string, now: Date): number | null {
  try {
    const start = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO('UTC')
    const end = start.add(Temporal.Duration.from(text))
    return end.epochMilliseconds - start.epochMilliseconds
  } catch (error) {
    // The only errors here are about the text: not ISO 8601, or beyond the range of dates.
    if (error instanceof RangeError) return null
    throw error
  }
}
