import type { StoredPost } from '../../core/ports.ts'
import type { WebPerson } from './directory.ts'
import { BOT, mayRead } from './directory.ts'
import type { LinkedFile, PageFile, PostBody, WireBlock, WireBody, WirePost } from './post.ts'
import { postBody } from './post.ts'
import { fileKey } from './session.ts'

/** Whether a person may see a post: it stands in a channel of his, and it is not somebody else's private note. */
export function maySee(person: WebPerson, post: StoredPost): boolean {
  if (!mayRead(person, post.channel)) return false
  return post.visibleTo === null || post.visibleTo === person.id || post.author === person.id
}

/**
 * A post as a reader gets it, with the keys of its files. The caller has checked `maySee`. A body that no longer
 * passes the schema comes out empty rather than breaking the whole channel. `at` is the machine's real time.
 */
export function wirePost(post: StoredPost, sessionKey: Uint8Array, at: Date): WirePost {
  const parsed = postBody.safeParse(post.deletedAt === null ? post.body : {})
  return {
    id: post.id,
    revision: post.revision,
    channel: post.channel,
    thread: post.thread,
    author: post.author,
    private: post.visibleTo !== null && post.author === BOT,
    at: post.at.toISOString(),
    editedAt: post.editedAt?.toISOString() ?? null,
    deleted: post.deletedAt !== null,
    ...wireBody(parsed.success ? parsed.data : postBody.parse({}), sessionKey, at),
  }
}

/** What is drawn, with the keys of its files. `at` is the machine's real time. */
export function wireBody(body: PostBody, sessionKey: Uint8Array, at: Date): WireBody {
  const linked = (file: PageFile): LinkedFile => ({ ...file, key: fileKey(sessionKey, file.id, at) })
  return {
    text: body.text,
    by: body.by,
    blocks: body.blocks.map(
      (block): WireBlock => (block.type === 'image' ? { ...block, file: linked(block.file) } : block),
    ),
    files: body.files.map(linked),
    locale: body.locale,
  }
}
