import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks `condition` every 20 ms until it is true (or returns something truthy, which is handed back). Throws
 * after `withinMs` naming `what`; an error thrown by `condition` ends the wait at once.
 */
export async function waitFor<T>(
  what: string,
  withinMs: number,
  condition: () => Promise<T | false | null | undefined> | T | false | null | undefined,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await condition()
    if (answer !== false && answer !== null && answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`)
    await sleep(20)
  }
}
