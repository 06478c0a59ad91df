import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../support/wait.ts'
import type { SlackSpeaker, SlackTalk } from './slack-talk.ts'
import { slackTalk } from './slack-talk.ts'

/** What goes wrong between the desk and Slack, and that nobody in the conversation has to know. */

let talk: SlackTalk
let ana: SlackSpeaker
let li: SlackSpeaker
let sam: SlackSpeaker

beforeEach(async () => {
  talk = await slackTalk()
  ana = talk.person('ana')
  li = talk.person('li')
  sam = talk.person('sam')
})
afterEach(async () => {
  await talk.end()
})

const IT = { in: 'it-desk' }
const posts = () => talk.slack.callsTo('chat.postMessage').filter((call) => call.response.ok === true)
const error = (code: string) => ({ status: 200, body: { ok: false, error: code } })

/** Everything that was posted into the agents' channel itself: one card a ticket if nothing was doubled. */
const agentsCards = async () => (await li.reads(IT)).map((one) => one.text.split('\n')[0])

describe('a token that stops working', () => {
  it('loses nothing: what waited is delivered in order once there is a token again', async () => {
    talk.slack.interfere(() => error('token_revoked'))
    const root = await ana.says('my laptop will not boot')
    await ana.says('it is a grey one', { thread: root.ts })
    await ana.says('and it beeps twice', { thread: root.ts })
    await waitFor('the desk has tried', 5_000, () => talk.slack.callsTo('chat.postMessage').length > 0)
    expect(await talk.outbox.dead(talk.desk.workspace, 10)).toEqual([])
    expect(talk.lines.some((line) => line.includes('token_revoked'))).toBe(true)

    talk.slack.interfere()
    await talk.timePasses()
    await talk.quiet()
    await ana.sees(/IT-1 ·/u, { thread: root.ts })
    const card = await sam.sees(/IT-1 ·/u, IT)
    const said = (await sam.reads({ in: 'it-desk', thread: card.ts })).slice(1).map((one) => one.text)
    expect(said.map((text) => text.replace(/^.*: /u, ''))).toEqual(['it is a grey one', 'and it beeps twice'])
  })

  it('does not make the desk busy: a lane that waits is left alone', async () => {
    talk.slack.interfere(() => error('token_revoked'))
    const root = await ana.says('my laptop will not boot')
    await waitFor('the desk has tried', 5_000, () => talk.slack.callsTo('chat.postMessage').length > 0)
    // Behind the card that waits there is something more in its lane now.
    await ana.says('it is a grey one', { thread: root.ts })
    const before = await lanesTouched()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect((await lanesTouched()) - before).toBeLessThan(40)
  })

  /** Rows that the database has written in the table of lanes so far. */
  async function lanesTouched(): Promise<number> {
    // A backend tells its numbers when it is idle; asking for a fresh snapshot is enough after a pause.
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    await talk.sql`select pg_stat_clear_snapshot()`
    const [row] =
      await talk.sql`select n_tup_upd::int as count from pg_stat_user_tables where relname = 'lanes'`
    return Number(row?.count)
  }
})

describe('a platform that says "slower"', () => {
  it('is obeyed, and nothing is doubled', async () => {
    const agents = talk.slack.channelId('it-desk')
    let refusedAt = 0
    talk.slack.interfere((method, args) => {
      if (method !== 'chat.postMessage' || args.channel !== agents || refusedAt > 0) return undefined
      refusedAt = performance.now()
      return { status: 429, headers: { 'retry-after': '2' }, body: { ok: false, error: 'ratelimited' } }
    })
    await ana.says('my laptop will not boot')
    await sam.sees(/IT-1 ·/u, IT)
    expect(performance.now() - refusedAt).toBeGreaterThan(1_900)
    await talk.quiet()
    expect(await agentsCards()).toEqual(['IT-1 · my laptop will not boot'])
  })
})

describe('an answer that is lost on its way', () => {
  it('is looked for, and the post is not made twice', async () => {
    await loseFirstAnswer()
    await ana.says('my laptop will not boot')
    await sam.sees(/IT-1 ·/u, IT)
    await waitForFault()
    await talk.timePasses()
    await talk.quiet()
    expect(await agentsCards()).toEqual(['IT-1 · my laptop will not boot'])
    // The thread under it works: the receipt is that of the post that was found.
    await sam.presses(/^Claim|^认领/u, await sam.sees(/IT-1 ·/u, IT))
    const card = await sam.sees(/IT-1 ·.*Sam Okafor/su, IT)
    await sam.sees(/Sam Okafor/u, { in: 'it-desk', thread: card.ts })
  })

  it('brings the found post up to date with what has happened since', async () => {
    await loseFirstAnswer()
    const root = await ana.says('my laptop will not boot')
    await waitForFault()
    // Cancelled while it is not known whether the agents' card was posted.
    await ana.presses(/^Cancel/u, await ana.sees(/IT-1 ·/u, { thread: root.ts }))
    await ana.sees(/Closed/u, { thread: root.ts })
    await talk.timePasses()
    await talk.quiet()
    expect((await li.reads(IT))[0]?.text).toMatch(/已关闭|Closed/u)
    expect(await agentsCards()).toHaveLength(1)
  })

  it('stays in doubt while looking for it does not work either', async () => {
    await loseFirstAnswer((method) =>
      method === 'conversations.history'
        ? { status: 429, headers: { 'retry-after': '1' }, body: { ok: false, error: 'ratelimited' } }
        : undefined,
    )
    await ana.says('my laptop will not boot')
    await waitForFault()
    await talk.timePasses()
    await waitFor('it was looked for in vain', 5_000, () =>
      talk.slack.calls.some((call) => call.method === 'conversations.history'),
    )
    talk.slack.interfere()
    await talk.timePasses()
    await waitFor('the second attempt is noted', 5_000, async () => {
      await talk.timePasses()
      return (await talk.outbox.depth()).ready === 0
    })
    await talk.quiet()
    expect(await agentsCards()).toEqual(['IT-1 · my laptop will not boot'])
  })

  /** The first post into the agents' channel is carried out, and its answer never arrives. */
  async function loseFirstAnswer(
    also: Parameters<SlackTalk['slack']['interfere']>[0] = () => undefined,
  ): Promise<void> {
    const agents = talk.slack.channelId('it-desk')
    let lost = false
    talk.slack.interfere((method, args) => {
      if (method === 'chat.postMessage' && args.channel === agents && !lost) {
        lost = true
        return 'lost-answer'
      }
      return also(method, args)
    })
  }

  const waitForFault = () =>
    waitFor('the fault is noted', 5_000, async () => {
      const [row] = await talk.sql`select count(*)::int as count from outbox where attempts > 0`
      return Number(row?.count) > 0
    })
})

describe('a channel that is gone', () => {
  it('leaves dead letters that an administrator sees and revives', async () => {
    const agents = talk.slack.channelId('it-desk')
    talk.slack.interfere((method, args) =>
      method.startsWith('chat.') && args.channel === agents ? error('is_archived') : undefined,
    )
    const root = await ana.says('my laptop will not boot')
    await ana.sees(/IT-1 ·/u, { thread: root.ts })
    await talk.quiet()
    const letters = await waitFor('the card is a dead letter', 5_000, async () => {
      const dead = await talk.outbox.dead(talk.desk.workspace, 10)
      return dead.length > 0 && dead
    })
    expect(letters).toEqual([expect.objectContaining({ kind: 'card', code: 'gone:is_archived' })])
    expect(talk.lines.some((line) => line.includes('"level":"error"') && line.includes('is_archived'))).toBe(
      true,
    )

    talk.slack.interfere()
    expect(await talk.outbox.revive(talk.desk.workspace, null, new Date())).toBe(1)
    await sam.sees(/IT-1 ·/u, IT)
    expect(await talk.outbox.dead(talk.desk.workspace, 10)).toEqual([])
  })
})

describe('a platform that is away for a while', () => {
  it('gets the backlog in order, many changes of one card as one edit', async () => {
    const root = await ana.says('my laptop will not boot')
    await ana.sees(/IT-1 ·/u, { thread: root.ts })
    await sam.sees(/IT-1 ·/u, IT)
    await sam.presses(/^Claim|^认领/u, (await li.reads(IT))[0]!)
    await ana.sees(/Sam Okafor/u, { thread: root.ts })
    await talk.quiet()

    talk.slack.interfere((method) => (method.startsWith('views.') ? undefined : 'lost-request'))
    for (const word of ['one', 'two', 'three', 'four', 'five', 'six'])
      await ana.says(`detail ${word}`, { thread: root.ts })
    await waitFor('all of it waits', 10_000, async () => {
      const [row] = await talk.sql`
        select (select count(*) from inbox where state = 'waiting') + (select count(*) from lanes where due_at <= now()) as count`
      return Number(row?.count) === 0
    })
    const edits = talk.slack.callsTo('chat.update').length
    talk.slack.interfere()
    await talk.timePasses()
    await talk.quiet()
    const [card] = await li.reads(IT)
    const said = (await li.reads({ in: 'it-desk', thread: card!.ts })).map((one) => one.text)
    expect(said.filter((text) => text.includes('detail'))).toEqual(
      ['one', 'two', 'three', 'four', 'five', 'six'].map((word) => `*Ana García*: detail ${word}`),
    )
    // Six messages changed the agents' card and the requester's six times; each was drawn once.
    const edited = talk.slack.callsTo('chat.update').slice(edits)
    const places = edited.map((call) => call.args.ts)
    expect(places).toHaveLength(new Set(places).size)
    expect(places).toContain(card!.ts)
    expect(posts().length).toBeGreaterThan(0)
  })
})

describe('somebody whom the desk does not know yet', () => {
  it('is not refused because Slack takes its time to say who he is', async () => {
    const root = await ana.says('my laptop will not boot')
    const card = await sam.sees(/IT-1 ·/u, IT)
    talk.slack.interfere((method) => (method === 'users.info' ? { delayMs: 1_500 } : undefined))
    await sam.presses(/^Claim|^认领/u, card)
    await ana.sees(/Handled by: Sam Okafor/u, { thread: root.ts })
  })

  it('may type his first command instead of pressing', async () => {
    const root = await ana.says('my laptop will not boot')
    const card = await sam.sees(/IT-1 ·/u, IT)
    await sam.says(`<@${talk.slack.botUserId}> claim`, { in: 'it-desk', thread: card.ts })
    await ana.sees(/Handled by: Sam Okafor/u, { thread: root.ts })
  })

  it('gets the form whose button he presses first, and is asked who he is when it comes back', async () => {
    const root = await ana.says('my laptop will not boot')
    const card = await sam.sees(/IT-1 ·/u, IT)
    const form = await sam.presses(/^Reply|^回复/u, card)
    expect(form).not.toBeNull()
    await sam.fillsIn(form!, { text: 'Please hold the power button for ten seconds' })
    await ana.sees(/Sam Okafor\*: Please hold/u, { thread: root.ts })

    const stranger = talk.person('zhou')
    const other = await stranger.presses(/^Reply|^回复/u, (await li.reads(IT))[0]!)
    await stranger.fillsIn(other!, { text: 'I am nobody here' })
    await stranger.isTold(/IT-1|工单 1/u)
    await ana.seesNothing(/I am nobody here/u, { thread: root.ts })
  })
})

describe('the thread around a captured message', () => {
  it('is taken without what the desk itself has said in it meanwhile', async () => {
    talk.slack.interfere((method) => (method === 'conversations.replies' ? { delayMs: 800 } : undefined))
    const root = await ana.says('Does anybody know why the wifi is so slow?', { in: 'random' })
    await li.says('4 楼也是', { in: 'random', thread: root.ts })
    await sam.shortcut('make_ticket', root)
    await ana.sees(/IT-1 ·/u, { in: 'random', thread: root.ts })
    await talk.quiet()
    const texts = await talk.sql`select count(*)::int as count from messages`
    expect(texts[0]?.count).toBe(2)
  })
})
