import type { Delivering } from './deliver.ts'
import { deliver } from './deliver.ts'
import { platformOfLane } from './desk.ts'
import type { Ingest } from './ingest.ts'
import { codeOf } from './ingest.ts'
import type { Clock, Log } from './ports.ts'
import { pace } from './rate.ts'
import type { LaneClaim, OutboxStore, TimerStore } from './store.ts'

/** Lanes that are worked at the same time. Each waits for its platform, so more lanes cost little. */
const LANES_MAX = 24
/** In a storm of webhooks sending waits, but not longer than this: then a few lanes go on beside it. */
const STORM_PATIENCE_MS = 3_000
const LANES_IN_STORM = 2
/** Errands of one lane that are looked at in one go. */
const LANE_BATCH = 20
const LANE_LEASE_MS = 60_000
const TIMERS_MAX = 500

export interface Worker {
  /** Looks for whatever is due; many calls at once are one look. Never throws. */
  poke(): void
  /** Something was just put into the outbox: it is sent without waiting for the next look. */
  send(): void
  /** Lets go of what has not been begun, and waits for what has. */
  stop(): Promise<void>
  /** When the last complete look ended, by the real clock; null before the first. */
  lastLook(): Date | null
}

/**
 * Finds work that is due and does it: left-behind events, timers, lanes of the outbox. Any number of processes may run
 * one; leases keep them apart, and a process that dies is followed by whoever looks next.
 */
export function workerWith(options: {
  delivering: Delivering
  ingest: Ingest
  outbox: OutboxStore
  timers: TimerStore
  clock: Clock
  log: Log
  owner: string
}): Worker {
  const { delivering, ingest, outbox, timers, clock, log, owner } = options
  const busy = new Set<Promise<void>>()
  const rate = pace()
  let stopping = false
  const look = one(everything)
  const send = one(() => guard('outbox', takeLanes))
  let last: Date | null = null
  let stormSince: number | null = null

  async function everything(): Promise<void> {
    await guard('inbox', () => ingest.sweep())
    await guard('timers', fireTimers)
    await guard('outbox', takeLanes)
    last = clock.real()
  }

  /** A fault here is the database's: it is logged, and the next heartbeat tries again. */
  async function guard(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      log.error({ what, code: codeOf(error) }, 'looking for work failed')
    }
  }

  async function fireTimers(): Promise<void> {
    const due = await timers.due(clock.now(), TIMERS_MAX)
    for (const timer of due) {
      const key = `timer:${timer.key}:${timer.dueAt.getTime()}`
      // The event's key makes it one event however many processes see the timer; it is forgotten only after that.
      await ingest.accept(timer.workspace, [
        {
          type: 'timer',
          key,
          at: timer.dueAt,
          place: { platform: 'web', install: 'desk', channel: 'desk', direct: false, thread: null },
          timer: timer.key,
          ticketId: timer.ticketId,
          kind: timer.kind,
        },
      ])
      await timers.fired(timer.workspace, timer.key, timer.dueAt)
    }
  }

  function lanesNow(): number {
    if (!ingest.isStormy()) {
      stormSince = null
      return LANES_MAX
    }
    stormSince ??= clock.real().getTime()
    return clock.real().getTime() - stormSince < STORM_PATIENCE_MS ? 0 : LANES_IN_STORM
  }

  async function takeLanes(): Promise<void> {
    const room = lanesNow() - busy.size
    if (room <= 0 || stopping) return
    const lease = { owner, until: leaseEnd() }
    for (const claim of await outbox.claimLanes(room, lease, clock.real())) {
      const work = workLane(claim)
        .catch((error: unknown) =>
          log.error({ lane: claim.lane, code: codeOf(error) }, 'a lane failed; its lease will end'),
        )
        .finally(() => {
          busy.delete(work)
          send.start()
        })
      busy.add(work)
    }
  }

  function leaseEnd(): Date {
    return new Date(clock.real().getTime() + LANE_LEASE_MS)
  }

  async function workLane(claim: LaneClaim): Promise<void> {
    const perMinute = delivering.adapters.get(platformOfLane(claim.lane))?.abilities.ratePerMinute ?? 60
    let blocked: Date | null = null
    let until = leaseEnd()
    for (const errand of await outbox.errands(claim, clock.real(), LANE_BATCH)) {
      // A slow platform may take longer than the lease; somebody else would then send the same once more.
      if (until.getTime() - clock.real().getTime() < LANE_LEASE_MS / 2) {
        until = leaseEnd()
        if (!(await outbox.hold(claim, { owner, until }))) return
      }
      const free = rate.next(claim.lane, perMinute, clock.real())
      if (free > clock.real()) {
        blocked = free
        break
      }
      const outcome = await deliver(errand, delivering)
      if (outcome.kind === 'wait') {
        blocked = outcome.until
        break
      }
      if (stopping || busy.size > lanesNow()) break
    }
    await outbox.leave(claim, blocked, clock.real())
  }

  /** Runs `work` one at a time; any number of calls while it runs are one more run after it. */
  function one(work: () => Promise<void>): { start(): void; settled(): Promise<void> } {
    let running: Promise<void> | null = null
    let again = false
    function start(): void {
      if (stopping) return
      if (running !== null) {
        again = true
        return
      }
      running = work().finally(() => {
        running = null
        if (!again) return
        again = false
        start()
      })
    }
    return { start, settled: async () => void (await running) }
  }

  return {
    poke: look.start,
    send: send.start,
    async stop() {
      stopping = true
      await Promise.all([look.settled(), send.settled()])
      await Promise.allSettled([...busy])
    },
    lastLook: () => last,
  }
}
