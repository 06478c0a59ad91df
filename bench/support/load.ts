import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'

export interface Shot {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Volley {
  /** Seconds from the first request to the last answer. */
  readonly seconds: number
  /** Of each request, from its first byte to the end of its answer, in the order of sending. */
  readonly latenciesMs: readonly number[]
  /** How often each status was answered; 0 stands for a broken connection. */
  readonly statuses: ReadonlyMap<number, number>
}

/**
 * Posts all shots to one address with `concurrency` of them under way at any time, each on its own kept-alive
 * connection, the next as soon as the last was answered (a closed loop). Shots are made beforehand, so that
 * signing them is not measured. The client is undici without its fetch layer: 50 to 70 µs of a core a request at
 * 64 at once, half a core where the plainest server fills one, and some 3 % of a core at 500 requests a second.
 */
export async function fire(url: string, shots: readonly Shot[], concurrency: number): Promise<Volley> {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections: concurrency, pipelining: 1 })
  const latenciesMs = new Array<number>(shots.length)
  const statuses = new Map<number, number>()
  let next = 0
  const shooter = async () => {
    for (let index = next++; index < shots.length; index = next++) {
      const shot = shots[index]
      if (!shot) return
      const start = performance.now()
      const status = await post(pool, pathname, shot)
      latenciesMs[index] = performance.now() - start
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: concurrency }, shooter))
  const seconds = (performance.now() - start) / 1_000
  await pool.close()
  return { seconds, latenciesMs, statuses }
}

async function post(pool: Pool, path: string, { headers, body }: Shot): Promise<number> {
  try {
    const answer = await pool.request({ path, method: 'POST', headers, body })
    await answer.body.dump()
    return answer.statusCode
  } catch {
    return 0 // counted and reported as status 0; the figures below say how many
  }
}

/** True as soon as a GET of this address is answered with 2xx; throws after `withinMs`. */
export async function ready(url: string, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    )
    if (answered) return
    if (performance.now() > deadline) throw new Error(`${url} was not ready within ${withinMs} ms`)
    await sleep(10)
  }
}

/** Which statuses came back, as `200 × 5000`. */
export function tally(statuses: ReadonlyMap<number, number>): string {
  return [...statuses].map(([status, count]) => `${status} × ${count}`).join(', ')
}
