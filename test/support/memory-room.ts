import type { FileRef } from '../../src/core/message.ts'
import type { Files, Room, RoomPost, StoredPost } from '../../src/core/ports.ts'

/** The Room port in memory, for tests and previews of the web chat. */
export function memoryRoom(): Room {
  const workspaces = new Map<string, Map<string, StoredPost>>()
  let revision = 0
  const posts = (workspace: string): Map<string, StoredPost> => {
    const found = workspaces.get(workspace) ?? new Map<string, StoredPost>()
    workspaces.set(workspace, found)
    return found
  }
  return {
    async put(workspace, post: RoomPost) {
      revision += 1
      posts(workspace).set(post.id, structuredClone({ ...post, revision }))
    },
    async get(workspace, id) {
      return structuredClone(posts(workspace).get(id) ?? null)
    },
    async changes(workspace, after, limit) {
      return [...posts(workspace).values()]
        .filter((post) => post.revision > after)
        .sort((a, b) => a.revision - b.revision)
        .slice(0, limit)
        .map((post) => structuredClone(post))
    },
    async list(workspace, channel, thread, limit) {
      return [...posts(workspace).values()]
        .filter((post) => post.channel === channel && (thread === null || post.thread === thread))
        .sort((a, b) => a.at.getTime() - b.at.getTime())
        .slice(-limit)
        .map((post) => structuredClone(post))
    },
  }
}

/** The Files port in memory. */
export function memoryFiles(): Files {
  const stored = new Map<string, { ref: FileRef; bytes: Uint8Array }>()
  return {
    async put(workspace, { id, name, mime, bytes }) {
      const ref = { id, name, mime, size: bytes.byteLength }
      stored.set(`${workspace}:${id}`, { ref, bytes: Uint8Array.from(bytes) })
      return ref
    },
    async get(workspace, id) {
      return stored.get(`${workspace}:${id}`) ?? null
    },
  }
}
