import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Policy } from '../../src/core/policy.ts'
import { connectServer, migrateUrl } from '../../src/db/client.ts'
import {
  applyPolicy,
  CHANNELS,
  isQuiet,
  SIGNING_SECRET,
  slackPolicy,
  slackSettings,
} from '../flow/slack-talk.ts'
import type { DeskProcess } from '../support/desk-process.ts'
import { refusedDesk, startDeskProcess } from '../support/desk-process.ts'
import type { PostedMessage, SlackEmulator } from '../support/emulate-slack.ts'
import { startSlackEmulator } from '../support/emulate-slack.ts'
import { freshPostgres } from '../support/shared-postgres.ts'
import { waitFor } from '../support/wait.ts'

/** Whole desks as processes: several on one database, killed at any moment, stopped in the middle of work. */

const CROWD = 60
const person = (index: number) => `person${index}`
const TOPICS = ['my printer is broken', 'I need a parental leave form', 'my invoice is wrong']
/** Slack takes one message a second in a channel; with many channels the crowd is served in seconds. */
const QUEUES = ['zero', 'one', 'two', 'three', 'four', 'five']
const DESKS = [...Object.values(CHANNELS), ...QUEUES.map((name) => `desk-${name}`)]

let slack: SlackEmulator
let folder: string
const desks: DeskProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gongdan-processes-'))
  slack = await startSlackEmulator({
    signingSecret: SIGNING_SECRET,
    people: Array.from({ length: CROWD }, (_, index) => ({ name: person(index), locale: 'en-US' })),
    channels: [...DESKS.map((name) => ({ name, private: true })), { name: 'help' }],
  })
})
afterAll(async () => {
  for (const desk of desks) desk.kill('SIGKILL')
  await Promise.all(desks.map((desk) => desk.ended))
  await slack.stop()
  await rm(folder, { recursive: true, force: true })
})

async function start(settings: Record<string, string>): Promise<DeskProcess> {
  const desk = await startDeskProcess({
    DATA_DIR: folder,
    WEB_CHAT: '0',
    ...slackSettings(slack),
    ...settings,
  })
  desks.push(desk)
  return desk
}

/** A database with the Slack policy in force, and a look into it. */
async function database(name: string, change: (policy: Policy) => Policy = (policy) => policy) {
  const fresh = await freshPostgres(migrateUrl, name)
  const connection = connectServer(fresh.url, 1)
  await applyPolicy(connection, change(await slackPolicy(slack)))
  await connection.close()
  const sql = postgres(fresh.url, { max: 3, onnotice: () => {} })
  return {
    url: fresh.url,
    sql,
    /** As if the dead had been dead for a minute: what they held may be taken. */
    async leasesEnd(): Promise<void> {
      await sql`update inbox set lease_until = now() - interval '1 second' where state = 'waiting'`
      await sql`update lanes set lease_until = now() - interval '1 second' where lease_until is not null`
    },
    async drop(): Promise<void> {
      await sql.end({ timeout: 1 })
      await fresh.drop()
    },
  }
}

type Held = PostedMessage['held'][number]
/** As Slack does: until it is accepted. */
async function insist(deliver: Held, url: () => string): Promise<void> {
  await waitFor('the delivery is accepted', 20_000, async () => {
    const answer = await deliver(`${url()}/slack/events`).catch(() => null)
    return answer?.status === 200
  })
}

async function write(index: number, text: string): Promise<PostedMessage> {
  return slack.postAs(person(index), await slack.direct(person(index)), text, { hold: true })
}

/** The desk's cards for a message: in its own thread, and in the agents' channels. */
async function cardsOf(
  said: PostedMessage,
  text: string,
  agentsSee?: readonly string[],
): Promise<{ own: number; agents: number }> {
  const own = (await slack.messages(said.channel, said.ts)).filter(
    (one) => one.user === slack.botUserId && String(one.text).includes(text),
  )
  const agents = (agentsSee ?? (await agentsTexts())).filter((one) => one.includes(`· ${text}\n`)).length
  return { own: own.length, agents }
}

/** Everything that stands in the agents' channels. */
async function agentsTexts(): Promise<readonly string[]> {
  const all = await Promise.all(DESKS.map((channel) => slack.messages(channel)))
  return all.flat().map((one) => String(one.text))
}

describe('two desks on one database', () => {
  it('make one ticket and one card of each message, whichever gets it and how often', async () => {
    const data = await database('two', (policy) => ({
      ...policy,
      queues: QUEUES.map((key, index) => ({
        ...policy.queues[0]!,
        key,
        prefix: `Q${index}`,
        channels: { slack: slack.channelId(`desk-${key}`) },
        keywords: { en: [key], zh: [] },
      })),
      default_queue: 'zero',
    }))
    const [a, b] = await Promise.all([start({ DATABASE_URL: data.url }), start({ DATABASE_URL: data.url })])
    const texts = Array.from(
      { length: CROWD },
      (_, index) => `thing ${QUEUES[index % QUEUES.length]} is broken (no. ${index})`,
    )
    const said: PostedMessage[] = []
    for (const [index, text] of texts.entries()) said.push(await write(index, text))
    const random = seeded(20_26)
    const deliveries = said
      .flatMap(({ held }) => [a, a, b, b].map((desk) => ({ desk, deliver: held[0]! })))
      .map((one) => ({ one, order: random() }))
      .toSorted((x, y) => x.order - y.order)
    const statuses = await Promise.all(
      deliveries.map(async ({ one }) => (await one.deliver(`${one.desk.url}/slack/events`)).status),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
    await isQuiet(data.sql, 40_000)
    const numbers = await data.sql`select number from tickets order by number`
    expect(numbers.map((row) => row.number)).toEqual(Array.from({ length: CROWD }, (_, index) => index + 1))
    const seen = await agentsTexts()
    for (const [index, one] of said.entries())
      expect({ index, ...(await cardsOf(one, texts[index]!, seen)) }).toEqual({ index, own: 1, agents: 1 })
    for (const desk of [a, b]) {
      desk.kill('SIGTERM')
      expect(await desk.ended).toEqual({ code: 0, signal: null })
    }
    await data.drop()
  }, 90_000)
})

describe('kill -9', () => {
  it('at any moment loses nothing that was acknowledged and doubles nothing', async () => {
    const data = await database('kill')
    const random = seeded(7)
    let desk = await start({ DATABASE_URL: data.url })
    const said: { message: PostedMessage; text: string }[] = []
    for (let round = 0; round < 4; round++) {
      const waiting: Promise<void>[] = []
      for (let index = 0; index < 3; index++) {
        const text = `${TOPICS[index]} in round ${round}`
        const message = await write(round * 3 + index, text)
        said.push({ message, text })
        waiting.push(insist(message.held[0]!, () => desk.url))
      }
      await new Promise((resolve) => setTimeout(resolve, random() * 120))
      desk.kill('SIGKILL')
      await desk.ended
      await data.leasesEnd()
      desk = await start({ DATABASE_URL: data.url })
      await Promise.all(waiting)
    }
    await isQuiet(data.sql, 20_000)
    for (const { message, text } of said)
      expect({ text, ...(await cardsOf(message, text)) }).toEqual({ text, own: 1, agents: 1 })
    const [row] = await data.sql`select count(*)::int as count, max(number) as last from tickets`
    expect(row).toEqual({ count: said.length, last: said.length })
    desk.kill('SIGKILL')
    await data.drop()
  }, 60_000)

  it('between the acknowledgement and the handling', async () => {
    const data = await database('ack')
    const desk = await start({ DATABASE_URL: data.url })
    const warm = await write(0, 'my printer is broken before')
    await insist(warm.held[0]!, () => desk.url)
    await isQuiet(data.sql)
    // Nobody gets a number while this transaction lasts: the event is durable and cannot be handled.
    const gate = await data.sql.reserve()
    await gate`begin`
    await gate`select * from counters for update`
    const message = await write(1, 'my printer is broken again')
    expect((await message.held[0]!(`${desk.url}/slack/events`)).status).toBe(200)
    desk.kill('SIGKILL')
    await desk.ended
    await gate`commit`
    gate.release()
    expect((await data.sql`select 1 from tickets`).length).toBe(1)
    await data.leasesEnd()
    const next = await start({ DATABASE_URL: data.url })
    await waitFor('it is handled', 10_000, async () => (await data.sql`select 1 from tickets`).length === 2)
    await isQuiet(data.sql)
    expect(await cardsOf(message, 'my printer is broken again')).toEqual({ own: 1, agents: 1 })
    next.kill('SIGKILL')
    await data.drop()
  })

  for (const [moment, play] of [
    ['between the handling and the sending', 'lost-request'],
    ['between the sending and the receipt', 'lost-answer'],
  ] as const) {
    it(moment, async () => {
      const data = await database('sending')
      const desk = await start({ DATABASE_URL: data.url })
      const agents = slack.channelId(CHANNELS.it)
      let killed = false
      slack.interfere((method, args) => {
        if (killed || method !== 'chat.postMessage' || args.channel !== agents) return undefined
        killed = true
        desk.kill('SIGKILL')
        return play
      })
      const text = `my printer is broken ${moment}`
      const message = await write(2, text)
      await insist(message.held[0]!, () => desk.url)
      await desk.ended
      slack.interfere()
      await data.leasesEnd()
      const next = await start({ DATABASE_URL: data.url })
      await isQuiet(data.sql)
      expect(await cardsOf(message, text)).toEqual({ own: 1, agents: 1 })
      next.kill('SIGKILL')
      await data.drop()
    })
  }
})

describe('SIGTERM under load', () => {
  it('answers or refuses each request, handles what it acknowledged, and holds nothing back', async () => {
    const data = await database('term')
    const desk = await start({ DATABASE_URL: data.url })
    const messages: PostedMessage[] = []
    for (let index = 0; index < CROWD; index++)
      messages.push(await write(index, `my printer is broken (${index})`))
    const outcomes = messages.map(
      (message, index) =>
        new Promise<'accepted' | 'refused'>((resolve) => {
          setTimeout(() => {
            message.held[0]!(`${desk.url}/slack/events`).then(
              ({ status }) => resolve(status === 200 ? 'accepted' : 'refused'),
              () => resolve('refused'),
            )
          }, index * 3)
        }),
    )
    await new Promise((resolve) => setTimeout(resolve, 90))
    desk.kill('SIGTERM')
    const stopped = performance.now()
    const done = await Promise.all(outcomes)
    expect(await desk.ended).toEqual({ code: 0, signal: null })
    // Not held up by connections that their clients would like to keep.
    expect(performance.now() - stopped).toBeLessThan(10_000)
    const accepted = done.filter((one) => one === 'accepted').length
    expect(accepted).toBeGreaterThan(0)
    const [row] = await data.sql`
      select (select count(*) from tickets)::int as tickets,
        (select count(*) from inbox where state = 'waiting' and key like 'message:%')::int as waiting,
        (select count(*) from inbox where lease_owner is not null)::int as events,
        (select count(*) from lanes where lease_owner is not null)::int as lanes`
    expect(row).toEqual({ tickets: accepted, waiting: 0, events: 0, lanes: 0 })
    expect(desk.output()).not.toMatch(/"level":(?:50|"error")/u)
    await data.drop()
  })
})

describe('the embedded database', () => {
  it('survives kill -9, and refuses a second process in its folder', async () => {
    const own = join(folder, 'embedded')
    const desk = await start({ DATA_DIR: own })
    const text = 'my printer is broken in the embedded one'
    const message = await write(3, text)
    expect((await message.held[0]!(`${desk.url}/slack/events`)).status).toBe(200)

    const second = await refusedDesk({ DATA_DIR: own })
    expect(second.code).toBe(1)
    expect(second.output).toMatch(new RegExp(`in use by process ${desk.pid}.*DATA_DIR`, 'su'))

    const late = await write(4, `${text} too`)
    expect((await late.held[0]!(`${desk.url}/slack/events`)).status).toBe(200)
    desk.kill('SIGKILL')
    await desk.ended
    const next = await start({ DATA_DIR: own })
    for (const [one, words] of [
      [message, text],
      [late, `${text} too`],
    ] as const) {
      await waitFor('there is a card', 15_000, async () => (await cardsOf(one, words)).own > 0)
      expect((await one.held[0]!(`${next.url}/slack/events`)).status).toBe(200)
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect((await cardsOf(message, text)).own).toBe(1)
    expect((await cardsOf(late, `${text} too`)).own).toBe(1)
    next.kill('SIGTERM')
    expect((await next.ended).code).toBe(0)
  }, 60_000)
})

describe('an empty database', () => {
  it('is set up once by three desks that start at the same time', async () => {
    const fresh = await freshPostgres(async () => {}, 'empty', 'gongdan_empty')
    const all = await Promise.all([0, 1, 2].map(() => start({ DATABASE_URL: fresh.url })))
    const sql = postgres(fresh.url, { max: 1, onnotice: () => {} })
    const [row] = await sql`
      select (select count(*) from workspaces)::int as workspaces,
        (select count(distinct key) from persons)::int as known, (select count(*) from persons)::int as people`
    expect(row?.workspaces).toBe(1)
    expect(row?.people).toBe(row?.known)
    for (const desk of all) desk.kill('SIGTERM')
    for (const desk of all) expect((await desk.ended).code).toBe(0)
    await sql.end({ timeout: 1 })
    await fresh.drop()
  })
})

/** A small generator of chance that is the same in every run. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
