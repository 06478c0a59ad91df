import { describe, expect, it } from 'vitest'
import type { Verb } from '../../src/core/command.ts'
import { VERBS } from '../../src/core/command.ts'
import { nearest, parse, parsePriority, WORDS } from '../../src/core/grammar.ts'
import { distance } from '../../src/core/triage/distance.ts'

describe('the command grammar', () => {
  it.each([
    ['claim 42', 'claim', 42, ''],
    ['认领 42', 'claim', 42, ''],
    ['认领42', 'claim', 42, ''],
    ['claim IT-42', 'claim', 42, ''],
    ['CLAIM #42', 'claim', 42, ''],
    ['/claim 42', 'claim', 42, ''],
    ['ｃｌａｉｍ 42', 'claim', 42, ''],
    ['reply 42 Please restart it', 'reply', 42, 'Please restart it'],
    ['回复 42：请重启', 'reply', 42, '请重启'],
    ['transfer 42 hr because it is theirs', 'transfer', 42, 'hr because it is theirs'],
    ['resolve 7 Replaced the cable.\nAll good.', 'resolve', 7, 'Replaced the cable.\nAll good.'],
    ['取消关注 3', 'unwatch', 3, ''],
    ['merge 42 17', 'merge', 42, '17'],
  ] as const)('reads "%s" anywhere', (text, verb, number, rest) => {
    expect(parse(text, 'command', false)).toEqual({ verb, number, rest })
    expect(parse(text, 'talk', false)).toEqual({ verb, number, rest })
  })

  it.each([
    ['my tickets', 'mine'],
    ['我的工单', 'mine'],
    ['report', 'report'],
    ['报表', 'report'],
    ['help', 'help'],
    ['帮助', 'help'],
  ] as const)('reads "%s" as a whole message', (text, verb) => {
    expect(parse(text, 'talk', false)?.verb).toBe(verb)
  })

  it.each([
    'close my account please',
    'report a bug: the page is empty',
    'help me with the printer',
    'add me to the group',
    'claim',
    'the VPN is down, please resolve 24 hours ago',
    '关闭我的账号',
    '解决一下打印机',
    'claimants 42',
  ])('takes "%s" for a request in a direct conversation', (text) => {
    expect(parse(text, 'talk', false)).toBeNull()
  })

  it.each([
    ['reply Hello there', 'reply', 'Hello there'],
    ['回复 您好', 'reply', '您好'],
    ['回复您好', 'reply', '您好'],
    ['resolve', 'resolve', ''],
    ['ask Which model?', 'ask', 'Which model?'],
    ['reply 5.30 pm is fine', 'reply', '5.30 pm is fine'],
    ['note 12:00 he called', 'note', '12:00 he called'],
  ] as const)('leaves out the number in a thread: "%s"', (text, verb, rest) => {
    expect(parse(text, 'command', true)).toEqual({ verb, number: null, rest })
  })

  it('knows every verb in both languages, and no word twice', () => {
    const seen = new Map<string, Verb>()
    for (const verb of VERBS) {
      for (const word of [...WORDS[verb].en, ...WORDS[verb].zh.filter((one) => one !== '?')]) {
        expect(seen.get(word) ?? verb).toBe(verb)
        seen.set(word, verb)
        expect(parse(`${word} 42 x`, 'command', false)?.verb, word).toBe(verb)
      }
      if (verb !== 'more') expect(WORDS[verb].en.length * WORDS[verb].zh.length).toBeGreaterThan(0)
    }
  })

  it('offers the nearest word', () => {
    expect(nearest('clam 42', distance)).toBe('claim')
    expect(nearest('resovle 3 done', distance)).toBe('resolve')
    expect(nearest('转叫 3', distance)).toBe('转交')
    expect(nearest('bananas', distance)).toBeNull()
    expect(nearest('', distance)).toBeNull()
  })

  it('reads priorities with their reason', () => {
    expect(parsePriority('high the CEO waits')).toEqual({ priority: 'high', reason: 'the CEO waits' })
    expect(parsePriority('紧急：全公司断网')).toEqual({ priority: 'urgent', reason: '全公司断网' })
    expect(parsePriority('whatever')).toBeNull()
  })
})
