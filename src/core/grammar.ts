import type { Priority, Verb } from './command.ts'
import { PRIORITIES } from './command.ts'
import { fold } from './triage/match.ts'

/**
 * The one command grammar, in English and Chinese: `claim 42` = `认领 42` = `claim IT-42`. Inside a ticket's thread the
 * number may be left out. What is not a command is null, so that "close my account please" is a request and not a verb.
 */
export interface Spoken {
  readonly verb: Verb
  readonly number: number | null
  /** What follows, trimmed, in the writer's own spelling. */
  readonly rest: string
}

/** Every word that names a verb. The first of each language is the one that `help` shows. */
export const WORDS: Readonly<
  Record<Verb, { readonly en: readonly string[]; readonly zh: readonly string[] }>
> = {
  open: { en: ['new', 'open ticket', 'new ticket'], zh: ['新工单', '提单', '新建'] },
  mine: { en: ['my tickets', 'mine', 'list'], zh: ['我的工单', '我的'] },
  queue: { en: ['queue'], zh: ['队列'] },
  report: { en: ['report'], zh: ['报表'] },
  help: { en: ['help', '?'], zh: ['帮助', '?'] },
  show: { en: ['show'], zh: ['查看'] },
  history: { en: ['history'], zh: ['历史', '记录'] },
  claim: { en: ['claim', 'take'], zh: ['认领', '领取'] },
  unclaim: { en: ['unclaim', 'release'], zh: ['放回', '取消认领'] },
  reply: { en: ['reply', 'answer'], zh: ['回复'] },
  note: { en: ['note'], zh: ['备注'] },
  ask: { en: ['ask'], zh: ['追问', '询问'] },
  assign: { en: ['assign'], zh: ['指派', '分配'] },
  transfer: { en: ['transfer', 'move'], zh: ['转交', '转'] },
  priority: { en: ['priority'], zh: ['优先级'] },
  hold: { en: ['hold', 'pause'], zh: ['挂起', '暂停'] },
  wait: { en: ['wait'], zh: ['等内部'] },
  resume: { en: ['resume'], zh: ['恢复', '继续'] },
  resolve: { en: ['resolve', 'solve', 'done'], zh: ['解决', '办结'] },
  reopen: { en: ['reopen'], zh: ['重开', '重新打开'] },
  close: { en: ['close'], zh: ['关闭'] },
  cancel: { en: ['cancel', 'withdraw'], zh: ['撤销', '取消'] },
  details: { en: ['details', 'add details', 'add'], zh: ['补充'] },
  link: { en: ['link'], zh: ['关联'] },
  merge: { en: ['merge'], zh: ['合并'] },
  collaborate: { en: ['collaborate', 'invite'], zh: ['协作', '邀请'] },
  watch: { en: ['watch', 'follow'], zh: ['关注'] },
  unwatch: { en: ['unwatch', 'unfollow'], zh: ['取消关注'] },
  more: { en: [], zh: [] },
}

/** Verbs that are whole commands by themselves. */
const ALONE: ReadonlySet<Verb> = new Set<Verb>(['open', 'mine', 'queue', 'report', 'help'])

const SPELLINGS: readonly { word: string; verb: Verb }[] = (Object.keys(WORDS) as Verb[])
  .flatMap((verb) => [...WORDS[verb].en, ...WORDS[verb].zh].map((word) => ({ word, verb })))
  .toSorted((a, b) => b.word.length - a.word.length)

export type Hearing = 'command' | 'talk'

/**
 * Reads a command.
 * - as `command` (a slash command, or words after a mention): a verb is enough; in a ticket's thread (`inThread`) the
 *   number is the thread's.
 * - as `talk` (a direct message): only an unmistakable one counts, that is a verb with a number, or a whole message
 *   that is a verb which needs none.
 */
export function parse(text: string, hearing: Hearing, inThread: boolean): Spoken | null {
  const said = text.trim().replace(/^[/!]/u, '')
  // Only the beginning is folded, so that the rest keeps the writer's own spelling.
  const folded = fold(said.slice(0, 40))
  for (const { word, verb } of SPELLINGS) {
    if (!folded.startsWith(word)) continue
    const tail = said.slice(word.length)
    // A Latin verb ends at a space; a Chinese one may be followed by the number directly.
    if (
      tail !== '' &&
      !/^[\s:：,，#\d]/u.test(tail) &&
      !(hearing === 'command' && /^\p{Script=Han}/u.test(word))
    )
      continue
    const spoken = withNumber(verb, tail)
    if (hearing === 'command') return spoken
    if (spoken.number !== null && !ALONE.has(verb)) return spoken
    if (spoken.number === null && spoken.rest === '' && (ALONE.has(verb) || inThread)) return spoken
  }
  return null
}

function withNumber(verb: Verb, tail: string): Spoken {
  const match = /^[\s:：,，]*(?:#|[a-z][a-z0-9]{0,7}-)?(\d{1,9})(?![\d.:])(?:[\s:：,，]+|$)([\s\S]*)$/iu.exec(
    tail,
  )
  if (match && !ALONE.has(verb)) return { verb, number: Number(match[1]), rest: (match[2] ?? '').trim() }
  return { verb, number: null, rest: tail.replace(/^[\s:：,，]+/u, '').trim() }
}

/** The spelling nearest to what was typed, for "did you mean …"; null if nothing is near. */
export function nearest(text: string, distance: (a: string, b: string) => number): string | null {
  const first = fold(text.trim().replace(/^[/!]/u, '')).split(/[\s\d]/u)[0] ?? ''
  if (first === '') return null
  let best: { word: string; away: number } | null = null
  for (const { word } of SPELLINGS) {
    const away = distance(first, word)
    if (away <= Math.max(1, Math.floor(word.length / 3)) && (best === null || away < best.away))
      best = { word, away }
  }
  return best?.word ?? null
}

/** A priority by its name in either language, with what follows it as the reason. */
export function parsePriority(rest: string): { priority: Priority; reason: string } | null {
  const names: Readonly<Record<Priority, readonly string[]>> = {
    urgent: ['urgent', '紧急'],
    high: ['high', '高'],
    normal: ['normal', '普通', '中'],
    low: ['low', '低'],
  }
  const folded = fold(rest)
  for (const priority of PRIORITIES) {
    const name = names[priority].find((one) => folded.startsWith(one))
    if (name !== undefined) return { priority, reason: rest.slice(name.length).replace(/^[\s:：,，]+/u, '') }
  }
  return null
}
