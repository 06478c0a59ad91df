import type { WirePost } from '../post.ts'
import { forgetSessions, sessionFor } from './api.ts'

/** What comes over the stream. */
export interface StreamEvents {
  post(people: readonly string[], post: WirePost): void
  clock(now: number): void
  state(now: 'connecting' | 'live' | 'lost'): void
  /** The desk's memory begins before what the page has seen (it was reset): everything must be read anew. */
  reset(): void
}

export interface Stream {
  /** Whose posts are wanted from now on. */
  watch(people: readonly string[]): void
}

/**
 * Keeps one stream open for all the people that the page shows. It goes on from the last revision seen after every
 * break, waiting longer each time (at most 10 s), and at once when the browser is back online.
 */
export function openStream(events: StreamEvents): Stream {
  let people: readonly string[] = []
  let cursor: number | null = null
  let source: EventSource | null = null
  let failures = 0
  let timer: number | undefined
  /** Grows with every connection: what an outdated one still says is not heard. */
  let turn = 0

  async function connect(): Promise<void> {
    turn += 1
    const mine = turn
    source?.close()
    source = null
    clearTimeout(timer)
    if (people.length === 0) return
    try {
      const tokens = await Promise.all(people.map(sessionFor))
      if (mine !== turn) return
      const query = new URLSearchParams(tokens.map((token) => ['session', token]))
      if (cursor !== null) query.set('after', String(cursor))
      listen(new EventSource(`/web/stream?${query}`), mine)
    } catch {
      // No session without a desk; what the reader is told is the same as for a broken stream.
      if (mine === turn) broken()
    }
  }

  function listen(opened: EventSource, mine: number): void {
    source = opened
    const on = (name: string, hear: (data: string) => void) =>
      opened.addEventListener(name, (event: MessageEvent<string>) => {
        if (mine === turn) hear(event.data)
      })
    on('hello', (data) => {
      const { from } = JSON.parse(data) as { from: number }
      failures = 0
      events.state('live')
      if (cursor !== null && from < cursor) {
        cursor = from
        events.reset()
      }
      cursor = Math.max(cursor ?? 0, from)
    })
    on('post', (data) => {
      const said = JSON.parse(data) as { for: readonly string[]; post: WirePost }
      cursor = Math.max(cursor ?? 0, said.post.revision)
      events.post(said.for, said.post)
    })
    on('clock', (data) => events.clock(new Date((JSON.parse(data) as { now: string }).now).getTime()))
    opened.onerror = () => {
      if (mine === turn) broken()
    }
  }

  function broken(): void {
    source?.close()
    failures += 1
    events.state('lost')
    // A session may have run out, which an EventSource does not tell.
    forgetSessions()
    clearTimeout(timer)
    timer = window.setTimeout(() => void connect(), Math.min(10_000, 500 * 2 ** Math.min(failures, 5)))
  }

  window.addEventListener('online', () => void connect())

  return {
    watch(wanted) {
      if (wanted.join('\n') === people.join('\n')) return
      people = wanted
      events.state('connecting')
      void connect()
    },
  }
}
