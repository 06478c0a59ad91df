import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SlackSpeaker, SlackTalk } from './slack-talk.ts'
import { slackTalk } from './slack-talk.ts'

let talk: SlackTalk
let ana: SlackSpeaker
let zhou: SlackSpeaker
let li: SlackSpeaker
let sam: SlackSpeaker

beforeAll(async () => {
  talk = await slackTalk()
  ana = talk.person('ana')
  zhou = talk.person('zhou')
  li = talk.person('li')
  sam = talk.person('sam')
})
afterAll(async () => {
  await talk.end()
})

const IT = { in: 'it-desk' }

describe('a request in a direct conversation, in Chinese', () => {
  let root: Awaited<ReturnType<SlackSpeaker['says']>>

  it('gets a card in its thread, and one in the agents’ channel', async () => {
    root = await zhou.says('VPN 连不上了,十分钟后要开会!!')
    const card = await zhou.sees(/IT-1 · VPN 连不上了/u, { thread: root.ts })
    expect(card.text).toMatch(/理解为: IT 支持[(（]vpn, 连不上[)）] · 高/u)
    // The desk meets him for the first time; his name is there as soon as Slack has told it.
    await li.sees(/IT-1 ·.*提单人: 周敏/su, IT)
  })

  it('is carried out for an agent whom the desk has never seen, after looking him up', async () => {
    const card = await sam.sees(/IT-1 ·/u, IT)
    await sam.presses(/^认领$/u, card)
    await zhou.sees(/处理人: Sam Okafor/u, { thread: root.ts })
    await sam.sees(/Sam Okafor已认领/u, { in: 'it-desk', thread: card.ts })
  })

  it('passes follow-ups on, with their edits and deletions', async () => {
    const card = await li.sees(/IT-1 ·/u, IT)
    const place = { in: 'it-desk', thread: card.ts }
    const first = await zhou.says('在 3 楼', { thread: root.ts })
    const second = await zhou.says('工位 3-17', { thread: root.ts })
    await li.sees(/\*周敏\*: 工位 3-17/u, place)
    await zhou.edits(first, '在 5 楼')
    await li.sees(/在 5 楼[(（]已编辑[)）]/u, place)
    await zhou.deletes(second)
    await li.sees(/消息已删除/u, place)
    await li.seesNothing(/3-17/u, place)
  })

  it('keeps what agents say in the thread to themselves', async () => {
    const card = await li.sees(/IT-1 ·/u, IT)
    await li.says('他的证书过期了,我看看', { in: 'it-desk', thread: card.ts })
    await zhou.seesNothing(/证书/u, { thread: root.ts })
    await zhou.seesNothing(/证书/u)
  })

  it('lets the agent answer by a form, which says what is missing', async () => {
    const card = await sam.sees(/IT-1 ·/u, IT)
    const form = await sam.presses(/^回复/u, card)
    expect(await sam.fillsIn(form!, { text: '  ' })).toHaveProperty('text')
    expect(await sam.fillsIn(form!, { text: '请重启 VPN 客户端再试' })).toBeNull()
    await zhou.sees(/\*Sam Okafor\*: 请重启 VPN 客户端再试/u, { thread: root.ts })
    await sam.sees(/Sam Okafor → 提单人\*: 请重启/u, { in: 'it-desk', thread: card.ts })
  })

  it('ends with a summary, in the language of the request', async () => {
    const card = await sam.sees(/IT-1 ·/u, IT)
    const form = await sam.presses(/^解决/u, card)
    await sam.fillsIn(form!, { text: '更新了证书' })
    await zhou.sees(/Sam Okafor已解决[:：]更新了证书/u, { thread: root.ts })
    await zhou.says('谢谢!', { thread: root.ts })
    await zhou.sees(/状态: 已解决/u, { thread: root.ts })
    await zhou.says('还是连不上', { thread: root.ts })
    await zhou.sees(/状态: 正在处理/u, { thread: root.ts })
  })
})

describe('a request in English', () => {
  it('is one ticket, whatever number of events and deliveries bring it', async () => {
    const said = await ana.says(`<@${talk.slack.botUserId}> my laptop won't boot`, { in: 'help' })
    expect(said.deliveries.map(({ status }) => status)).toEqual([200, 200])
    await ana.sees(/IT-2 · my laptop won't boot/u, { in: 'help', thread: said.ts })
    for (const delivery of said.deliveries) {
      expect((await delivery.again()).status).toBe(200)
      expect((await delivery.again()).status).toBe(200)
    }
    await talk.quiet()
    expect(await ana.reads({ in: 'help', thread: said.ts })).toHaveLength(1)
    const [row] = await talk.sql`select count(*)::int as count from tickets`
    expect(row?.count).toBe(2)
  })

  it('is one ticket when a reply overtakes its root', async () => {
    const root = await ana.says('the printer on floor 3 is jammed', { in: 'help', hold: true })
    const reply = await ana.says('it is the one beside the lift', {
      in: 'help',
      thread: root.ts,
      hold: true,
    })
    await reply.held[0]!()
    await root.held[0]!()
    await talk.quiet()
    const thread = await ana.reads({ in: 'help', thread: root.ts })
    expect(thread.filter((one) => /^IT-\d+ ·/u.test(one.text))).toHaveLength(1)
    const [row] = await talk.sql`select count(*)::int as count from tickets`
    expect(row?.count).toBe(3)
    const card = await sam.sees(/IT-3 ·/u, IT)
    await sam.sees(/jammed/u, { in: 'it-desk', thread: card.ts })
  })

  it('cannot ring a whole channel through the desk', async () => {
    const said = await ana.says('<!channel> <!here> printer is out of paper @everyone', {
      in: 'help',
    })
    await ana.sees(/IT-4 ·/u, { in: 'help', thread: said.ts })
    const card = await sam.sees(/IT-4 ·/u, IT)
    expect(JSON.stringify(card)).not.toMatch(/<!(?:channel|here)|@(?:channel|here|everyone)\b/u)
    const form = await sam.presses(/^回复/u, card)
    await sam.fillsIn(form!, { text: '<!channel> @channel paper is on its way' })
    const reply = await ana.sees(/paper is on its way/u, { in: 'help', thread: said.ts })
    expect(reply.text).not.toMatch(/<!channel>|@channel\b/u)
    for (const { args } of talk.slack.callsTo('chat.postMessage'))
      expect(JSON.stringify(args)).not.toMatch(/<!(?:channel|here|everyone)/u)
  })
})

describe('other ways in', () => {
  it('a 🎫 on somebody’s message makes a ticket of its thread', async () => {
    const root = await zhou.says('谁知道三楼打印机怎么了?', { in: 'random' })
    await zhou.says('一直卡纸', { in: 'random', thread: root.ts })
    await talk.quiet()
    await zhou.seesNothing(/./u, { in: 'random', thread: root.ts })
    await ana.reacts(root, 'ticket')
    const card = await zhou.sees(/IT-5 · 谁知道三楼打印机怎么了/u, { in: 'random', thread: root.ts })
    expect(card.text).toMatch(/理解为/u)
    const agents = await li.sees(/IT-5 ·/u, IT)
    expect(agents.text).toMatch(/提单人: 周敏/u)
    await li.sees(/一直卡纸/u, { in: 'it-desk', thread: agents.ts })
  })

  it('a shortcut on a message brings what was said around it, and nothing of the desk’s own', async () => {
    const root = await ana.says('Does anybody know why the wifi is so slow?', { in: 'random' })
    await zhou.says('4 楼也是', { in: 'random', thread: root.ts })
    await sam.shortcut('make_ticket', root)
    await ana.sees(/IT-6 ·/u, { in: 'random', thread: root.ts })
    const agents = await sam.sees(/IT-6 ·/u, IT)
    await sam.sees(/4 楼也是/u, { in: 'it-desk', thread: agents.ts })
    await talk.quiet()
    const thread = await sam.reads({ in: 'it-desk', thread: agents.ts })
    expect(thread.slice(1).filter((one) => /IT-6 ·/u.test(one.text))).toEqual([])
  })

  it('/ticket opens a form, whose ticket lives in the direct conversation', async () => {
    const form = await ana.types('/ticket', { in: 'random' })
    if (form === null || typeof form === 'string') throw new Error('no form')
    expect(await ana.fillsIn(form, { title: 'x' })).toHaveProperty('text')
    expect(
      await ana.fillsIn(form, {
        title: 'Certificate',
        text: 'I need a certificate of employment',
        queue: 'hr',
      }),
    ).toBeNull()
    const card = await ana.sees(/HR-7 · Certificate/u)
    await ana.says('in English, please', { thread: card.ts })
    const agents = await talk.person('mia').sees(/HR-7 ·/u, { in: 'hr-desk' })
    await talk.person('mia').sees(/in English, please/u, { in: 'hr-desk', thread: agents.ts })
  })

  it('/ticket mine lists one’s own, for oneself alone', async () => {
    await ana.types('/ticket mine', { in: 'random' })
    expect(await ana.isTold(/You asked for/u)).toMatch(/HR-7 · Certificate/u)
    await ana.seesNothing(/HR-7/u, { in: 'random' })
  })

  it('the global shortcut opens the same form', async () => {
    const form = await zhou.shortcut('new_ticket')
    await zhou.fillsIn(form!, { text: '报销单退回来了,不知道为什么' })
    await zhou.sees(/FIN-8 ·/u)
  })

  it('App Home shows one’s own tickets, and staff the queue', async () => {
    await ana.opensHome()
    const page = await ana.home(/Your desk/u)
    expect(page).toMatch(/HR-7 · Certificate/u)
    expect(page).not.toMatch(/FIN-8/u)
    await sam.opensHome()
    expect(await sam.home(/Waiting in your queues/u)).toMatch(/IT-6/u)
  })
})

describe('files', () => {
  const small = { name: 'screen.png', mime: 'image/png', bytes: Buffer.from('a small picture') }

  it('go to the agents, and what is too large is said to be', async () => {
    const root = await ana.says('my screen flickers, see the picture', {
      files: [small, { ...small, name: 'film.mp4', mime: 'video/mp4', claimedSize: 11 * 1024 * 1024 }],
    })
    await ana.sees(/IT-9 ·/u, { thread: root.ts })
    const card = await sam.sees(/IT-9 ·/u, IT)
    const place = { in: 'it-desk', thread: card.ts }
    await sam.sees(/film\.mp4/u, place)
    await talk.quiet()
    const shared = (await sam.reads(place)).flatMap((one) => one.files)
    expect(shared.map((file) => file.name)).toEqual(['screen.png'])
  })

  it('refuses one that is larger than it said', async () => {
    const bytes = Buffer.alloc(10 * 1024 * 1024 + 1, 7)
    const root = await ana.says('the log of my printer', {
      files: [{ name: 'big.log', mime: 'text/plain', bytes, claimedSize: 10 }],
    })
    await ana.sees(/IT-10 ·/u, { thread: root.ts })
    const card = await sam.sees(/IT-10 ·/u, IT)
    await sam.sees(/big\.log/u, { in: 'it-desk', thread: card.ts })
  })

  it('go back to the requester with an answer', async () => {
    const card = await sam.sees(/IT-9 ·/u, IT)
    await sam.says(`<@${talk.slack.botUserId}> reply This is the cable to change`, {
      in: 'it-desk',
      thread: card.ts,
      files: [{ name: 'cable.png', mime: 'image/png', bytes: Buffer.from('a cable') }],
    })
    const root = await ana.sees(/This is the cable to change/u, await threadOf(/IT-9 ·/u))
    await talk.quiet()
    const files = (await ana.reads(await threadOf(/IT-9 ·/u))).flatMap((one) => one.files)
    expect(files.map((file) => file.name)).toEqual(['cable.png'])
    expect(root.text).toMatch(/Sam Okafor/u)
  })

  /** The thread of ana's direct conversation in which that card stands. */
  async function threadOf(card: RegExp): Promise<{ thread: string }> {
    const all = await talk.slack.messages(await talk.slack.direct('ana'))
    for (const one of all) {
      const thread = String(one.ts)
      if ((await ana.reads({ thread })).some((shown) => card.test(shown.text))) return { thread }
    }
    throw new Error(`no thread with ${card}`)
  }
})

describe('what must never be in a log', () => {
  it('is not: tokens and people’s words', () => {
    const log = talk.lines.join('\n')
    expect(log).not.toContain(talk.slack.token)
    expect(log).not.toMatch(/VPN|printer|García|laptop/u)
  })
})
