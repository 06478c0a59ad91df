import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../src/config.ts'
import { readConfig } from '../../src/config.ts'
import type { Block, Form } from '../../src/core/message.ts'
import type { Log } from '../../src/core/ports.ts'
import { migrateUrl } from '../../src/db/client.ts'
import type { Desk } from '../../src/main.ts'
import { startDesk } from '../../src/main.ts'
import { freshPostgres } from '../support/shared-postgres.ts'
import { waitFor } from '../support/wait.ts'

/**
 * A desk with the demo workspace, and people who talk to it through its web chat as a browser would: over HTTP, with a
 * session, reading what they may read. Flows then read as conversations.
 */
export interface Conversation {
  readonly desk: Desk
  readonly lines: readonly string[]
  /** A person of the demo workspace, by his web id. */
  person(id: string): Speaker
  /** Moves the desk's clock: an ISO 8601 duration, or `next-business-day`. */
  wait(step: string): Promise<void>
  api(path: string, init?: RequestInit): Promise<{ status: number; body: Record<string, unknown> }>
  end(): Promise<void>
}

export interface Shown {
  readonly id: string
  readonly channel: string
  readonly thread: string | null
  readonly author: string
  readonly private: boolean
  readonly deleted: boolean
  readonly text: string
  readonly by: string | null
  readonly blocks: readonly Block[]
  readonly files: readonly { id: string; name: string; url?: string }[]
}

export interface Speaker {
  readonly id: string
  /** Says something; `where` is a channel id (his direct one if left out), `thread` the root's id. */
  says(
    text: string,
    where?: { channel?: string; thread?: string; id?: string; files?: unknown[] },
  ): Promise<string>
  edits(message: string, text: string, channel?: string): Promise<void>
  deletes(message: string, channel?: string): Promise<void>
  /** Waits until a post that matches is there, and returns it. */
  sees(pattern: RegExp, channel?: string, thread?: string): Promise<Shown>
  /** The card of a ticket that opens its thread in an agents' channel. */
  card(ticket: string, channel: string): Promise<Shown>
  /** All that he can read in a channel just now. */
  reads(channel?: string): Promise<readonly Shown[]>
  /** Fails if a post matches, once the desk has nothing more to do. */
  seesNothing(pattern: RegExp, channel?: string): Promise<void>
  /** Presses the button with that label on the newest card that has one (or on `post`). A form comes back to be filled in. */
  presses(label: RegExp, channel: string, post?: Shown): Promise<Form | null>
  chooses(option: RegExp, channel: string, post?: Shown): Promise<Form | null>
  fillsIn(form: Form, values: Record<string, string>, channel: string): Promise<Record<string, string> | null>
  uploads(name: string, bytes: Uint8Array): Promise<unknown>
}

export const ADMIN_TOKEN = 'flow-admin-token-0123456789'

export async function conversation(
  options: { embedded?: boolean; settings?: Record<string, string> } = {},
): Promise<Conversation> {
  const folder = await mkdtemp(join(tmpdir(), 'gongdan-flow-'))
  const database = options.embedded ? null : await freshPostgres(migrateUrl, 'flow')
  const lines: string[] = []
  const desk = await startDesk(
    configOf(folder, database?.url ?? null, options.settings ?? {}),
    recording(lines),
  )
  const people = new Map<string, Speaker>()
  return {
    desk,
    lines,
    person(id) {
      const known = people.get(id) ?? speaker(desk.url, id)
      people.set(id, known)
      return known
    },
    async wait(step) {
      const response = await fetch(`${desk.url}/web/clock`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ advance: step }),
      })
      if (!response.ok) throw new Error(`the clock did not move: ${response.status} ${await response.text()}`)
    },
    async api(path, init = {}) {
      const response = await fetch(`${desk.url}/api/v1${path}`, {
        ...init,
        headers: {
          authorization: `Bearer ${ADMIN_TOKEN}`,
          'content-type': 'application/json',
          ...init.headers,
        },
      })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },
    async end() {
      await desk.stop()
      await database?.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export function configOf(folder: string, url: string | null, settings: Record<string, string>): Config {
  const read = readConfig({
    PORT: '0',
    DATA_DIR: folder,
    WEB_CHAT: '1',
    ADMIN_TOKEN,
    ...(url === null ? {} : { DATABASE_URL: url }),
    ...settings,
  })
  if (!read.ok) throw new Error(read.problems.join('; '))
  return read.config
}

/** A log that keeps its lines, so that a test can look for what must never stand in one. */
export function recording(lines: string[]): Log {
  const keep = (level: string) => (fields: object, message: string) =>
    void lines.push(JSON.stringify({ level, ...fields, message }))
  return { info: keep('info'), warn: keep('warn'), error: keep('error'), debug: keep('debug') }
}

function speaker(url: string, id: string): Speaker {
  const own = `dm:${id}`
  let token: Promise<string> | null = null

  async function session(): Promise<string> {
    token ??= fetch(`${url}/web/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ as: id }),
    }).then(async (response) => ((await response.json()) as { token: string }).token)
    return token
  }

  async function send(
    body: Record<string, unknown>,
  ): Promise<{ ok?: boolean; form?: Form; errors?: Record<string, string>; note?: unknown }> {
    const response = await fetch(`${url}/web/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-gongdan-session': await session() },
      body: JSON.stringify({ id: randomUUID(), ...body }),
    })
    if (!response.ok) throw new Error(`${id} was refused: ${response.status} ${await response.text()}`)
    return (await response.json()) as { form?: Form }
  }

  async function reads(channel = own): Promise<readonly Shown[]> {
    const response = await fetch(`${url}/web/posts?channel=${encodeURIComponent(channel)}&limit=500`, {
      headers: { 'x-gongdan-session': await session() },
    })
    if (!response.ok) throw new Error(`${id} may not read ${channel}: ${response.status}`)
    return ((await response.json()) as { posts: Shown[] }).posts
  }

  function latestWith(posts: readonly Shown[], has: (block: Block) => boolean, what: string): Shown {
    const post = posts.findLast((one) => one.blocks.some(has))
    if (post === undefined) throw new Error(`${id} sees no card with ${what}`)
    return post
  }

  return {
    id,
    reads,
    async says(text, where = {}) {
      const message = where.id ?? randomUUID()
      await send({
        type: 'message',
        id: message,
        channel: where.channel ?? own,
        thread: where.thread ?? null,
        text,
        files: where.files ?? [],
      })
      return message
    },
    async edits(message, text, channel = own) {
      await send({ type: 'edit', channel, message, text })
    },
    async deletes(message, channel = own) {
      await send({ type: 'delete', channel, message })
    },
    async sees(pattern, channel = own, thread) {
      let found: Shown | undefined
      let last: readonly Shown[] = []
      await waitFor(`${id} sees ${pattern} in ${channel}`, 8_000, async () => {
        last = await reads(channel)
        found = last.findLast(
          (post) => (thread === undefined || post.thread === thread) && pattern.test(textOf(post)),
        )
        return found !== undefined
      }).catch((error: unknown) => {
        throw new Error(
          `${error instanceof Error ? error.message : ''}; there is:\n${last.map(textOf).join('\n---\n')}`,
        )
      })
      return found!
    },
    async card(ticket, channel) {
      const isCard = (post: Shown) =>
        post.thread === null && !post.private && textOf(post).startsWith(`${ticket} ·`)
      await waitFor(`${id} sees the card of ${ticket}`, 8_000, async () =>
        (await reads(channel)).some(isCard),
      )
      return (await reads(channel)).find(isCard)!
    },
    async seesNothing(pattern, channel = own) {
      await new Promise((resolve) => setTimeout(resolve, 400))
      const found = (await reads(channel)).find((post) => pattern.test(textOf(post)))
      if (found !== undefined) throw new Error(`${id} sees what he should not: ${textOf(found)}`)
    },
    async presses(label, channel, on) {
      const isButton = (block: Block) =>
        block.type === 'buttons' && block.buttons.some((button) => label.test(button.label))
      const post = on ?? latestWith(await reads(channel), isButton, String(label))
      const button = post.blocks
        .flatMap((block) => (block.type === 'buttons' ? block.buttons : []))
        .find((one) => label.test(one.label))
      if (button === undefined) throw new Error(`no button ${label}`)
      const answer = await send({
        type: 'action',
        channel,
        thread: post.thread ?? post.id,
        action: button.action,
      })
      return answer.form ?? null
    },
    async chooses(option, channel, on) {
      const isChoice = (block: Block) =>
        block.type === 'choice' && block.options.some((one) => option.test(one.label))
      const post = on ?? latestWith(await reads(channel), isChoice, String(option))
      const block = post.blocks.find(isChoice)
      if (block?.type !== 'choice') throw new Error(`no choice ${option}`)
      const value = block.options.find((one) => option.test(one.label))!.value
      const answer = await send({
        type: 'action',
        channel,
        thread: post.thread ?? post.id,
        action: block.action,
        value,
      })
      return answer.form ?? null
    },
    async fillsIn(form, values, channel) {
      const answer = await send({ type: 'form', channel, form: form.id, values })
      return answer.errors ?? null
    },
    async uploads(name, bytes) {
      const response = await fetch(`${url}/web/files?name=${encodeURIComponent(name)}`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream', 'x-gongdan-session': await session() },
        body: Buffer.from(bytes),
      })
      if (!response.ok) throw new Error(`the file was refused: ${response.status} ${await response.text()}`)
      return response.json()
    },
  }
}

/** Everything that can be read in a post. */
export function textOf(post: Shown): string {
  const blocks = post.blocks.map((block) => {
    switch (block.type) {
      case 'facts':
        return block.facts.map((fact) => `${fact.label}: ${fact.value}`).join('\n')
      case 'buttons':
        return block.buttons.map((button) => `[${button.label}]`).join(' ')
      case 'choice':
        return block.options.map((option) => `[${option.label}]`).join(' ')
      case 'image':
        return block.alt
      case 'divider':
        return ''
      default:
        return block.text
    }
  })
  const mark = post.deleted ? '(deleted)' : ''
  return [
    post.by === null ? '' : `${post.by}:`,
    post.text,
    ...blocks,
    ...post.files.map((file) => file.name),
    mark,
  ]
    .filter((part) => part !== '')
    .join('\n')
}
