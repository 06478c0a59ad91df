import type { Outcome, RawRequest, RawResponse, Received, RefusalReason } from '../../core/adapter.ts'
import type { InboundEvent, IncomingFile, PersonRef, Place } from '../../core/event.ts'
import { deletionKey, editKey, messageKey } from '../../core/event.ts'
import type { Clock, Files, Log, Room, StoredPost } from '../../core/ports.ts'
import { answerPage } from './answer.ts'
import type { Directory, WebPerson } from './directory.ts'
import { directChannel, findPerson, isDirect, mayWrite } from './directory.ts'
import type { PostBody } from './post.ts'
import { postBody } from './post.ts'
import { wellFormed } from './render.ts'
import type { PageRequest, RequestOf, Upload } from './request.ts'
import { envelope, pageRequest, REQUEST_TYPES } from './request.ts'
import { checkFileKey, checkSession } from './session.ts'
import { maySee } from './wire.ts'

/** The header that carries the session. A custom header cannot be sent across origins without our consent (CORS). */
export const SESSION_HEADER = 'x-gongdan-session'
/** Largest body of `POST /web/events`, in bytes. */
const BODY_MAX = 256 * 1024

export interface InboundOptions {
  readonly room: Room
  readonly files: Files
  readonly directory: () => Promise<Directory>
  readonly workspace: string
  readonly install: string
  readonly sessionKey: Uint8Array
  readonly clock: Clock
  readonly log: Log
}

/**
 * Verifies the session, reads the request and writes the person's own post in the room, as another company's servers
 * would have done before they called us. A repeated request (same id) changes nothing the second time and yields the
 * same event key. Refuses a session that is not ours (401) and whatever the person may not do or ask (400).
 */
export async function receive(raw: RawRequest, options: InboundOptions): Promise<Received> {
  if (raw.body.byteLength > BODY_MAX) return { kind: 'refused', status: 413, reason: 'too-large' }
  const session = checkSession(options.sessionKey, raw.headers[SESSION_HEADER], raw.at)
  if (!session.ok) return refused(401, session.reason)
  const asked = readJson(raw.body)
  const parsed = pageRequest.safeParse(asked)
  if (!parsed.success) return isNewer(asked) ? nothing(raw.at, options) : refused(400, 'malformed')

  try {
    const person = findPerson(await options.directory(), session.person)
    // Signed by us, but the person has left the directory since.
    if (person === null) return refused(401, 'stale')
    if (!mayWrite(person, parsed.data.channel)) return refused(400, 'malformed')
    const event = await decode(parsed.data, { ...options, person, at: options.clock.now(), real: raw.at })
    if (event === null) return refused(400, 'malformed')
    const answer = async (outcome: Outcome) => answerPage(outcome, options.sessionKey, raw.at)
    return { kind: 'events', events: [event], answer }
  } catch (error) {
    // The room is "the platform" here: when it cannot be reached the page keeps the message and tries again.
    options.log.error(
      { kind: error instanceof Error ? error.name : typeof error },
      'the web room is unavailable',
    )
    return { kind: 'answered', response: UNAVAILABLE }
  }
}

/** A page of a later version, met in the middle of an upgrade: genuine, of a type that means nothing here yet. */
function isNewer(asked: unknown): boolean {
  const parsed = envelope.safeParse(asked)
  return parsed.success && !REQUEST_TYPES.includes(parsed.data.type)
}

function nothing(at: Date, { sessionKey }: InboundOptions): Received {
  return { kind: 'events', events: [], answer: async (outcome) => answerPage(outcome, sessionKey, at) }
}

const UNAVAILABLE: RawResponse = {
  status: 503,
  headers: { 'content-type': 'application/json; charset=utf-8', 'retry-after': '2' },
  body: JSON.stringify({ error: 'web.room-unavailable' }),
}

interface Context extends InboundOptions {
  readonly person: WebPerson
  /** The desk's time: when it happened, since the web chat lives inside the time machine. */
  readonly at: Date
  /** The machine's time, which signatures are made with. */
  readonly real: Date
}

/** Null for what does not fit together: somebody else's post, a thread of another channel, a file never uploaded. */
async function decode(request: PageRequest, context: Context): Promise<InboundEvent | null> {
  const { person, at } = context
  const place: Place = {
    platform: 'web',
    install: context.install,
    channel: request.type === 'home' ? directChannel(person.id) : request.channel,
    direct: request.type === 'home' || isDirect(request.channel),
    thread: request.thread,
  }
  if (request.thread !== null && !(await isThread(request.thread, request.channel, context))) return null
  const from: PersonRef = { id: person.id, name: person.name, locale: request.locale ?? person.locale }
  // The person's id stands in the key: nobody can use up an id that somebody else is about to send.
  const key = `${request.type}:web:${context.install}:${place.channel}:${person.id}:${request.id}`

  switch (request.type) {
    case 'message':
      return say(request, place, from, context)
    case 'edit':
      return edit(request, place, from, context)
    case 'delete':
      return remove(request, place, context)
    case 'action':
      return { type: 'action', key, at, place, from, action: request.action, value: request.value }
    case 'form': {
      const files = await incoming(request.files, context)
      if (files === null) return null
      return { type: 'form', key, at, place, from, form: request.form, values: clean(request.values), files }
    }
    case 'command':
      return { type: 'command', key, at, place, from, text: wellFormed(request.text) }
    case 'capture':
      return capture(request, key, place, from, context)
    case 'home':
      return { type: 'home', key, at, place, from }
  }
}

async function say(
  request: RequestOf<'message'>,
  place: Place,
  from: PersonRef,
  context: Context,
): Promise<InboundEvent | null> {
  const { room, workspace, person, at } = context
  const files = await incoming(request.files, context)
  if (files === null) return null
  const said = wellFormed(request.text)
  const before = await room.get(workspace, request.id)
  if (before !== null && !isOwn(before, person, request.channel)) return null
  // An id that exists is a retry: what the person edited or deleted meanwhile stays as it is.
  if (before === null) {
    const kept = files.map(({ id, name, mime, size }) => ({ id, name, mime, size }))
    const body: PostBody = { ...postBody.parse({}), text: said, files: kept }
    const { id, channel, thread } = request
    await room.put(workspace, {
      id,
      channel,
      thread,
      author: person.id,
      visibleTo: null,
      body,
      at,
      editedAt: null,
      deletedAt: null,
    })
  }
  return {
    type: 'message',
    key: messageKey(place, request.id),
    at: before?.at ?? at,
    place,
    messageId: request.id,
    from,
    files,
    ...withoutMention(said),
  }
}

async function edit(
  request: RequestOf<'edit'>,
  place: Place,
  from: PersonRef,
  context: Context,
): Promise<InboundEvent | null> {
  const { room, workspace, at } = context
  const post = await ownPost(request, context)
  if (post === null || post.deletedAt !== null) return null
  const body = postBody.parse(post.body)
  const text = wellFormed(request.text)
  if (!body.edits.includes(request.id)) {
    const edits = [...body.edits, request.id].slice(-50)
    await room.put(workspace, { ...post, body: { ...body, text, edits }, editedAt: at })
  }
  const key = editKey(place, request.message, request.id)
  const where = { ...place, thread: post.thread }
  return {
    type: 'edit',
    key,
    at,
    place: where,
    messageId: request.message,
    from,
    text: withoutMention(text).text,
  }
}

async function remove(
  request: RequestOf<'delete'>,
  place: Place,
  context: Context,
): Promise<InboundEvent | null> {
  const { room, workspace, at } = context
  const post = await ownPost(request, context)
  if (post === null) return null
  // The words go, the place stays: a thread may hang on it.
  if (post.deletedAt === null) await room.put(workspace, { ...post, body: {}, deletedAt: at })
  const key = deletionKey(place, request.message)
  return { type: 'deletion', key, at, place: { ...place, thread: post.thread }, messageId: request.message }
}

async function capture(
  request: RequestOf<'capture'>,
  key: string,
  place: Place,
  from: PersonRef,
  context: Context,
): Promise<InboundEvent | null> {
  const post = await context.room.get(context.workspace, request.message)
  if (post === null || post.channel !== request.channel || post.deletedAt !== null) return null
  if (!maySee(context.person, post)) return null
  const body = postBody.parse(post.body)
  const author = findPerson(await context.directory(), post.author)
  return {
    type: 'capture',
    key,
    at: context.at,
    place: { ...place, thread: post.thread },
    from,
    messageId: post.id,
    message: {
      author: { id: post.author, name: author?.name ?? null, locale: author?.locale ?? null },
      text: body.text,
      files: body.files.map((file) => ({ ...file, source: file.id })),
    },
  }
}

/** Looks uploads up by their keys; null when one of them was not handed out by us to be sent on. */
async function incoming(uploads: readonly Upload[], context: Context): Promise<IncomingFile[] | null> {
  const files: IncomingFile[] = []
  for (const { id, key } of uploads) {
    if (!checkFileKey(context.sessionKey, id, key, context.real)) return null
    const stored = await context.files.get(context.workspace, id)
    if (stored === null) return null
    const { name, mime, size } = stored.ref
    files.push({ id, name, mime, size, source: id })
  }
  return files
}

/** A thread hangs on a post that stands in the channel itself and that the person sees. */
async function isThread(thread: string, channel: string, context: Context): Promise<boolean> {
  const root = await context.room.get(context.workspace, thread)
  return root !== null && root.channel === channel && root.thread === null && maySee(context.person, root)
}

async function ownPost(
  request: RequestOf<'edit' | 'delete'>,
  { room, workspace, person }: Context,
): Promise<StoredPost | null> {
  const post = await room.get(workspace, request.message)
  return post !== null && isOwn(post, person, request.channel) ? post : null
}

function isOwn(post: StoredPost, person: WebPerson, channel: string): boolean {
  return post.author === person.id && post.channel === channel
}

/** `@gongdan` or `@工单` at the very start addresses the desk; it is taken out of what was said. */
function withoutMention(text: string): { text: string; mentioned: boolean } {
  const match = /^\s*@(?:gongdan(?![\p{L}\p{N}_])|工单)[\s,:\uff0c\uff1a]*/iu.exec(text)
  return match === null ? { text, mentioned: false } : { text: text.slice(match[0].length), mentioned: true }
}

function clean(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [field, wellFormed(value)]))
}

/** Undefined, which no schema takes, for what is not JSON in UTF-8. */
function readJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

function refused(status: 400 | 401, reason: RefusalReason): Received {
  return { kind: 'refused', status, reason }
}
