import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { uuidv7 } from 'uuidv7'
import { parse as parseYaml } from 'yaml'
import type { Policy } from '../../src/core/policy.ts'
import { readPolicy } from '../../src/core/policy.ts'
import type { OutboxStore } from '../../src/core/store.ts'
import type { Connection } from '../../src/db/client.ts'
import { connectServer, migrateUrl } from '../../src/db/client.ts'
import { outboxStore } from '../../src/db/outbox.ts'
import { workspaceStore } from '../../src/db/workspace.ts'
import type { Desk } from '../../src/main.ts'
import { DEMO_POLICY, HOME_WORKSPACE, startDesk } from '../../src/main.ts'
import type { PostedMessage, SentFile, SlackDelivery, SlackEmulator } from '../support/emulate-slack.ts'
import { startSlackEmulator } from '../support/emulate-slack.ts'
import { freshPostgres } from '../support/shared-postgres.ts'
import { isRecord, records } from '../support/slack-door.ts'
import { waitFor } from '../support/wait.ts'
import { configOf, recording } from './conversation.ts'

/**
 * A desk in a Slack workspace, and the people in it. They write, press and fill in as people do in Slack; what they see
 * is what the emulated workspace holds afterwards.
 */
export interface SlackTalk {
  readonly slack: SlackEmulator
  readonly desk: Desk
  /** What the desk has logged. */
  readonly lines: readonly string[]
  readonly outbox: OutboxStore
  /** The desk's database, for looking behind the scenes and for moving its waiting times. */
  readonly sql: postgres.Sql
  person(name: string): SlackSpeaker
  /** Whatever waits for a later attempt is due now, as if that time had passed. */
  timePasses(): Promise<void>
  /** Nothing is under way any more: no event to handle, nothing to send. */
  quiet(): Promise<void>
  end(): Promise<void>
}

/** A message as it is shown in Slack. */
export interface Shown {
  readonly ts: string
  readonly channel: string
  readonly text: string
  readonly byDesk: boolean
  readonly blocks: unknown
  readonly files: readonly { readonly name: string; readonly url: string }[]
}

export interface Where {
  /** A channel by name or id; his direct conversation with the app if left out. */
  readonly in?: string
  readonly thread?: string
}

export type View = Readonly<Record<string, unknown>>

export interface SlackSpeaker {
  readonly id: string
  says(text: string, where?: Where & { files?: readonly SentFile[]; hold?: boolean }): Promise<PostedMessage>
  edits(message: PostedMessage, text: string): Promise<SlackDelivery>
  deletes(message: PostedMessage): Promise<SlackDelivery>
  reacts(message: { channel: string; ts: string }, reaction: string): Promise<SlackDelivery>
  /** Waits until the desk has said something that matches. */
  sees(pattern: RegExp, where?: Where): Promise<Shown>
  /** What the desk has said there so far. */
  reads(where?: Where): Promise<readonly Shown[]>
  /** Fails if the desk says something that matches, once it has nothing more to do. */
  seesNothing(pattern: RegExp, where?: Where): Promise<void>
  /** Waits for a note for this person alone. */
  isTold(pattern: RegExp): Promise<string>
  /** Presses the button with that label; the form that opened, if one did. */
  presses(label: RegExp, card: Shown): Promise<View | null>
  chooses(option: RegExp, card: Shown): Promise<View | null>
  /** Submits a form. Answers with the sentences beside its fields; null: accepted. */
  fillsIn(view: View, values: Readonly<Record<string, string>>): Promise<Record<string, string> | null>
  types(command: string, where?: Where): Promise<View | string | null>
  shortcut(callback: string, on?: { channel: string; ts: string }): Promise<View | null>
  opensHome(): Promise<void>
  /** The app's own page as this person last saw it. */
  home(pattern: RegExp): Promise<string>
}

const SECRET = 'a signing secret of the flows'

const PEOPLE = [
  { name: 'ana', realName: 'Ana García', email: 'ana@demo.example', locale: 'en-US', zone: 'Asia/Shanghai' },
  { name: 'zhou', realName: '周敏', email: 'zhou.min@demo.example', locale: 'zh-CN', zone: 'Asia/Shanghai' },
  { name: 'li', realName: '李伟', email: 'li.wei@demo.example', locale: 'zh-CN', zone: 'Asia/Shanghai' },
  { name: 'sam', realName: 'Sam Okafor', email: 'sam@demo.example', locale: 'en-US', zone: 'Asia/Shanghai' },
  { name: 'mia', realName: 'Mia Keller', email: 'mia@demo.example', locale: 'en-US', zone: 'Asia/Shanghai' },
] as const

export const CHANNELS = { it: 'it-desk', hr: 'hr-desk', finance: 'fin-desk' } as const
/** Where each message may be a request. */
export const INTAKE = 'help'

/** The demo workspace moved to Slack: queues have channels there, and people are known by their mail alone. */
export async function slackPolicy(
  slack: Pick<SlackEmulator, 'channelId'>,
  change: Partial<Policy> = {},
): Promise<Policy> {
  const read = readPolicy(parseYaml(await readFile(DEMO_POLICY, 'utf8')))
  if (!read.ok) throw new Error(`the demo policy is wrong: ${read.flaws[0]?.sentence}`)
  const { policy } = read
  const channelOf = (key: string) => slack.channelId(CHANNELS[key as keyof typeof CHANNELS])
  return {
    ...policy,
    queues: policy.queues.map((queue) => ({ ...queue, channels: { slack: channelOf(queue.key) } })),
    people: policy.people.map((person) => ({ ...person, identities: {} })),
    managers: {},
    // People in a test write faster than people do; each message is a request of its own.
    intake: { burst: '0m', channels: { slack: [slack.channelId(INTAKE)] } },
    ...change,
  }
}

/** Puts a policy in force in the home workspace of a database. */
export async function applyPolicy(connection: Connection, policy: Policy): Promise<string> {
  const workspaces = workspaceStore(connection.database, { next: () => uuidv7() })
  const workspace = await workspaces.ensure(HOME_WORKSPACE, new Date())
  await workspaces.apply(workspace, policy, 'test', () => 'default', new Date())
  return workspace
}

export async function slackTalk(
  options: { people?: readonly { name: string; email?: string; locale?: string }[] } = {},
): Promise<SlackTalk> {
  const folder = await mkdtemp(join(tmpdir(), 'gongdan-slack-'))
  const [database, slack] = await Promise.all([
    freshPostgres(migrateUrl, 'slack'),
    startSlackEmulator({
      signingSecret: SECRET,
      people: [...PEOPLE, ...(options.people ?? [])],
      channels: [
        ...Object.values(CHANNELS).map((name) => ({ name, private: true })),
        { name: INTAKE },
        { name: 'random' },
      ],
      echo: true,
    }),
  ])
  const connection = connectServer(database.url, 2)
  await applyPolicy(connection, await slackPolicy(slack))
  const lines: string[] = []
  const desk = await startDesk(
    configOf(folder, database.url, { WEB_CHAT: '0', ...slackSettings(slack) }),
    recording(lines),
  )
  slack.deliverTo(`${desk.url}/slack/events`)
  const sql = postgres(database.url, { max: 2, onnotice: () => {} })
  const people = new Map<string, SlackSpeaker>()
  const quiet = () => isQuiet(sql)
  return {
    slack,
    desk,
    lines,
    sql,
    outbox: outboxStore(connection.database),
    quiet,
    person(name) {
      const known = people.get(name) ?? speaker(slack, name, quiet)
      people.set(name, known)
      return known
    },
    async timePasses() {
      await sql`update outbox set run_at = now() - interval '1 second' where state = 'ready'`
      await sql`update lanes set due_at = now() - interval '1 second' where due_at is not null`
    },
    async end() {
      slack.interfere()
      await desk.stop()
      await connection.close()
      await sql.end({ timeout: 1 })
      await slack.stop()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export function slackSettings(slack: Pick<SlackEmulator, 'token' | 'apiUrl'>): Record<string, string> {
  return { SLACK_BOT_TOKEN: slack.token, SLACK_SIGNING_SECRET: SECRET, SLACK_API_URL: slack.apiUrl }
}
export { SECRET as SIGNING_SECRET }

/** Waits until no event waits, nothing is due and nobody is sending. */
export async function isQuiet(sql: postgres.Sql, withinMs = 15_000): Promise<void> {
  await waitFor('the desk has nothing more to do', withinMs, async () => {
    const [row] = await sql`
      select (select count(*) from inbox where state = 'waiting') + (select count(*) from outbox where state = 'ready')
        + (select count(*) from lanes where lease_owner is not null) as busy`
    return Number(row?.busy) === 0
  })
}

function speaker(slack: SlackEmulator, name: string, quiet: () => Promise<void>): SlackSpeaker {
  const id = slack.userId(name)
  let own: Promise<string> | null = null
  const channelOf = async (where: Where = {}) => {
    if (where.in !== undefined) return slack.channelId(where.in)
    own ??= slack.direct(name)
    return own
  }
  const seen = { told: 0 }

  async function reads(where: Where = {}): Promise<readonly Shown[]> {
    const channel = await channelOf(where)
    const messages = await slack.messages(channel, where.thread)
    return messages.map((one) => shownOf(one, channel, slack)).filter((one) => one.byDesk)
  }

  /** Notes for this person alone: ephemeral ones, and those that came by the address of a press. */
  function notes(): readonly string[] {
    return slack.calls.flatMap(({ method, args, response }) => {
      if (response.ok !== true) return []
      if (method === 'chat.postEphemeral' && args.user === id) return [String(args.text)]
      if (method === 'response_url') return [String(args.text)]
      return []
    })
  }

  async function formAfter(work: () => Promise<SlackDelivery>): Promise<View | null> {
    const before = slack.callsTo('views.open').length
    const delivery = await work()
    if (delivery.status !== 200) throw new Error(`${name} was refused: ${delivery.status} ${delivery.body}`)
    const call = slack.callsTo('views.open')[before]
    if (call === undefined) return null
    if (call.response.ok !== true) throw new Error(`no form: ${JSON.stringify(call.response)}`)
    return isRecord(call.response.view) ? call.response.view : null
  }

  return {
    id,
    reads,
    says: async (text, where = {}) =>
      slack.postAs(name, await channelOf(where), text, {
        ...(where.thread === undefined ? {} : { thread: where.thread }),
        ...(where.files === undefined ? {} : { files: where.files }),
        ...(where.hold === undefined ? {} : { hold: where.hold }),
      }),
    edits: (message, text) => slack.editAs(name, message.channel, message.ts, text),
    deletes: (message) => slack.deleteAs(name, message.channel, message.ts),
    reacts: (message, reaction) => slack.reactAs(name, message.channel, message.ts, reaction),
    async sees(pattern, where) {
      let last: readonly Shown[] = []
      return waitFor(`${name} sees ${pattern}`, 10_000, async () => {
        last = await reads(where)
        return last.findLast((one) => pattern.test(one.text))
      }).catch((error: unknown) => {
        const there = last.map((one) => one.text).join('\n---\n')
        throw new Error(`${error instanceof Error ? error.message : ''}; there is:\n${there}`)
      })
    },
    async seesNothing(pattern, where) {
      await quiet()
      const found = (await reads(where)).find((one) => pattern.test(one.text))
      if (found !== undefined) throw new Error(`${name} sees what he should not: ${found.text}`)
    },
    async isTold(pattern) {
      const found = await waitFor(`${name} is told ${pattern}`, 10_000, () => {
        const fresh = notes().slice(seen.told)
        const index = fresh.findIndex((one) => pattern.test(one))
        if (index < 0) return undefined
        seen.told += index + 1
        return { text: fresh[index] ?? '' }
      }).catch((error: unknown) => {
        throw new Error(`${error instanceof Error ? error.message : ''}; notes:\n${notes().join('\n---\n')}`)
      })
      return found.text
    },
    presses: (label, card) =>
      formAfter(() => slack.press(name, card.channel, card.ts, controlOf(card, label).id)),
    chooses: (option, card) => {
      const control = controlOf(card, option)
      return formAfter(() => slack.press(name, card.channel, card.ts, control.id, control.option))
    },
    async fillsIn(view, values) {
      const state = Object.fromEntries(
        records(view.blocks)
          .filter((block) => block.type === 'input')
          .map((block) => [String(block.block_id), stateOf(block, values[String(block.block_id)])]),
      )
      const delivery = await slack.submit(name, view, state)
      if (delivery.status !== 200) throw new Error(`${name} was refused: ${delivery.status}`)
      if (delivery.body === '') return null
      const answer: unknown = JSON.parse(delivery.body)
      return isRecord(answer) && isRecord(answer.errors) ? (answer.errors as Record<string, string>) : null
    },
    async types(command, where) {
      const [word = '', ...rest] = command.split(' ')
      let body = ''
      const channel = await channelOf(where)
      const view = await formAfter(async () => {
        const delivery = await slack.command(name, channel, word, rest.join(' '))
        body = delivery.body
        return delivery
      })
      return view ?? (body === '' ? null : body)
    },
    shortcut: (callback, on) => formAfter(() => slack.shortcut(name, callback, on)),
    async opensHome() {
      await slack.openHome(name, await channelOf())
    },
    home: (pattern) =>
      waitFor(`${name} sees ${pattern} at home`, 10_000, () => {
        const view = slack
          .callsTo('views.publish')
          .findLast((one) => one.args.user_id === id && one.response.ok === true)?.args.view
        const text = JSON.stringify(view ?? '')
        return pattern.test(text) ? text : undefined
      }),
  }
}

function shownOf(message: Record<string, unknown>, channel: string, slack: SlackEmulator): Shown {
  return {
    ts: String(message.ts),
    channel,
    text: String(message.text ?? ''),
    byDesk: message.user === slack.botUserId,
    blocks: message.blocks,
    files: records(message.files).map((file) => ({ name: String(file.name), url: String(file.url_private) })),
  }
}

/** The button with this label, or the menu with this option in it. */
function controlOf(card: Shown, label: RegExp): { id: string; option: string | undefined } {
  for (const block of records(card.blocks)) {
    for (const element of records(block.elements)) {
      if (isRecord(element.text) && label.test(String(element.text.text)))
        return { id: String(element.action_id), option: undefined }
      const option = records(element.options).find(
        (one) => isRecord(one.text) && label.test(String(one.text.text)),
      )
      if (option !== undefined) return { id: String(element.action_id), option: String(option.value) }
    }
  }
  throw new Error(`no ${label} on: ${card.text}`)
}

function stateOf(block: Record<string, unknown>, value: string | undefined): Record<string, unknown> {
  const element = isRecord(block.element) ? block.element : {}
  const id = String(element.action_id)
  if (element.type === 'file_input') return { [id]: { type: 'file_input', files: [] } }
  if (element.type === 'plain_text_input') return { [id]: { type: 'plain_text_input', value: value ?? null } }
  const chosen = records(element.options).find((one) => one.value === value) ?? null
  return { [id]: { type: element.type, selected_option: chosen } }
}
