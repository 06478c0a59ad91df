import type { Log, Room, StoredPost } from '../../core/ports.ts'

/** How often the room is asked for changes while somebody looks, in milliseconds. */
const POLL_MS = 300
const BATCH = 200

export interface Changes {
  /**
   * Shows the reader every post changed after the revision `after`, oldest change first, until the returned function is called;
   * null, or a revision that this room has not reached (it was reset), means from now on. Resolves to where it begins.
   */
  follow(after: number | null, reader: Reader): Promise<Following>
  /** Looks at once instead of at the next tick: for whoever has just written. */
  wake(): void
  /** Sends every reader away, for good. */
  stop(): void
}

export interface Reader {
  show(post: StoredPost): void
  /** The desk goes down: there is nothing more to come. */
  stopped(): void
}

export interface Following {
  readonly from: number
  end(): void
}

interface Place {
  readonly reader: Reader
  /** The revision up to which this reader has seen everything. */
  cursor: number
}

/**
 * One poller for all readers of a workspace. It reads on from the reader who is furthest behind, so a newcomer, a
 * returning one and everybody else take one path. It asks the room only while somebody follows, and it sees what any
 * process of the desk has written.
 */
export function watchRoom(room: Room, workspace: string, log: Log): Changes {
  const readers = new Set<Place>()
  let timer: NodeJS.Timeout | null = null
  let reading = false
  let stopped = false

  async function tick(): Promise<void> {
    if (reading) return
    reading = true
    try {
      while (!stopped && (await readOn()));
    } catch (error) {
      log.warn({ kind: error instanceof Error ? error.name : typeof error }, 'the web room cannot be read')
    } finally {
      reading = false
      schedule()
    }
  }

  /** Whether there may be more. */
  async function readOn(): Promise<boolean> {
    if (readers.size === 0) return false
    const behind = Math.min(...[...readers].map(({ cursor }) => cursor))
    const posts = await room.changes(workspace, behind, BATCH)
    for (const post of posts) for (const place of readers) deliver(place, post)
    return posts.length === BATCH
  }

  function schedule(): void {
    if (stopped || readers.size === 0) return
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => void tick(), POLL_MS)
  }

  return {
    async follow(after, reader) {
      const known =
        after !== null && (after === 0 || (await room.changes(workspace, after - 1, 1)).length > 0)
      const from = known ? after : await newest(room, workspace)
      const place: Place = { reader, cursor: from }
      readers.add(place)
      void tick()
      return { from, end: () => void readers.delete(place) }
    },
    wake: () => void tick(),
    stop() {
      stopped = true
      for (const { reader } of readers) reader.stopped()
      readers.clear()
      if (timer !== null) clearTimeout(timer)
    },
  }
}

function deliver(place: Place, post: StoredPost): void {
  if (post.revision <= place.cursor) return
  place.cursor = post.revision
  place.reader.show(post)
}

/** The newest revision, found by strides that double and halve: a few dozen one-row reads for a room of any size. */
async function newest(room: Room, workspace: string): Promise<number> {
  let known = 0
  let stride = 1
  for (;;) {
    const [next] = await room.changes(workspace, known + stride - 1, 1)
    if (next !== undefined) {
      known = next.revision
      stride *= 2
    } else if (stride === 1) return known
    else stride = Math.ceil(stride / 2)
  }
}
