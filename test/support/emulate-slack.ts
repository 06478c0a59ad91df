import { createHmac, randomUUID } from 'node:crypto'
import { createEmulator } from 'emulate'
import { freePort } from './postgres.ts'
import type { DoorAnswer } from './slack-door.ts'
import { forward, isRecord, openDoor, records } from './slack-door.ts'

const APP_ID = 'A0GONGDAN'
const BOT_ID = 'B0GONGDAN'
const BOT_USER_ID = 'U0GONGDAN'
const BOT_TOKEN = 'xoxb-emulated'

export interface SlackPerson {
  readonly name: string
  readonly realName?: string
  readonly email?: string
  /** As `users.info` tells it with `include_locale`: `zh-CN`. The emulator knows none, so it is added here. */
  readonly locale?: string
  readonly zone?: string
}

export interface SlackOptions {
  readonly signingSecret: string
  /** Where events, interactivity and slash commands go: `http://127.0.0.1:PORT/slack/events`. */
  readonly eventsUrl?: string
  readonly people: readonly SlackPerson[]
  readonly channels: readonly { readonly name: string; readonly private?: boolean }[]
  /** Send the app's own messages back to it as events, as Slack does. Off by default. */
  readonly echo?: boolean
}

export interface SlackCall {
  readonly method: string
  readonly args: Readonly<Record<string, unknown>>
  readonly response: Readonly<Record<string, unknown>>
}

export interface SlackDelivery {
  readonly status: number
  readonly body: string
  readonly payload: Readonly<Record<string, unknown>>
  /** The same delivery once more, signed anew, with the headers of a retry. */
  again(url?: string): Promise<SlackDelivery>
}

/** What becomes of one call, played by a test: see `interfere`. */
export type Interference =
  | DoorAnswer
  /** The connection ends before the platform has done anything, or after it. */
  | 'lost-request'
  | 'lost-answer'
  /** Later, and then as ever. */
  | { readonly delayMs: number }
  | undefined

export interface SentFile {
  readonly name: string
  readonly mime: string
  readonly bytes: Uint8Array
  /** What the platform says it is, if that is not so. */
  readonly claimedSize?: number
}

export interface PostedMessage {
  readonly channel: string
  readonly ts: string
  /** The requests themselves, to be sent whenever and wherever a test likes. */
  readonly held: readonly ((url?: string) => Promise<SlackDelivery>)[]
  /** One for the `message` event, a second for `app_mention` when the text names the bot. */
  readonly deliveries: readonly SlackDelivery[]
}

export type SlackEmulator = Awaited<ReturnType<typeof startSlackEmulator>>

/**
 * A Slack workspace on loopback: the stateful Web API of the package `emulate`, and before it a door of ours
 * that records each call and plays what `emulate` leaves out: events, buttons, forms, commands and shortcuts,
 * signed as Slack signs them and sent to `eventsUrl`. Emails, channels, threads, reactions, views, files and
 * ephemeral messages are checked and kept by the emulator. It runs in this process, on any Node this project runs on.
 */
export async function startSlackEmulator(options: SlackOptions) {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const emulator = await createEmulator({
    service: 'slack',
    port,
    baseUrl: origin,
    seed: { slack: seed(options) },
  })
  const call = async (token: string, method: string, args: Record<string, unknown> = {}) => {
    const answer = await forward(`${origin}/api/${method}`, token, args)
    if (answer.ok !== true) throw new Error(`${method} as ${token}: ${String(answer.error)}`)
    return answer
  }
  const directory = await lookUp(call)
  for (const id of Object.values(directory.channels)) {
    for (const users of [BOT_USER_ID, ...options.people.map(({ name }) => directory.people[name])]) {
      const answer = await forward(`${origin}/api/conversations.invite`, tokenOf('admin'), {
        channel: id,
        users,
      })
      if (answer.ok !== true && answer.error !== 'already_in_channel') throw new Error(String(answer.error))
    }
  }

  const calls: SlackCall[] = []
  const failures = new Map<string, { status: number; headers?: Record<string, string>; body: unknown }[]>()
  const filesById = new Map<string, SentFile>()
  let interference: (method: string, args: Readonly<Record<string, unknown>>) => Interference = () =>
    undefined
  let eventsUrl = options.eventsUrl
  let counter = 0

  const post = async (
    contentType: string,
    body: string,
    payload: Record<string, unknown>,
    retry = 0,
    url: string | undefined = undefined,
  ) => {
    const target = url ?? eventsUrl
    if (!target) throw new Error('no eventsUrl: give it to startSlackEmulator or to deliverTo')
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const mac = createHmac('sha256', options.signingSecret).update(`v0:${timestamp}:${body}`)
    const response = await fetch(target, {
      method: 'POST',
      headers: {
        'content-type': contentType,
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${mac.digest('hex')}`,
        ...(retry > 0 ? { 'x-slack-retry-num': String(retry), 'x-slack-retry-reason': 'http_timeout' } : {}),
      },
      body,
    })
    const delivery: SlackDelivery = {
      status: response.status,
      body: await response.text(),
      payload,
      again: (url?: string) => post(contentType, body, payload, retry + 1, url),
    }
    return delivery
  }
  const sendEvent = (event: Record<string, unknown>) => holdEvent(event)()
  const holdEvent = (event: Record<string, unknown>) => {
    counter += 1
    const envelope = {
      token: 'unused',
      team_id: directory.team,
      context_team_id: directory.team,
      api_app_id: APP_ID,
      event: { event_ts: event.ts ?? `${Math.floor(Date.now() / 1_000)}.${pad(counter)}`, ...event },
      type: 'event_callback',
      event_id: `Ev${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}${counter}`,
      event_time: Math.floor(Date.now() / 1_000),
      authorizations: [
        {
          enterprise_id: null,
          team_id: directory.team,
          user_id: BOT_USER_ID,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: false,
    }
    const body = JSON.stringify(envelope)
    return (url?: string) => post('application/json', body, envelope, 0, url)
  }
  const sendForm = (fields: Record<string, string>, payload: Record<string, unknown>) =>
    post('application/x-www-form-urlencoded', new URLSearchParams(fields).toString(), payload)
  const interact = (payload: Record<string, unknown>) =>
    sendForm({ payload: JSON.stringify(payload) }, payload)

  const userId = (name: string) => known(directory.people, name, 'person')
  const channelId = (name: string) => directory.channels[name] ?? name
  const person = (name: string) => ({ id: userId(name), username: name, name, team_id: directory.team })
  const team = { id: directory.team, domain: 'gongdan' }
  const message = async (channel: string, ts: string) => {
    const answer = await call(BOT_TOKEN, 'conversations.replies', { channel, ts })
    const found = records(answer.messages).find((item) => item.ts === ts)
    if (!found) throw new Error(`no message ${ts} in ${channel}`)
    return found
  }
  /** What Slack hands to the app with each press: good for one `views.open` within 3 s. */
  const trigger = async (name: string) => {
    const answer = await call(BOT_TOKEN, 'views.generateTriggerId', { user_id: userId(name) })
    return String(answer.trigger_id)
  }
  const interaction = async (name: string, type: string) => ({
    type,
    team,
    user: person(name),
    api_app_id: APP_ID,
    token: 'unused',
    trigger_id: await trigger(name),
    // To the microsecond, as Slack's are: what is done twice in one second is two things.
    action_ts: instant(),
    is_enterprise_install: false,
  })
  const instant = () => {
    counter += 1
    return `${Math.floor(Date.now() / 1_000)}.${pad(counter)}`
  }
  /** A person's file as Slack describes it in a message; its bytes are at the door. */
  const hosted = (file: SentFile) => {
    counter += 1
    const id = `F0FILE${counter}`
    filesById.set(id, file)
    const url = `${door.origin}/files/${id}`
    return {
      id,
      name: file.name,
      title: file.name,
      mimetype: file.mime,
      size: file.claimedSize ?? file.bytes.byteLength,
      mode: 'hosted',
      url_private: url,
      url_private_download: url,
    }
  }
  const channelType = (id: string) =>
    id.startsWith('D') ? 'im' : directory.privateChannels.has(id) ? 'group' : 'channel'

  const answer = async (
    method: string,
    token: string,
    args: Record<string, unknown>,
  ): Promise<DoorAnswer | 'hang-up'> => {
    const failure = failures.get(method)?.shift()
    if (failure) return failure
    const played = interference(method, args)
    if (played === 'lost-request') return 'hang-up'
    if (typeof played === 'object' && 'status' in played) {
      calls.push({ method, args, response: isRecord(played.body) ? played.body : {} })
      return played
    }
    if (typeof played === 'object') await new Promise((resolve) => setTimeout(resolve, played.delayMs))
    if (method === 'response_url') {
      calls.push({ method, args, response: { ok: true } })
      return { status: 200, body: { ok: true } }
    }
    const response = await forward(`${origin}/api/${method}`, token, args)
    if (method === 'users.info' && isRecord(response.user)) {
      const wanted = options.people.find(({ name }) => isRecord(response.user) && name === response.user.name)
      Object.assign(response.user, { locale: wanted?.locale ?? 'en-US', tz: wanted?.zone ?? 'Etc/UTC' })
    }
    // Slack marks what an app posted; the emulator knows it by its user alone.
    for (const one of records(response.messages))
      if (one.user === BOT_USER_ID) Object.assign(one, { bot_id: BOT_ID, app_id: APP_ID })
    calls.push({ method, args, response })
    if (options.echo && method === 'chat.postMessage' && response.ok === true && isRecord(response.message)) {
      const channel = String(response.channel)
      const own = { bot_id: BOT_ID, app_id: APP_ID, channel, channel_type: channelType(channel) }
      await sendEvent({ ...response.message, ...own })
    }
    if (played === 'lost-answer') return 'hang-up'
    // Bytes go through the same door, as they stay with one origin at Slack.
    return { status: 200, body: JSON.parse(JSON.stringify(response).replaceAll(origin, door.origin)) }
  }
  const door = await openDoor(answer, async (path, verb, bytes) => {
    const file = filesById.get(path.replace('/files/', ''))
    if (file) return { status: 200, bytes: file.bytes, type: file.mime }
    const response = await fetch(`${origin}${path}`, {
      method: verb,
      headers: { authorization: `Bearer ${BOT_TOKEN}`, 'content-type': 'application/octet-stream' },
      ...(verb === 'POST' ? { body: Buffer.from(bytes) } : {}),
    })
    const type = response.headers.get('content-type') ?? 'application/octet-stream'
    return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()), type }
  })

  return {
    /** For `SLACK_API_URL`: ends in `/api/`. */
    apiUrl: `${door.origin}/api/`,
    token: BOT_TOKEN,
    team: directory.team,
    appId: APP_ID,
    botUserId: BOT_USER_ID,
    userId,
    channelId,
    /** Every Web API call of the app so far, oldest first, with what it was answered. */
    calls: calls as readonly SlackCall[],
    callsTo: (method: string) => calls.filter((made) => made.method === method),

    /** Sends what follows to another address: the desk often learns its port only when this runs already. */
    deliverTo: (url: string) => {
      eventsUrl = url
    },
    /** Answers the next call of `method` with this instead: `(…, 429, {ok: false}, {'retry-after': '1'})`. */
    failNext: (method: string, status: number, body: unknown, headers: Record<string, string> = {}) => {
      failures.set(method, [...(failures.get(method) ?? []), { status, headers, body }])
    },

    /** Asks `play` what becomes of each call from now on; without it everything goes its way again. */
    interfere: (play: typeof interference = () => undefined) => {
      interference = play
    },

    /** The direct conversation of this person with the app, as a channel id. */
    async direct(name: string): Promise<string> {
      const answer = await call(tokenOf(name), 'conversations.open', { users: BOT_USER_ID })
      return isRecord(answer.channel) ? String(answer.channel.id) : ''
    },
    /** Says something; `thread` is the root's ts. Names of channels and ids are both understood. */
    async postAs(
      name: string,
      channel: string,
      text: string,
      more: { thread?: string; files?: readonly SentFile[]; hold?: boolean } = {},
    ): Promise<PostedMessage> {
      const id = channelId(channel)
      const args = { channel: id, text, ...(more.thread ? { thread_ts: more.thread } : {}) }
      const answer = await call(tokenOf(name), 'chat.postMessage', args)
      const event = {
        ...(isRecord(answer.message) ? answer.message : {}),
        channel: id,
        team: directory.team,
        client_msg_id: randomUUID(),
        ...(more.files ? { subtype: 'file_share', files: more.files.map(hosted) } : {}),
      }
      const held = [holdEvent({ ...event, type: 'message', channel_type: channelType(id) })]
      if (text.includes(`<@${BOT_USER_ID}>`) && !id.startsWith('D')) {
        held.push(holdEvent({ ...event, type: 'app_mention' }))
      }
      const deliveries: SlackDelivery[] = []
      if (!more.hold) for (const deliver of held) deliveries.push(await deliver())
      return { channel: id, ts: String(answer.ts), deliveries, held }
    },
    /** Rewrites one's own message: `message_changed`. */
    async editAs(name: string, channel: string, ts: string, text: string): Promise<SlackDelivery> {
      const id = channelId(channel)
      const before = await message(id, ts)
      const answer = await call(tokenOf(name), 'chat.update', { channel: id, ts, text })
      return sendEvent({
        type: 'message',
        subtype: 'message_changed',
        hidden: true,
        channel: id,
        channel_type: channelType(id),
        ts: instant(),
        // Slack marks what its author changed; `chat.update` of the emulator leaves the mark out.
        message: {
          ...before,
          ...(isRecord(answer.message) ? answer.message : {}),
          edited: { user: userId(name), ts: instant() },
        },
        previous_message: before,
      })
    },
    /** Removes one's own message: `message_deleted`. */
    async deleteAs(name: string, channel: string, ts: string): Promise<SlackDelivery> {
      const id = channelId(channel)
      const before = await message(id, ts)
      await call(tokenOf(name), 'chat.delete', { channel: id, ts })
      return sendEvent({
        type: 'message',
        subtype: 'message_deleted',
        hidden: true,
        channel: id,
        channel_type: channelType(id),
        ts: instant(),
        deleted_ts: ts,
        previous_message: before,
      })
    },
    /** Adds a reaction: `reaction_added`. */
    async reactAs(name: string, channel: string, ts: string, reaction: string): Promise<SlackDelivery> {
      const id = channelId(channel)
      await call(tokenOf(name), 'reactions.add', { channel: id, timestamp: ts, name: reaction })
      const item = { type: 'message', channel: id, ts }
      return sendEvent({ type: 'reaction_added', user: userId(name), reaction, item })
    },
    /** Opens the app's home: `app_home_opened`. */
    openHome: (name: string, channel: string) =>
      sendEvent({ type: 'app_home_opened', user: userId(name), channel, tab: 'home' }),
    /** Any other event of this workspace. */
    sendEvent,

    /** Presses the button, or makes the choice, with this `action_id` on a message as it now is. */
    async press(name: string, channel: string, ts: string, actionId: string, option?: string) {
      const id = channelId(channel)
      const shown = await message(id, ts)
      const action = findAction(shown.blocks, actionId, option)
      return interact({
        ...(await interaction(name, 'block_actions')),
        container: { type: 'message', message_ts: ts, channel_id: id, is_ephemeral: false },
        channel: { id, name: channel },
        message: shown,
        state: { values: {} },
        response_url: `${door.origin}/response/${ts}`,
        actions: [{ ...action, action_ts: instant() }],
      })
    },
    /** Submits a form that `views.open` answered with, with `state.values` as Slack shapes them. */
    async submit(name: string, view: Readonly<Record<string, unknown>>, values: Record<string, unknown>) {
      return interact({
        ...(await interaction(name, 'view_submission')),
        view: { ...view, state: { values } },
        response_urls: [],
      })
    },
    /** Uses a message's shortcut (`ts` given) or a global one. */
    async shortcut(name: string, callbackId: string, on?: { channel: string; ts: string }) {
      const base = await interaction(name, on ? 'message_action' : 'shortcut')
      if (!on) return interact({ ...base, callback_id: callbackId })
      const id = channelId(on.channel)
      return interact({
        ...base,
        callback_id: callbackId,
        channel: { id, name: on.channel },
        message: await message(id, on.ts),
        message_ts: on.ts,
        response_url: `${door.origin}/response/${on.ts}`,
      })
    },
    /** Types a slash command: `('ann', 'help', '/ticket', 'claim 42')`. */
    async command(name: string, channel: string, command: string, text: string) {
      const fields = {
        token: 'unused',
        team_id: directory.team,
        team_domain: team.domain,
        channel_id: channelId(channel),
        channel_name: channel,
        user_id: userId(name),
        user_name: name,
        command,
        text,
        api_app_id: APP_ID,
        is_enterprise_install: 'false',
        response_url: `${door.origin}/response/command`,
        trigger_id: await trigger(name),
      }
      return sendForm(fields, fields)
    },

    /** What stands in a channel now, oldest first; with `thread`, that thread including its root. */
    async messages(channel: string, thread?: string) {
      const id = channelId(channel)
      const answer = thread
        ? await call(BOT_TOKEN, 'conversations.replies', { channel: id, ts: thread, limit: 200 })
        : await call(BOT_TOKEN, 'conversations.history', { channel: id, limit: 200 })
      return records(answer.messages).toSorted((a, b) => String(a.ts).localeCompare(String(b.ts)))
    },
    async stop(): Promise<void> {
      await door.close()
      await emulator.close()
    },
  }
}

function seed(options: SlackOptions) {
  return {
    signing_secret: options.signingSecret,
    team: { name: 'Gongdan', domain: 'gongdan' },
    users: options.people.map((one) => ({
      name: one.name,
      real_name: one.realName ?? one.name,
      email: one.email ?? `${one.name}@example.com`,
    })),
    channels: options.channels.map(({ name, private: isPrivate }) => ({
      name,
      is_private: isPrivate ?? false,
    })),
    oauth_apps: [
      {
        app_id: APP_ID,
        client_id: '1.1',
        client_secret: 'unused',
        name: 'gongdan',
        redirect_uris: [],
        bot_id: BOT_ID,
        bot_user_id: BOT_USER_ID,
        bot_name: 'gongdan',
      },
    ],
    tokens: [
      { token: BOT_TOKEN, type: 'bot', user_id: BOT_USER_ID, app_id: APP_ID, bot_id: BOT_ID },
      ...['admin', ...options.people.map(({ name }) => name)].map((name) => ({
        token: tokenOf(name),
        type: 'user',
        user: name,
      })),
    ],
  }
}

function tokenOf(name: string): string {
  return `xoxp-${name}`
}

async function lookUp(
  call: (token: string, method: string, args?: Record<string, unknown>) => Promise<Record<string, unknown>>,
) {
  const users = records((await call(tokenOf('admin'), 'users.list', { limit: 1_000 })).members)
  const types = 'public_channel,private_channel'
  const found = records(
    (await call(tokenOf('admin'), 'conversations.list', { types, limit: 1_000 })).channels,
  )
  return {
    team: String((await call(BOT_TOKEN, 'auth.test')).team_id),
    people: Object.fromEntries(users.map(({ name, id }) => [String(name), String(id)])),
    channels: Object.fromEntries(found.map(({ name, id }) => [String(name), String(id)])),
    privateChannels: new Set(found.filter((one) => one.is_private === true).map(({ id }) => String(id))),
  }
}

/** The pressed element as Slack reports it, found among the blocks, their accessories and their elements. */
function findAction(blocks: unknown, actionId: string, option?: string): Record<string, unknown> {
  for (const block of records(blocks)) {
    const elements = [...records(block.elements), ...(isRecord(block.accessory) ? [block.accessory] : [])]
    const element = elements.find((one) => one.action_id === actionId)
    if (!element) continue
    const { type, value, text } = element
    const base = { type, action_id: actionId, block_id: block.block_id ?? 'b', value, text }
    if (option === undefined) return base
    const chosen = records(element.options).find((one) => one.value === option)
    if (!chosen) throw new Error(`no option ${option} in ${actionId}`)
    return { ...base, selected_option: chosen }
  }
  throw new Error(`no element ${actionId} on this message`)
}

function known(ids: Readonly<Record<string, string>>, name: string, what: string): string {
  const id = ids[name]
  if (!id) throw new Error(`no ${what} ${name} in the emulated workspace`)
  return id
}

function pad(n: number): string {
  return String(n).padStart(6, '0')
}
