import type { Platform } from '../core/event.ts'
import { PLATFORMS } from '../core/event.ts'
import type { Clock } from '../core/ports.ts'
import { deskStore } from '../db/desk-store.ts'
import { DEMO_POLICY, installOf, machine } from '../main.ts'
import { soundPolicy } from './policy.ts'
import type { Exit, Print } from './print.ts'
import { emptyRehearsal, rehearsalOn } from './rehearsal.ts'
import { replay } from './replay.ts'
import type { Tools } from './tools.ts'

/** Plays a webhook body to a desk that has a policy with its people and nothing else. Needs no database. */
export async function replayOnEmpty(
  platform: string,
  file: string,
  policyFile: string | null,
  print: Print,
): Promise<Exit> {
  const policy = await soundPolicy(policyFile ?? DEMO_POLICY, print)
  if (typeof policy === 'number') return policy
  const clock: Clock = { real: machine.real, now: machine.real }
  const rehearsal = emptyRehearsal(policy, installOf, () => machine.ids.next())
  return replay(
    platform,
    file,
    { workspace: 'replay', rehearsal, live: liveFor(platform), clock, ids: machine.ids },
    print,
  )
}

/** Plays it to the present data of the home workspace, and writes nothing. */
export async function replayOnData(
  platform: string,
  file: string,
  tools: Tools,
  print: Print,
): Promise<Exit> {
  const { workspace, clock, connection, seal, read } = tools
  const rehearsal = rehearsalOn(deskStore(connection.database, seal, clock), read)
  return replay(
    platform,
    file,
    { workspace, rehearsal, live: liveFor(platform), clock, ids: machine.ids },
    print,
  )
}

/** The web chat and the platform of the recording, as if both were on. */
function liveFor(platform: string): ReadonlyMap<Platform, string> {
  return new Map(
    PLATFORMS.filter((one) => one === 'web' || one === platform).map((one) => [one, installOf(one)]),
  )
}
