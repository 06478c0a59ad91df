import { and, asc, desc, eq, gt, sql } from 'drizzle-orm'
import type { Room, RoomPost, StoredPost } from '../core/ports.ts'
import type { Database } from './client.ts'
import { counters, roomPosts } from './schema.ts'
import type { SealedText } from './sealed.ts'

/** The web chat's posts over the database. */
export function roomStore(database: Database, seal: SealedText): Room {
  function postOf(row: typeof roomPosts.$inferSelect): StoredPost {
    const { workspaceId, bodySealed, ...rest } = row
    return { ...rest, body: JSON.parse(seal.read(workspaceId, `post ${row.id}`, bodySealed)) }
  }

  return {
    put: (workspaceId, post) =>
      database.transaction(async (tx) => {
        // The counter's row is locked until the commit, so revisions appear in the order in which readers can see them.
        const [counter] = await tx
          .insert(counters)
          .values({ workspaceId, kind: 'room', next: 2 })
          .onConflictDoUpdate({
            target: [counters.workspaceId, counters.kind],
            set: { next: sql`${counters.next} + 1` },
          })
          .returning({ next: counters.next })
        const row = rowOf(workspaceId, post, counter!.next - 1)
        await tx
          .insert(roomPosts)
          .values(row)
          .onConflictDoUpdate({ target: [roomPosts.workspaceId, roomPosts.id], set: row })
      }),
    async get(workspace, id) {
      const [row] = await database
        .select()
        .from(roomPosts)
        .where(and(eq(roomPosts.workspaceId, workspace), eq(roomPosts.id, id)))
      return row === undefined ? null : postOf(row)
    },
    async changes(workspace, after, limit) {
      const rows = await database
        .select()
        .from(roomPosts)
        .where(and(eq(roomPosts.workspaceId, workspace), gt(roomPosts.revision, after)))
        .orderBy(asc(roomPosts.revision))
        .limit(limit)
      return rows.map(postOf)
    },
    async list(workspace, channel, thread, limit) {
      const rows = await database
        .select()
        .from(roomPosts)
        .where(
          and(
            eq(roomPosts.workspaceId, workspace),
            eq(roomPosts.channel, channel),
            thread === null ? undefined : eq(roomPosts.thread, thread),
          ),
        )
        .orderBy(desc(roomPosts.at), desc(roomPosts.id))
        .limit(limit)
      return rows.map(postOf).toReversed()
    },
  }

  function rowOf(workspaceId: string, post: RoomPost, revision: number): typeof roomPosts.$inferInsert {
    const { body, ...rest } = post
    return {
      workspaceId,
      ...rest,
      bodySealed: seal.text(workspaceId, `post ${post.id}`, JSON.stringify(body)),
      revision,
    }
  }
}
