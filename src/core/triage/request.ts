import { fold } from './match.ts'

/**
 * Whether a message asks for anything at all. Thanks, greetings and closings must neither open nor reopen a ticket; in
 * doubt it is a request, since a ticket too many costs a click and a lost one costs a person's day.
 */
export function isRequest(text: string): boolean {
  const said = fold(text)
    .replace(/[\p{P}\p{S}\p{Extended_Pictographic}\p{Cf}\p{Variation_Selector}\s]+/gu, ' ')
    .trim()
  if (said === '') return false
  const rest = POLITE.reduce((left, phrase) => left.replace(phrase, ' '), ` ${said} `).trim()
  return rest !== ''
}

/** Each takes one polite phrase out, with the small words around it; what remains is the request, if anything does. */
const POLITE: readonly RegExp[] = [
  / (?:hi|hello|hey|good (?:morning|afternoon|evening)|morning|bye|goodbye|see you|have a (?:nice|good|great) (?:day|one|weekend))(?: (?:there|all|team|everyone|guys|bot|gongdan))*(?= )/gu,
  / (?:ok(?:ay)?|great|perfect|awesome|cool|nice|alright|got it|understood|sure|no problem|np|cheers|yay)(?= )/gu,
  / (?:many |so much )?(?:thanks?|thank you|thx|ty|tysm|appreciate it|appreciated)(?: (?:so much|a lot|very much|a million|again|you|all|everyone|everybody|team|guys|for (?:the|your) (?:quick |fast )?(?:help|reply|answer|support)))*(?= )/gu,
  / (?:(?:it|that|this)(?: s| is)? )?(?:all )?(?:works?|working|fixed|solved|resolved|sorted)(?: (?:now|again|for me))*(?= )/gu,
  / (?:好的?|好滴|嗯+|哦+|收到|明白|了解|知道|可以|行|没事|没问题|不用)(?:了|啦|吧|的|哈)?(?= )/gu,
  / (?:非常|太|十分|多)?(?:谢谢+|多谢|感谢|辛苦|谢|3q)(?:您|你|你们|大家|啦|了|哈|的|帮忙|帮助|支持|各位)*(?= )/gu,
  / (?:你好|您好|大家好|早上好|早安|早|上午好|下午好|晚上好|在吗|在么|在不在|再见|拜拜|嗨|哈喽)(?:呀|啊|哈|了)?(?= )/gu,
  / (?:已经?|都)?(?:好|解决|搞定|恢复|修好|可以用|能用)(?:正常)?(?:了|啦)(?= )/gu,
]
