import type { InboundEvent } from './event.ts'
import type { Handling } from './handle.ts'
import { handleBatch } from './handle.ts'
import type { Clock, Log } from './ports.ts'
import type { Claimed, InboxStore } from './store.ts'

/** Events at once in one transaction; more wait for the next one. */
const BATCH_MAX = 128
/**
 * A storm is acknowledged before it is worked: while webhooks keep coming, handling waits, but never longer than this.
 * The acknowledgement has a deadline (Slack's is 3 s), the card has none.
 */
const HANDLING_WAITS_MS = 2_000
/** A storm has passed when there was none for this long. */
const STORM_MS = 150
/** So many acknowledgements under way at once are a storm. */
const STORM_KNOCKS = 16
/** A door at which nobody has knocked for this long is quiet. */
const QUIET_MS = 8
/** What the desk tells itself is no knock at the door. */
const OWN: ReadonlySet<InboundEvent['type']> = new Set<InboundEvent['type']>([
  'profile',
  'captured',
  'file-stored',
  'timer',
])
/** For this long nobody else touches an event that this process has accepted. */
export const LEASE_MS = 20_000
/** An event that has failed this often is parked for an administrator. */
export const ATTEMPTS_MAX = 8

export interface Ingest {
  /** Resolves when the events are durable; handling goes on behind. A key that is known already has no effect. */
  accept(workspace: string, events: readonly InboundEvent[]): Promise<void>
  /** Takes over what other processes left behind, and what was put off. Returns how many. */
  sweep(): Promise<number>
  /** Whether events are coming in faster than they are worked; what can wait then does. */
  isStormy(): boolean
  /** Resolves when nothing that was accepted here is waiting any more. */
  settled(): Promise<void>
}

/**
 * From the doors to the desk: durable first, then handled in batches, one batch a workspace at a time, in the order of
 * arrival. `handled` is called after each batch, so that the outbox need not wait for its heartbeat.
 */
export function ingestWith(options: {
  inbox: InboxStore
  handling: Handling
  clock: Clock
  log: Log
  /** Names this process in leases. */
  owner: string
  handled(): void
}): Ingest {
  const { inbox, handling, clock, log, owner, handled } = options
  const waiting = new Map<string, Claimed[]>()
  const running = new Map<string, Promise<void>>()
  /** What waits or is being handled here, by workspace and key. */
  const inHand = new Set<string>()

  let knocking = 0
  let lastKnock = 0
  let lastStorm = 0

  function isQuiet(): boolean {
    return knocking === 0 && clock.real().getTime() - lastKnock >= QUIET_MS
  }

  async function calm(): Promise<void> {
    const since = clock.real().getTime()
    while (!isQuiet() && clock.real().getTime() - since < HANDLING_WAITS_MS) {
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS))
    }
  }

  function lease() {
    return { owner, until: new Date(clock.real().getTime() + LEASE_MS) }
  }

  const handleOf = (claimed: Claimed) => `${claimed.workspace} ${claimed.event.key}`

  function enqueue(workspace: string, claimed: readonly Claimed[]): void {
    for (const one of claimed) inHand.add(handleOf(one))
    const queue = waiting.get(workspace)
    if (queue === undefined) waiting.set(workspace, [...claimed])
    else queue.push(...claimed)
    if (!running.has(workspace)) {
      running.set(
        workspace,
        drain(workspace).finally(() => {
          running.delete(workspace)
          if ((waiting.get(workspace)?.length ?? 0) > 0) enqueue(workspace, [])
        }),
      )
    }
  }

  async function drain(workspace: string): Promise<void> {
    await calm()
    for (let batch = next(workspace); batch.length > 0; batch = next(workspace)) {
      await handleAll(workspace, batch)
      for (const one of batch) inHand.delete(handleOf(one))
      handled()
      await calm()
    }
  }

  function next(workspace: string): readonly Claimed[] {
    return waiting.get(workspace)?.splice(0, BATCH_MAX) ?? []
  }

  async function handleAll(workspace: string, batch: readonly Claimed[]): Promise<void> {
    try {
      await handleBatch(workspace, batch, handling)
    } catch (error) {
      if (batch.length === 1) return fail(batch[0]!, error)
      log.warn(
        { workspace, events: batch.length, code: codeOf(error) },
        'a batch failed; its events are taken one by one',
      )
      for (const one of batch) await handleAll(workspace, [one])
    }
  }

  async function fail(claimed: Claimed, error: unknown): Promise<void> {
    const { workspace, event, attempts } = claimed
    const code = codeOf(error)
    const again = new Date(clock.real().getTime() + backoff(attempts))
    try {
      const fate = await inbox.failed(workspace, event.key, code, again, ATTEMPTS_MAX)
      const fields = { workspace, type: event.type, attempts: attempts + 1, code }
      if (fate === 'parked') log.error(fields, 'an event is parked: it fails again and again')
      else log.warn(fields, 'an event failed and will be tried again')
    } catch (second) {
      // The database is away. The lease ends by itself, and then the event is taken over by whoever is there.
      log.error({ workspace, code: codeOf(second) }, 'an event failed, and so did the note of it')
    }
  }

  return {
    async accept(workspace, events) {
      if (events.length === 0) return
      const outside = events.some((event) => !OWN.has(event.type))
      if (outside) knocking++
      if (knocking > STORM_KNOCKS) lastStorm = clock.real().getTime()
      const fresh = await inbox.accept(workspace, events, lease(), clock.now()).finally(() => {
        if (!outside) return
        knocking--
        lastKnock = clock.real().getTime()
      })
      const claimed = events
        .filter((event) => fresh.has(event.key))
        .map((event) => ({ workspace, event, attempts: 0 }))
      if (claimed.length > 0) enqueue(workspace, claimed)
    },
    async sweep() {
      const claimed = await inbox.takeOver(BATCH_MAX, lease(), clock.real())
      // In a long backlog the lease of what waits here may end. Taking it over again renews it, and that is all.
      const fresh = claimed.filter((one) => !inHand.has(handleOf(one)))
      for (const one of fresh) enqueue(one.workspace, [one])
      return fresh.length
    },
    isStormy: () =>
      clock.real().getTime() - lastStorm < STORM_MS ||
      [...waiting.values()].some((queue) => queue.length > BATCH_MAX),
    async settled() {
      while (running.size > 0) await Promise.allSettled([...running.values()])
    },
  }
}

/** Milliseconds: half a second, doubled with each attempt, at most a minute. */
function backoff(attempts: number): number {
  return Math.min(60_000, 500 * 2 ** attempts)
}

/** A word for the log: the SQLSTATE or the error's class, never its message, which may quote data. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const cause = error.cause
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.name
}
