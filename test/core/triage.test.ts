import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { languageOf } from '../../src/core/triage/language.ts'
import { findWord, folded } from '../../src/core/triage/match.ts'
import { isRequest } from '../../src/core/triage/request.ts'
import { titleOf, triage } from '../../src/core/triage/triage.ts'
import { demoPolicy } from './people.ts'

describe('is it a request', () => {
  it.each([
    'thanks',
    'Thanks!',
    'thank you so much 🙏',
    'ok',
    'OK thanks',
    'Great, thank you all!',
    'hi',
    'Hello there',
    'good morning team',
    'got it, thanks',
    'it works now, thanks',
    'All fixed now',
    'bye, have a nice day',
    '谢谢',
    '谢谢啦！',
    '非常感谢',
    '好的',
    '好的，谢谢',
    '收到',
    '收到，谢谢！',
    '你好',
    '在吗？',
    '早上好',
    '辛苦了',
    '搞定了，谢谢',
    '已经好了',
    '嗯嗯',
    '👍',
    '😊😊',
    '   ',
    '',
    '…',
    'thx',
    '3Q',
  ])('"%s" is not', (text) => expect(isRequest(text)).toBe(false))

  it.each([
    "my laptop won't boot",
    'VPN 连不上了',
    'hi, the printer is jammed',
    'thanks but it still fails',
    '你好，打印机卡纸了',
    '好的，但是还是不行',
    '谢谢，另外我的邮箱也登不上',
    'it works now but the mouse is broken',
    '帮我开个发票',
    'help',
    '还是连不上',
    'ok but when?',
    '急！',
    '在吗，电脑黑屏',
    'not working',
    '没好',
    'مرحبا، الطابعة لا تعمل',
  ])('"%s" is', (text) => expect(isRequest(text)).toBe(true))

  it('a thank-you added to a request never drops it', () => {
    for (const request of ["my laptop won't boot", '打印机卡纸了']) {
      for (const thanks of ['thanks', '谢谢', 'Hi,', '你好，']) {
        expect(isRequest(`${request} ${thanks}`)).toBe(true)
        expect(isRequest(`${thanks} ${request}`)).toBe(true)
      }
    }
  })
})

describe('words of the policy', () => {
  it.each([
    ['three people', 'hr', false],
    ['HR please', 'hr', true],
    ['ＶＰＮ 坏了', 'vpn', true],
    ['VPN连不上', 'vpn', true],
    ['my vpn2 box', 'vpn', false],
    ['打印机卡纸了', '打印机', true],
    ['I can’t work', "can't work", true],
    ['logging in', 'log in', false],
    ['', 'vpn', false],
    ['x', '', false],
  ])('in "%s" the word "%s" is found: %s', (text, word, found) =>
    expect(findWord(folded(text), folded(word))).toBe(found),
  )
})

describe('triage', () => {
  const of = (text: string, vip = false) => triage(text, { policy: demoPolicy, locale: 'en', vip })
  it.each([
    ['VPN 连不上了,十分钟后要开会!!', 'it', 'high', 'zh'],
    ["my laptop won't boot", 'it', 'normal', 'en'],
    ['想请三天年假', 'hr', 'normal', 'zh'],
    ['where is my reimbursement? no rush', 'finance', 'low', 'en'],
    ['全公司断网了', 'it', 'urgent', 'zh'],
    ['something else entirely', 'it', 'normal', 'en'],
  ])('understands "%s"', (text, queue, priority, language) => {
    expect(of(text)).toMatchObject({ queue, priority, language })
  })

  it('says why', () => {
    expect(of('VPN is down, urgent').queueReasons).toEqual([{ code: 'keyword', evidence: 'vpn', weight: 1 }])
    expect(of('hm?').queueReasons).toEqual([{ code: 'default-queue' }])
    expect(of('hm?', true)).toMatchObject({ priority: 'high', priorityReasons: [{ code: 'vip' }] })
  })

  it('answers in the language of the writing', () => {
    expect(languageOf('VPN 连不上', 'en')).toBe('zh')
    expect(languageOf('hello', 'zh')).toBe('en')
    expect(languageOf('123 !!', 'zh')).toBe('zh')
  })

  it('takes the first line that says something as the title, cut at 80 characters', () => {
    expect(titleOf('\n---\n  the mouse is broken\nreally')).toBe('the mouse is broken')
    expect([...titleOf('字'.repeat(200))]).toHaveLength(80)
    expect(titleOf('😀'.repeat(3))).toBe('😀😀😀')
  })

  it('is total, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.boolean(), (text, vip) => {
        const seen = of(text, vip)
        expect([...seen.title].length).toBeLessThanOrEqual(80)
        expect(demoPolicy.queues.map((queue) => queue.key)).toContain(seen.queue)
      }),
    )
    const started = performance.now()
    for (const text of [
      'thanks '.repeat(20_000),
      '谢'.repeat(100_000),
      '('.repeat(100_000),
      'ok '.repeat(33_000),
      `${'a'.repeat(99_999)} vpn`,
    ])
      of(text)
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
