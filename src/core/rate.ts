/**
 * A token bucket per conversation, in memory: it only smooths what one process sends. What a platform really allows is
 * said by its 429, which the lane's row remembers for every process.
 */
export interface Pace {
  /** When the next message may go to `lane`; takes the token if that is now. */
  next(lane: string, perMinute: number, now: Date): Date
}

/** Buckets of `BURST` tokens, refilled evenly over the minute. */
export function pace(): Pace {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return {
    next(lane, perMinute, now) {
      const refill = perMinute / 60_000
      const burst = Math.max(1, Math.min(BURST, perMinute / 4))
      const old = buckets.get(lane) ?? { tokens: burst, at: now.getTime() }
      const tokens = Math.min(burst, old.tokens + (now.getTime() - old.at) * refill)
      if (buckets.size > LANES_REMEMBERED) buckets.clear()
      if (tokens < 1) {
        buckets.set(lane, { tokens, at: now.getTime() })
        return new Date(now.getTime() + (1 - tokens) / refill)
      }
      buckets.set(lane, { tokens: tokens - 1, at: now.getTime() })
      return now
    },
  }
}

const BURST = 20
const LANES_REMEMBERED = 10_000
