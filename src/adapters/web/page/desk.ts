import type { PageAnswer } from '../answer.ts'
import type { LinkedFile, WirePost } from '../post.ts'
import type { PageRequest } from '../request.ts'
import type { PageDirectory, PagePerson } from './api.ts'
import { advanceClock, HttpFailure, loadDirectory, loadPosts, sendEvent } from './api.ts'
import { newId } from './id.ts'
import { keepPreferences, readPreferences } from './preferences.ts'
import type { Outgoing, Pane, Spot, State } from './state.ts'
import { deskNow, homeOf, mainRole, personOf, unreadKey, withPosts } from './state.ts'
import type { Stream } from './stream.ts'
import { openStream } from './stream.ts'

/** Everything that the page can do; components read the state and call these. */
export interface Desk {
  state(): State
  subscribe(listener: () => void): () => void
  start(): Promise<void>
  setLocale(locale: State['locale']): void
  setTheme(theme: State['theme']): void
  focus(pane: number): void
  pick(pane: number, person: string): void
  open(pane: number, channel: string): void
  openThread(pane: number, thread: string | null): void
  say(spot: Spot, text: string, files: readonly LinkedFile[]): void
  retry(id: string): void
  discard(id: string): void
  /** These resolve to whether the desk took it. */
  edit(spot: Spot, message: string, text: string): Promise<boolean>
  remove(spot: Spot, message: string): Promise<boolean>
  capture(spot: Spot, message: string): Promise<boolean>
  press(spot: Spot, action: string, value: string | null): Promise<boolean>
  /** The sentences for the form's fields, none when it was taken; null when it did not get through. */
  submit(
    id: string,
    values: Readonly<Record<string, string>>,
    files: readonly LinkedFile[],
  ): Promise<Readonly<Record<string, string>> | null>
  closeForm(): void
  dismiss(note: string): void
  /** The desk's new time; null when it did not move. */
  advance(step: string): Promise<number | null>
}

export function createDesk(): Desk {
  const kept = readPreferences()
  let state: State = {
    directory: null,
    failed: false,
    connection: 'connecting',
    clock: { desk: 0, heard: performance.now() },
    posts: new Map(),
    unread: new Map(),
    outgoing: [],
    notes: [],
    panes: [],
    recent: [0, 1, 2],
    form: null,
    locale: kept.locale,
    theme: kept.theme,
  }
  const listeners = new Set<() => void>()
  /** One at a time for each person: what is written first arrives first. */
  const lanes = new Map<string, Promise<unknown>>()

  function change(next: Partial<State> | ((now: State) => State)): void {
    state = typeof next === 'function' ? next(state) : { ...state, ...next }
    for (const listener of listeners) listener()
  }

  const stream: Stream = openStream({
    post(people, post) {
      change((now) => people.reduce((result, person) => arrived(result, person, post), now))
    },
    clock: (desk) => change({ clock: { desk, heard: performance.now() } }),
    state(connection) {
      if (connection !== state.connection) change({ connection })
      if (connection === 'live')
        for (const { id, state: how } of state.outgoing) if (how === 'waiting') void deliver(id)
    },
    reset() {
      change({ posts: new Map(), unread: new Map() })
      for (const pane of state.panes) void load(pane, null)
    },
  })

  function setPane(index: number, pane: Pane): void {
    const unread = new Map(state.unread)
    unread.delete(unreadKey(pane.person, pane.channel))
    change({ panes: state.panes.map((old, at) => (at === index ? pane : old)), unread })
    remember()
    void load(pane, pane.thread)
    watch()
  }

  function watch(): void {
    stream.watch([...new Set(state.panes.map(({ person }) => person))])
  }

  function remember(): void {
    const panes = state.panes.map(({ person, channel }) => ({ person, channel }))
    keepPreferences({ locale: state.locale, theme: state.theme, panes })
  }

  async function load({ person, channel }: Pane, thread: string | null): Promise<void> {
    try {
      const posts = await loadPosts(person, channel, thread)
      change((now) => withPosts(now, person, posts))
      // The person's own page is drawn when he opens it, as on any platform that has one.
      if (channel === homeOf(person))
        await post(person, { type: 'home', ...base({ person, channel, thread: null }) })
    } catch (error) {
      // The stream notices a lost desk and says so; what is missing here comes when the channel is opened again.
      if (!(error instanceof HttpFailure)) throw error
    }
  }

  function base(
    { channel, thread }: Spot,
    id = newId(),
  ): { id: string; channel: string; thread: string | null; locale: State['locale'] } {
    return { id, channel, thread, locale: state.locale }
  }

  function post(person: string, event: PageRequest): Promise<PageAnswer> {
    const before = lanes.get(person) ?? Promise.resolve()
    const sent = before.then(() => sendEvent(person, event))
    lanes.set(
      person,
      sent.catch(() => undefined),
    )
    return sent
  }

  /** Sends something that is not a message, and shows what the desk has to say at once. */
  async function ask(spot: Spot, event: PageRequest): Promise<boolean> {
    try {
      hear(spot, await post(spot.person, event))
      return true
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error
      return false
    }
  }

  function hear(spot: Spot, answer: PageAnswer): void {
    if ('note' in answer) change({ notes: [...state.notes, { id: newId(), spot, body: answer.note }] })
    if ('form' in answer) change({ form: { spot, form: answer.form, locale: answer.locale } })
  }

  function mark(id: string, how: Outgoing['state']): void {
    change({ outgoing: state.outgoing.map((one) => (one.id === id ? { ...one, state: how } : one)) })
  }

  async function deliver(id: string): Promise<void> {
    const message = state.outgoing.find((one) => one.id === id)
    if (message === undefined) return
    mark(id, 'sending')
    const { spot, text, files } = message
    const command = /^\/(?:gongdan\s+|工单\s*)?(\S[\s\S]*)$/u.exec(text)?.[1]
    const event: PageRequest =
      command === undefined
        ? { type: 'message', ...base(spot, id), text, files: [...files] }
        : { type: 'command', ...base(spot, id), text: command }
    try {
      hear(spot, await post(spot.person, event))
      // A command leaves no post behind, so nothing will come over the stream to take its place.
      if (command !== undefined) forget(id)
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error
      mark(id, !error.passing ? 'refused' : navigator.onLine && error.status !== 0 ? 'failed' : 'waiting')
    }
  }

  function forget(id: string): void {
    change({ outgoing: state.outgoing.filter((one) => one.id !== id) })
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async start() {
      change({ failed: false })
      try {
        const directory = await loadDirectory()
        const clock = { desk: new Date(directory.now).getTime(), heard: performance.now() }
        change({ directory, clock, panes: firstPanes(directory, kept.panes) })
        for (const pane of state.panes) void load(pane, null)
        watch()
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error
        change({ failed: true })
      }
    },
    setLocale(locale) {
      change({ locale })
      remember()
    },
    setTheme(theme) {
      change({ theme })
      remember()
    },
    focus(pane) {
      if (state.recent[0] === pane) return
      const looked = state.panes[pane]
      const unread = new Map(state.unread)
      if (looked !== undefined) unread.delete(unreadKey(looked.person, looked.channel))
      change({ recent: [pane, ...state.recent.filter((other) => other !== pane)], unread })
    },
    pick(index, id) {
      const person = personOf(state, id)
      if (person !== undefined) setPane(index, { person: id, channel: firstChannel(person), thread: null })
    },
    open(index, channel) {
      const pane = state.panes[index]
      if (pane !== undefined) setPane(index, { ...pane, channel, thread: null })
    },
    openThread(index, thread) {
      const pane = state.panes[index]
      if (pane !== undefined) setPane(index, { ...pane, thread })
    },
    say(spot, text, files) {
      const id = newId()
      const sent: Outgoing = { id, spot, text, files, at: deskNow(state), state: 'sending' }
      change({ outgoing: [...state.outgoing, sent] })
      void deliver(id)
    },
    retry: (id) => void deliver(id),
    discard: forget,
    edit: (spot, message, text) =>
      ask(spot, { type: 'edit', ...base({ ...spot, thread: null }), message, text }),
    remove: (spot, message) => ask(spot, { type: 'delete', ...base({ ...spot, thread: null }), message }),
    capture: (spot, message) => ask(spot, { type: 'capture', ...base({ ...spot, thread: null }), message }),
    press: (spot, action, value) => ask(spot, { type: 'action', ...base(spot), action, value }),
    async submit(id, values, files) {
      const open = state.form
      if (open === null) return {}
      try {
        const event: PageRequest = {
          type: 'form',
          ...base(open.spot, id),
          form: open.form.id,
          values: { ...values },
          files: [...files],
        }
        const answer = await post(open.spot.person, event)
        if ('errors' in answer) return answer.errors
        change({ form: null })
        hear(open.spot, answer)
        return {}
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error
        return null
      }
    },
    closeForm: () => change({ form: null }),
    dismiss: (id) => change({ notes: state.notes.filter((note) => note.id !== id) }),
    async advance(step) {
      try {
        const desk = await advanceClock(step)
        change({ clock: { desk, heard: performance.now() } })
        return desk
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error
        return null
      }
    },
  }
}

/** A post came over the stream for one of the page's people. */
function arrived(state: State, person: string, post: WirePost): State {
  const known = state.posts.get(person)?.has(post.id) ?? false
  const next = withPosts(state, person, [post])
  const outgoing = state.outgoing.filter(({ id }) => id !== post.id)
  const looking = state.panes.some(
    (pane, index) => pane.person === person && pane.channel === post.channel && index === state.recent[0],
  )
  if (known || looking || post.author === person || post.channel === homeOf(person))
    return { ...next, outgoing }
  const key = unreadKey(person, post.channel)
  return { ...next, outgoing, unread: new Map(state.unread).set(key, (state.unread.get(key) ?? 0) + 1) }
}

/** A requester, an agent and a manager side by side, unless the reader had chosen others. */
function firstPanes(directory: PageDirectory, kept: readonly Pick<Pane, 'person' | 'channel'>[]): Pane[] {
  const taken = new Set<string>()
  const parts = [['requester'], ['agent', 'lead'], ['manager', 'admin']]
  return parts.flatMap((roles, index): Pane[] => {
    const before = directory.people.find(({ id }) => id === kept[index]?.person)
    const free = directory.people.filter(({ id }) => !taken.has(id))
    const person =
      before ?? free.find((one) => roles.includes(mainRole(one))) ?? free[0] ?? directory.people[0]
    if (person === undefined) return []
    taken.add(person.id)
    const channel = person.channels.find(({ id }) => id === kept[index]?.channel && before !== undefined)
    return [{ person: person.id, channel: channel?.id ?? firstChannel(person), thread: null }]
  })
}

/** Where a person mostly is: managers among managers, agents in their queue, everybody else with the desk. */
function firstChannel(person: PagePerson): string {
  const order = ['managers', 'queue', 'direct'] as const
  const kinds = order.flatMap((kind) => person.channels.filter((channel) => channel.kind === kind))
  return kinds[0]?.id ?? `dm:${person.id}`
}
