import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../support/wait.ts'
import type { Conversation, Speaker } from './conversation.ts'
import { conversation, textOf } from './conversation.ts'

let talk: Conversation
let ana: Speaker
let zhou: Speaker
let li: Speaker
let sam: Speaker
let mia: Speaker
let liu: Speaker

beforeAll(async () => {
  talk = await conversation()
  ana = talk.person('ana')
  zhou = talk.person('zhou-min')
  li = talk.person('li-wei')
  sam = talk.person('sam')
  mia = talk.person('mia')
  liu = talk.person('liu-yan')
})
afterAll(async () => {
  await talk.end()
})

describe('a request in Chinese', () => {
  it('gets a card in its thread at once, and one for the agents', async () => {
    const root = await zhou.says('VPN 连不上了,十分钟后要开会!!')
    const card = await zhou.sees(/IT-1 · VPN 连不上了/u, 'dm:zhou-min', root)
    expect(textOf(card)).toMatch(/理解为: IT 支持（vpn, 连不上） · 高/u)
    expect(textOf(card)).toMatch(/首次答复期限/u)
    expect(textOf(await li.sees(/IT-1/u, 'it'))).toMatch(/提单人: 周敏/u)
  })

  it('is claimed by one of two agents, and the other is told who has it', async () => {
    const card = await sam.card('IT-1', 'it')
    await Promise.all([li.presses(/^认领$/u, 'it', card), sam.presses(/^认领$/u, 'it', card)])
    await zhou.sees(/处理人: (李伟|Sam Okafor)/u)
    const told = async () =>
      [...(await li.reads('it')), ...(await sam.reads('it'))].filter(
        (post) => post.private && /already has IT-1|已由.*认领/u.test(textOf(post)),
      )
    await waitFor('one of them is told', 5_000, async () => (await told()).length > 0)
    expect(await told()).toHaveLength(1)
  })

  it('keeps what agents say in the thread to themselves, and passes a reply on', async () => {
    const card = await li.card('IT-1', 'it')
    await li.says('他的证书过期了,我看看', { channel: 'it', thread: card.id })
    await zhou.seesNothing(/证书/u)
    await li.says('@工单 回复 请重启 VPN 客户端再试', { channel: 'it', thread: card.id })
    await sam.says('@gongdan reply Please restart the VPN client', { channel: 'it', thread: card.id })
    await zhou.sees(/重启 VPN 客户端|restart the VPN client/u)
    await zhou.seesNothing(/@工单|@gongdan/u)
  })

  it('lets the requester add to it in several messages, change one and take one back', async () => {
    const root = (await zhou.reads()).find((post) => post.author === 'zhou-min')!.id
    const first = await zhou.says('在 3 楼', { thread: root })
    const second = await zhou.says('工位 3-17', { thread: root })
    await li.sees(/周敏:\n工位 3-17/u, 'it')
    await zhou.edits(first, '在 5 楼')
    await li.sees(/在 5 楼(已编辑)?/u, 'it')
    await zhou.deletes(second)
    await li.sees(/消息已删除/u, 'it')
    await li.seesNothing(/3-17/u, 'it')
  })

  it('is resolved with a summary; thanks do not reopen it, but "还是不行" does', async () => {
    const handler = /李伟/u.test(textOf(await zhou.sees(/处理人: /u))) ? li : sam
    const form = await handler.presses(/解决|Resolve/u, 'it')
    expect(form?.fields[0]).toMatchObject({ id: 'text', required: true })
    expect(await handler.fillsIn(form!, { text: ' ' }, 'it')).toHaveProperty('text')
    expect(await handler.fillsIn(form!, { text: '更新了证书' }, 'it')).toBeNull()
    await zhou.sees(/已解决：更新了证书/u)
    const root = (await zhou.reads()).find((post) => post.author === 'zhou-min')!.id
    await zhou.says('谢谢!', { thread: root })
    await zhou.sees(/状态: 已解决/u)
    await zhou.says('还是连不上', { thread: root })
    await zhou.sees(/状态: 正在处理/u)
  })
})

describe('a request in English', () => {
  it('goes through its whole life', async () => {
    const root = await ana.says("my laptop won't boot")
    await ana.sees(/IT-2 · my laptop won't boot/u, 'dm:ana', root)
    await ana.says('it is a grey one')
    await sam.sees(/it is a grey one/u, 'it')
    await ana.says('my tickets')
    await ana.sees(/You asked for\nIT-2 · my laptop won't boot/u)
    const card = await sam.card('IT-2', 'it')
    await sam.says('@gongdan ask Which model is it?', { channel: 'it', thread: card.id })
    await ana.sees(/Waiting for your answer/u)
    await ana.sees(/Which model is it\?/u, 'dm:ana', root)
    await ana.says('ThinkPad X1', { thread: root })
    await ana.sees(/Received, waiting|Being worked on/u)
    const transfer = await sam.chooses(/^Transfer|^转交/u, 'it', await sam.card('IT-2', 'it'))
    await sam.fillsIn(transfer!, { choice: 'hr', text: 'a new starter' }, 'it')
    await mia.sees(/IT-2 ·/u, 'hr')
    await mia.sees(/ThinkPad X1/u, 'hr')
    await sam.sees(/Passed on to HR|已转交人事/u, 'it')
  })

  it('is not opened by thanks, and a courtesy is answered kindly', async () => {
    await talk.person('chen-dong').says('谢谢大家')
    await talk.person('chen-dong').sees(/有需要直接说/u)
    await talk.person('chen-dong').seesNothing(/IT-|HR-|FIN-/u)
  })

  it('shows a manager the numbers, and only staff', async () => {
    await liu.says('报表')
    await liu.sees(/现在的情况\n未完成: 2/u)
    await ana.says('report')
    await ana.sees(/These lists are for those who work on tickets/u)
  })

  it('refuses a stale press with the fresh card', async () => {
    const old = await mia.card('IT-2', 'hr')
    const priority = await mia.chooses(/^Priority|^优先级/u, 'hr', old)
    await mia.fillsIn(priority!, { choice: 'urgent', text: 'the CEO waits' }, 'hr')
    await mia.sees(/(优先级|Priority): (紧急|Urgent)/u, 'hr')
    await mia.presses(/^Claim|^认领/u, 'hr', old)
    await mia.sees(/has changed since that card was drawn/u, 'hr')
  })

  it('suggests the command that was probably meant', async () => {
    const card = await mia.card('IT-2', 'hr')
    await mia.says('@gongdan clam', { channel: 'hr', thread: card.id })
    await mia.sees(/Did you mean “claim”\?/u, 'hr')
    await ana.says('show 999')
    await ana.sees(/I don't find a ticket 999/u)
    await ana.says('show 1')
    await ana.sees(/I don't find a ticket 1 /u)
  })

  it('keeps the history', async () => {
    await mia.says('history 2')
    const history = textOf(await mia.sees(/asked for this/u))
    expect(history).toMatch(/passed it on from IT to HR – “a new starter”/u)
    expect(history).toMatch(/changed the priority from Normal to Urgent/u)
  })
})

describe('a first message that is taken back', () => {
  it('takes its words out of the title too', async () => {
    const tom = talk.person('tom')
    const root = await tom.says('my VPN password is hunter2')
    await tom.sees(/hunter2/u, 'dm:tom', root)
    await li.sees(/hunter2/u, 'it')
    await tom.deletes(root)
    await li.sees(/message deleted|消息已删除/u, 'it')
    await li.seesNothing(/hunter2/u, 'it')
    await tom.seesNothing(/hunter2/u)
  })
})
