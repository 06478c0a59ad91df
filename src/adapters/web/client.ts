import { createHash } from 'node:crypto'
import type { Address, Delivery, PastMessage, Payload, Profile, Receipt } from '../../core/adapter.ts'
import { Fault } from '../../core/adapter.ts'
import type { IncomingFile, Place } from '../../core/event.ts'
import type { StoredPost } from '../../core/ports.ts'
import { BOT, channelExists, directChannel, findPerson, homeChannel } from './directory.ts'
import type { InboundOptions } from './inbound.ts'
import { postBody } from './post.ts'

/** Most messages of one thread that a capture brings. */
const HISTORY_MAX = 200

/**
 * Writes the desk's post in the room. A repeated attempt writes the same post (its id comes from `delivery.key`), so
 * nothing here is ever unsure. Throws a Fault: `gone` for a channel that nobody is in, a person not in the directory,
 * or a replaced post that is no more; `bug` for a payload that is not ours; `retry` when the room cannot be reached.
 */
export async function send(
  payload: Payload,
  to: Address,
  delivery: Delivery,
  options: InboundOptions,
): Promise<Receipt> {
  if (delivery.signal.aborted) throw new Fault('retry', 'aborted')
  const body = postBody.safeParse(payload.body)
  if (payload.platform !== 'web' || !body.success) throw new Fault('bug', 'not-a-web-payload')

  const { channel, thread, visibleTo } = target(to)
  const directory = await reach('directory', options.directory)
  if (!channelExists(directory, channel)) throw new Fault('gone', 'unknown-channel')

  const id = to.to.kind === 'home' ? postId(channel) : (to.replaces?.message ?? postId(delivery.key))
  const before = await reach('room', () => options.room.get(options.workspace, id))
  if (to.replaces !== null && to.to.kind !== 'home' && (before === null || before.author !== BOT)) {
    throw new Fault('gone', 'unknown-post')
  }
  const now = options.clock.now()
  await reach('room', () =>
    options.room.put(options.workspace, {
      id,
      // A replaced post stays where it stands: moving it would tear it out of its thread.
      channel: before?.channel ?? channel,
      thread: before === null ? thread : before.thread,
      author: BOT,
      visibleTo: before === null ? visibleTo : before.visibleTo,
      body: body.data,
      at: before?.at ?? now,
      editedAt: before === null ? null : now,
      deletedAt: null,
    }),
  )
  return { channel: before?.channel ?? channel, message: id }
}

/** Who a person of the directory is; null for anybody else. Throws a Fault when the directory cannot be read. */
export async function profile(person: string, options: InboundOptions): Promise<Profile | null> {
  const directory = await reach('directory', options.directory)
  const found = findPerson(directory, person)
  if (found === null) return null
  return { name: found.name, mail: found.mail, locale: found.locale, zone: directory.zone }
}

/** The thread that a message stands in, root first; private notes and deleted posts stay out. Throws a Fault. */
export async function history(
  at: Place,
  messageId: string,
  options: InboundOptions,
): Promise<readonly PastMessage[]> {
  const { room, workspace } = options
  const directory = await reach('directory', options.directory)
  const posts = await reach('room', async () => {
    const post = await room.get(workspace, messageId)
    if (post === null || post.channel !== at.channel) return null
    const root = post.thread === null ? post : await room.get(workspace, post.thread)
    const rootId = post.thread ?? post.id
    const replies = await room.list(workspace, at.channel, rootId, HISTORY_MAX)
    return [...(root === null ? [] : [root]), ...replies.filter(({ id }) => id !== rootId)]
  })
  if (posts === null) throw new Fault('gone', 'unknown-post')
  return posts
    .filter((post) => post.deletedAt === null && post.visibleTo === null)
    .map((post) => {
      const author = findPerson(directory, post.author)
      return past(post, author?.name ?? null, author?.locale ?? null)
    })
}

/** The bytes of an uploaded file. Throws a Fault: `gone` when it is no more, or larger than `max` bytes. */
export async function download(
  file: IncomingFile,
  max: number,
  signal: AbortSignal,
  options: InboundOptions,
): Promise<Uint8Array> {
  if (signal.aborted) throw new Fault('retry', 'aborted')
  const stored = await reach('files', () => options.files.get(options.workspace, file.source))
  if (stored === null) throw new Fault('gone', 'unknown-file')
  if (stored.bytes.byteLength > max) throw new Fault('gone', 'file-too-large')
  return stored.bytes
}

function target(to: Address): { channel: string; thread: string | null; visibleTo: string | null } {
  const where = to.to
  switch (where.kind) {
    case 'channel':
      return { channel: where.channel, thread: where.thread, visibleTo: null }
    case 'person':
      return { channel: directChannel(where.person), thread: where.thread, visibleTo: null }
    case 'private':
      return { channel: where.channel, thread: where.thread, visibleTo: where.person }
    case 'home':
      return { channel: homeChannel(where.person), thread: null, visibleTo: null }
  }
}

function past(post: StoredPost, name: string | null, locale: string | null): PastMessage {
  const body = postBody.parse(post.body)
  return {
    messageId: post.id,
    at: post.at,
    author: { id: post.author, name, locale },
    text: body.text,
    files: body.files.map((file) => ({ ...file, source: file.id })),
  }
}

/** People's posts are UUIDs made by the page; the prefix keeps the desk's out of anybody's reach. */
function postId(key: string): string {
  return `bot-${createHash('sha256').update(key).digest('base64url').slice(0, 32)}`
}

async function reach<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throw new Fault('retry', `${what}-unavailable`, { cause })
  }
}
