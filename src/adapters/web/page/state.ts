import type { Form } from '../../../core/message.ts'
import type { Locale } from '../../../core/text/say.ts'
import type { LinkedFile, WireBody, WirePost } from '../post.ts'
import type { PageDirectory, PagePerson } from './api.ts'

/** Where in the chat something is: whose eyes, which channel, which thread. */
export interface Spot {
  readonly person: string
  readonly channel: string
  readonly thread: string | null
}

export interface Pane {
  readonly person: string
  readonly channel: string
  /** The thread whose sheet is open. */
  readonly thread: string | null
}

/** A message on its way. It keeps its id over every retry, so the desk takes it once. */
export interface Outgoing {
  readonly id: string
  readonly spot: Spot
  readonly text: string
  readonly files: readonly LinkedFile[]
  readonly at: number
  readonly state: 'sending' | 'waiting' | 'failed' | 'refused'
}

/** What the desk answered to one press or command; kept by the page alone. */
export interface Note {
  readonly id: string
  readonly spot: Spot
  readonly body: WireBody
}

export interface OpenForm {
  readonly spot: Spot
  readonly form: Form
  readonly locale: Locale
}

export type Theme = 'system' | 'light' | 'dark'

export interface State {
  readonly directory: PageDirectory | null
  readonly failed: boolean
  readonly connection: 'connecting' | 'live' | 'lost'
  /** The desk's time, and what `performance.now()` said when it was told. */
  readonly clock: { readonly desk: number; readonly heard: number }
  /** What each person may see, by post id. */
  readonly posts: ReadonlyMap<string, ReadonlyMap<string, WirePost>>
  readonly unread: ReadonlyMap<string, number>
  readonly outgoing: readonly Outgoing[]
  readonly notes: readonly Note[]
  readonly panes: readonly Pane[]
  /** Panes in the order in which they were last looked at; a narrow screen shows the first one or two. */
  readonly recent: readonly number[]
  readonly form: OpenForm | null
  readonly locale: Locale
  readonly theme: Theme
}

/** One conversation piece: a post of the channel with what was answered in its thread. */
export interface Strand {
  readonly root: WirePost
  readonly replies: readonly WirePost[]
}

/** A channel's posts as strands, oldest first. Replies whose root this person cannot see stay out. */
export function strandsOf(
  posts: ReadonlyMap<string, WirePost> | undefined,
  channel: string,
): readonly Strand[] {
  const roots: WirePost[] = []
  const replies = new Map<string, WirePost[]>()
  for (const post of posts?.values() ?? []) {
    if (post.channel !== channel) continue
    if (post.thread === null) roots.push(post)
    else replies.set(post.thread, [...(replies.get(post.thread) ?? []), post])
  }
  return roots
    .map((root) => ({ root, replies: (replies.get(root.id) ?? []).sort(byTime) }))
    .filter(({ root, replies }) => !root.deleted || replies.length > 0)
    .sort((a, b) => byTime(a.root, b.root))
}

/** Adds posts for one person; of two states of a post the later one stays. */
export function withPosts(state: State, person: string, posts: readonly WirePost[]): State {
  const mine = new Map(state.posts.get(person))
  for (const post of posts) {
    const known = mine.get(post.id)
    if (known === undefined || known.revision <= post.revision) mine.set(post.id, post)
  }
  return { ...state, posts: new Map(state.posts).set(person, mine) }
}

/** How many messages are on their way from one spot. */
export function sentFrom({ outgoing }: State, { person, channel, thread }: Spot): number {
  return outgoing.filter(
    ({ spot }) => spot.person === person && spot.channel === channel && spot.thread === thread,
  ).length
}

export function unreadKey(person: string, channel: string): string {
  return `${person}\n${channel}`
}

export function homeOf(person: string): string {
  return `home:${person}`
}

export function personOf(state: State, id: string): PagePerson | undefined {
  return state.directory?.people.find((person) => person.id === id)
}

const RANKS = ['admin', 'manager', 'lead', 'agent', 'requester'] as const

/** The most that somebody is. */
export function mainRole(person: PagePerson): (typeof RANKS)[number] {
  return RANKS.find((role) => person.roles.includes(role)) ?? 'requester'
}

/** The desk's time now, in milliseconds since the epoch. */
export function deskNow({ clock }: State): number {
  return clock.desk + (performance.now() - clock.heard)
}

/** ISO strings of one zone sort like the times they name. */
function byTime(a: WirePost, b: WirePost): number {
  return a.at < b.at ? -1 : a.at > b.at ? 1 : 0
}
