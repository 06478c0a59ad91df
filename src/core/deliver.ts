import type { Adapter, Payload, Receipt } from './adapter.ts'
import { Fault } from './adapter.ts'
import { compose } from './compose.ts'
import { platformOfLane } from './desk.ts'
import type { InboundEvent, Platform } from './event.ts'
import type { Clock, Files, Log } from './ports.ts'
import type { DueErrand, OutboxStore, ReadStore } from './store.ts'

/** Milliseconds that one call to a platform may take. */
const CALL_MS = 15_000
/** Bytes of one attachment. */
export const FILE_MAX = 10 * 1024 * 1024
/** After this many failures that are worth a repetition an errand is a dead letter: about eight hours. */
const ATTEMPTS_MAX = 30

export interface Delivering {
  readonly adapters: ReadonlyMap<Platform, Adapter>
  readonly outbox: OutboxStore
  readonly read: ReadStore
  readonly files: Files
  readonly clock: Clock
  readonly log: Log
  /** Chance for the jitter of the back-off, 0 to 1. */
  chance(): number
  /** What a fetch brought goes back through the inbox. */
  emit(workspace: string, events: readonly InboundEvent[]): Promise<void>
}

export type Delivered =
  | { readonly kind: 'done' }
  /** The lane waits until then; what is behind this errand keeps its place. */
  | { readonly kind: 'wait'; readonly until: Date }

/**
 * Does one errand: draws it from the newest state, hands it to the platform, saves the receipt. Never throws for what a
 * platform does; a failure is written down with the time of the next attempt.
 */
export async function deliver(errand: DueErrand, with_: Delivering): Promise<Delivered> {
  const { outbox, clock, log } = with_
  const adapter = with_.adapters.get(platformOfLane(errand.lane))
  const receipts: Receipt[] = [...errand.receipts]
  try {
    if (adapter === undefined) throw new Fault('reconnect', 'platform-off')
    const opens = await carryOut(errand, adapter, receipts, with_)
    const first = receipts[0]
    await outbox.delivered(
      errand,
      receipts,
      opens !== null && first !== undefined ? { threadId: opens, root: first } : null,
      clock.real(),
    )
    return { kind: 'done' }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const again = nextAttempt(error, errand, with_)
    await outbox.failed(
      errand,
      {
        code: `${error.kind}:${error.code}`,
        // A doubt stays until a send has ended: this attempt may have failed while it was looking for the last one.
        unsure: error.unsure || errand.unsure,
        again,
        receipts,
      },
      clock.real(),
    )
    const fields = {
      workspace: errand.workspace,
      errand: errand.intent.kind,
      lane: errand.lane,
      attempts: errand.attempts + 1,
      code: error.code,
      fault: error.kind,
    }
    if (again === null) log.error(fields, 'a delivery is given up; see `gongdan outbox list`')
    else log.warn(fields, 'a delivery will be tried again')
    return again === null ? { kind: 'done' } : { kind: 'wait', until: again }
  }
}

/** Returns the thread that the first receipt opens. Pushes each receipt as it comes, so that none is lost on a fault. */
async function carryOut(
  errand: DueErrand,
  adapter: Adapter,
  receipts: Receipt[],
  with_: Delivering,
): Promise<string | null> {
  const { intent, workspace } = errand
  const { clock, files } = with_
  if (intent.kind === 'profile') {
    const profile = await adapter.profile(intent.person, intent.place.install, AbortSignal.timeout(CALL_MS))
    await with_.emit(workspace, [
      {
        type: 'profile',
        key: `profile:${errand.id}`,
        at: clock.now(),
        place: intent.place,
        person: intent.person,
        name: profile?.name ?? null,
        mail: profile?.mail ?? null,
        locale: profile?.locale ?? null,
        zone: profile?.zone ?? null,
      },
    ])
    return null
  }
  if (intent.kind === 'backfill') {
    const messages = await adapter.history(intent.place, intent.messageId, AbortSignal.timeout(CALL_MS))
    const root = messages[0]?.messageId ?? intent.messageId
    await with_.emit(workspace, [
      {
        type: 'captured',
        key: `captured:${errand.id}`,
        at: clock.now(),
        place: { ...intent.place, thread: intent.place.thread ?? root },
        from: { id: intent.person, name: null, locale: null },
        messages: messages.slice(0, 200).map((one) => ({ ...one, files: [...one.files] })),
      },
    ])
    return null
  }
  if (intent.kind === 'file') {
    await fetchFile(errand, adapter, with_)
    return null
  }
  const composed = await compose(workspace, intent, with_.read, clock.now())
  if (composed === null) return null
  const payloads = adapter.render(composed.message, composed.locale)
  await with_.outbox.sending(errand)
  for (const [index, payload] of payloads.entries()) {
    const replaces = receipts[index] ?? null
    if (replaces !== null && adapter.abilities.edit === 'none') continue
    const send = (old: Receipt | null, unsure: boolean) =>
      adapter.send(
        payload as Payload,
        { install: composed.install, to: composed.to, replaces: old },
        {
          key: `${errand.id}.${index}`,
          unsure,
          signal: AbortSignal.timeout(CALL_MS),
          file: async (id) => {
            const file = await files.get(workspace, id)
            if (file === null) throw new Fault('gone', 'file')
            return file.bytes
          },
        },
      )
    receipts[index] = await send(replaces, errand.unsure)
    // A doubtful post may have been found as it was drawn then; what has changed since must not be lost.
    if (replaces === null && errand.unsure && adapter.abilities.edit === 'any')
      receipts[index] = await send(receipts[index], false)
  }
  return composed.opens
}

async function fetchFile(errand: DueErrand, adapter: Adapter, with_: Delivering): Promise<void> {
  const { intent, workspace } = errand
  if (intent.kind !== 'file') return
  const { clock, files } = with_
  let refusal: string | null = intent.file.size > FILE_MAX ? 'too-large' : null
  if (refusal === null) {
    try {
      const bytes = await adapter.download(
        intent.file,
        intent.place.install,
        FILE_MAX,
        AbortSignal.timeout(4 * CALL_MS),
      )
      await files.put(
        workspace,
        { id: intent.attachmentId, name: intent.file.name, mime: intent.file.mime, bytes },
        clock.now(),
      )
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'gone') throw error
      refusal = error.code.slice(0, 64)
    }
  }
  await with_.emit(workspace, [
    {
      type: 'file-stored',
      key: `file-stored:${intent.attachmentId}`,
      at: clock.now(),
      place: intent.place,
      messageId: intent.messageId,
      file: intent.attachmentId,
      refusal,
    },
  ])
}

/** When to try again; null: never by itself. A `reconnect` waits for an administrator without being given up. */
function nextAttempt(fault: Fault, errand: DueErrand, { clock, chance }: Delivering): Date | null {
  const now = clock.real().getTime()
  if (fault.kind === 'gone' || fault.kind === 'bug') return null
  if (fault.kind === 'reconnect') return new Date(now + 60_000)
  if (errand.attempts + 1 >= ATTEMPTS_MAX) return null
  // A platform that names a delay is obeyed to the second; else 1 s, 2 s, 4 s … at most 20 min, spread by a half.
  const wait = fault.afterMs ?? Math.min(1_200_000, 1000 * 2 ** errand.attempts) * (0.75 + chance() / 2)
  return new Date(now + wait)
}
