import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../support/wait.ts'
import type { Conversation, Speaker } from './conversation.ts'
import { conversation, textOf } from './conversation.ts'

/** What agents do with a ticket, in words and by forms, told as one day at the desk. On both databases. */

describe.each([
  ['PostgreSQL', false],
  ['the embedded database', true],
])('agents on %s', (_, embedded) => {
  let talk: Conversation
  let ana: Speaker
  let zhou: Speaker
  let li: Speaker
  let sam: Speaker
  let wang: Speaker

  beforeAll(async () => {
    talk = await conversation({ embedded })
    ana = talk.person('ana')
    zhou = talk.person('zhou-min')
    li = talk.person('li-wei')
    sam = talk.person('sam')
    wang = talk.person('wang-fang')
  })
  afterAll(async () => {
    await talk.end()
  })

  async function ticket(who: Speaker, text: string, number: string): Promise<string> {
    const root = await who.says(text)
    await who.sees(new RegExp(`${number} · `, 'u'), undefined, root)
    return root
  }

  async function tells(who: Speaker, number: string, words: string, channel = 'it'): Promise<void> {
    const card = await who.card(number, channel)
    await who.says(`@gongdan ${words}`, { channel, thread: card.id })
  }

  it('claim, put back, assign, hold, wait and resume by words', async () => {
    await ticket(ana, 'the printer on floor 3 is jammed', 'IT-1')
    await tells(sam, 'IT-1', 'claim')
    await ana.sees(/Handled by: Sam Okafor/u)
    await tells(sam, 'IT-1', 'unclaim')
    await ana.sees(/Handled by: Nobody yet/u)
    await tells(li, 'IT-1', '指派 Sam')
    await ana.sees(/Handled by: Sam Okafor/u)
    await sam.sees(/李伟 gave you IT-1/u)
    await tells(sam, 'IT-1', 'hold until the part arrives')
    await ana.sees(/Status: On hold/u)
    await tells(sam, 'IT-1', 'resume')
    await ana.sees(/Status: Being worked on/u)
    await tells(sam, 'IT-1', 'wait the vendor')
    await li.sees(/(状态|Status): (Waiting for a colleague|等同事协助)/u, 'it')
  })

  it('are told why not', async () => {
    await tells(li, 'IT-1', '指派 王芳')
    await li.sees(/王芳不在队列 IT 支持 里/u, 'it')
    await tells(sam, 'IT-1', 'priority whatever')
    await sam.sees(/The priorities are urgent, high, normal and low/u, 'it')
    await tells(sam, 'IT-1', 'transfer marketing they know')
    await sam.sees(/There is no queue “marketing”/u, 'it')
    await tells(sam, 'IT-1', 'resolve')
    await sam.sees(/Something is missing.*resolve IT-1/u, 'it')
    await wang.says('认领 1')
    await wang.sees(/没有找到您可以查看的工单 1/u)
  })

  it('ask somebody to help, and keep somebody informed', async () => {
    await tells(sam, 'IT-1', 'collaborate 王芳')
    await wang.sees(/请您协助处理 IT-1/u)
    await tells(sam, 'IT-1', 'watch 赵磊')
    await talk.person('zhao-lei').sees(/IT-1 · the printer/u)
    await tells(sam, 'IT-1', 'resume')
    await talk.person('zhao-lei').sees(/状态: 处理中/u)
  })

  it('link tickets, and merge a duplicate of somebody else without showing him the other’s words', async () => {
    // Within three minutes it would be taken for one more message about the printer.
    await talk.wait('PT10M')
    await ticket(ana, 'my screen stays black', 'IT-2')
    const second = await ticket(zhou, '三楼的打印机也卡纸了', 'IT-3')
    await tells(sam, 'IT-1', 'link 2')
    await sam.sees(/(Linked|关联): #2/u, 'it')
    await tells(li, 'IT-3', '合并 1')
    await sam.sees(/Only Sam Okafor|只有Sam Okafor/u, 'it').catch(() => undefined)
    await zhou.sees(/同样的问题已在 #1 中处理/u)
    await zhou.sees(/IT-1\n状态: 处理中/u)
    await tells(sam, 'IT-1', 'reply The new roller is in, please try')
    await ana.sees(/The new roller is in/u)
    await zhou.sees(/The new roller is in/u, undefined, second)
    await zhou.seesNothing(/on floor 3 is jammed/u)
  })

  it('resolve; the requester reopens by a button; nobody’s word is lost', async () => {
    await tells(sam, 'IT-1', 'resolve New roller')
    await ana.sees(/has resolved this: New roller/u)
    const card = await waitForCard(ana, /IT-1 ·/u, /Reopen/u)
    await ana.presses(/^Reopen$/u, 'dm:ana', card)
    await ana.sees(/IT-1 · [\s\S]*Status: Being worked on/u)
    await ana.says('cancel 1')
    await ana.sees(/IT-1 · [\s\S]*Status: Closed/u)
  })

  it('get files that the requester sends, and send some back', async () => {
    const picture = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    )
    const upload = await ana.uploads('black.png', picture)
    const root = (await ana.reads()).find((post) => post.text === 'my screen stays black')!.id
    await ana.says('this is how it looks', { thread: root, files: [upload] })
    await sam.sees(/black\.png/u, 'it')
  })

  it('see a breach when the time machine passes the deadline, and tickets close by themselves', async () => {
    await tells(sam, 'IT-2', 'note looking')
    await talk.wait('P5D')
    await sam.sees(/The first answer is overdue|首次答复已超时/u, 'it')
    await tells(sam, 'IT-2', 'resolve Cable was loose')
    await ana.sees(/IT-2 · [\s\S]*Status: Resolved after 5 (d|days)/u)
    await talk.wait('P4D')
    await ana.sees(/IT-2 · [\s\S]*Status: Closed/u)
    await ana.sees(/This request is closed now/u)
  })

  it('answers help in the reader’s language with what he may do', async () => {
    await ana.says('help')
    expect(textOf(await ana.sees(/What you can say here/u))).not.toMatch(/transfer:/u)
    await li.says('帮助')
    expect(textOf(await li.sees(/在这里可以说/u))).toMatch(/转交: 转到别的队列/u)
  })

  it('writes no words, names or addresses into the log', async () => {
    expect(talk.lines.join('\n')).not.toMatch(/printer|打印机|Ana|李伟|demo\.example|token/u)
    expect(talk.lines.filter((line) => line.includes('"error"'))).toEqual([])
  })

  async function waitForCard(who: Speaker, is: RegExp, has: RegExp) {
    await waitFor('the card', 8_000, async () =>
      (await who.reads()).some((post) => is.test(textOf(post)) && has.test(textOf(post))),
    )
    return (await who.reads()).find((post) => is.test(textOf(post)) && has.test(textOf(post)))!
  }
})
