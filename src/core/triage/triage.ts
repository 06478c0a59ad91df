import type { Priority } from '../command.ts'
import type { Policy } from '../policy.ts'
import type { Locale } from '../text/say.ts'
import type { Reason } from '../ticket/ticket.ts'
import { languageOf } from './language.ts'
import type { Folded } from './match.ts'
import { findWord, folded } from './match.ts'
import { isRequest } from './request.ts'

export interface Triage {
  readonly request: boolean
  readonly language: Locale
  readonly title: string
  readonly queue: string
  readonly queueReasons: readonly Reason[]
  readonly priority: Priority
  readonly priorityReasons: readonly Reason[]
}

/** What the desk understands of a message, with its reasons. Pure, total, and linear in the length of the text. */
export function triage(text: string, about: { policy: Policy; locale: Locale; vip: boolean }): Triage {
  const head = text.slice(0, 4000)
  const haystack = folded(head)
  const { queue, reasons } = chooseQueue(haystack, about.policy)
  const priority = choosePriority(haystack, about.policy, about.vip)
  return {
    request: isRequest(head),
    language: languageOf(head, about.locale),
    title: titleOf(text),
    queue,
    queueReasons: reasons,
    priority: priority.priority,
    priorityReasons: priority.reasons,
  }
}

/** The first line that says something, cut at 80 characters. */
export function titleOf(text: string): string {
  const line =
    text
      .split('\n')
      .map((one) => one.trim())
      .find((one) => /[\p{L}\p{N}]/u.test(one)) ?? text.trim()
  const characters = [...line]
  return characters.length <= 80 ? line : `${characters.slice(0, 79).join('')}…`
}

/** The queue with the most of its words in the text; the earlier one of the policy wins a draw. */
function chooseQueue(text: Folded, policy: Policy): { queue: string; reasons: readonly Reason[] } {
  const words = wordsOf(policy)
  let best: { key: string; found: readonly Word[] } = { key: policy.default_queue, found: [] }
  for (const queue of policy.queues) {
    const found = words.queues.get(queue.key)?.filter((word) => findWord(text, word)) ?? []
    if (found.length > best.found.length) best = { key: queue.key, found }
  }
  const reasons = best.found.map((word) => ({ code: 'keyword', evidence: word.spelled, weight: 1 }))
  return { queue: best.key, reasons: reasons.length > 0 ? reasons : [{ code: 'default-queue' }] }
}

/** The highest level one of whose words stands in the text; a VIP's request is one level higher. */
function choosePriority(
  text: Folded,
  policy: Policy,
  vip: boolean,
): { priority: Priority; reasons: readonly Reason[] } {
  const words = wordsOf(policy)
  const reasons: Reason[] = []
  let level: Priority = 'normal'
  for (const priority of LEVELS) {
    const found = words.levels[priority].filter((word) => findWord(text, word))
    if (found.length === 0) continue
    level = priority
    for (const word of found) reasons.push({ code: `word-${priority}`, evidence: word.spelled })
    break
  }
  if (vip && level !== 'urgent') {
    reasons.push({ code: 'vip' })
    level = level === 'low' ? 'normal' : level === 'normal' ? 'high' : 'urgent'
  }
  return { priority: level, reasons }
}

const LEVELS = ['urgent', 'high', 'low'] as const

interface Word extends Folded {
  readonly spelled: string
}

interface PolicyWords {
  readonly queues: ReadonlyMap<string, readonly Word[]>
  readonly levels: Readonly<Record<(typeof LEVELS)[number], readonly Word[]>>
}

/** The words of each policy, folded once: a policy has hundreds, and every message is held against all of them. */
const prepared = new WeakMap<Policy, PolicyWords>()

function wordsOf(policy: Policy): PolicyWords {
  const known = prepared.get(policy)
  if (known !== undefined) return known
  const fresh: PolicyWords = {
    queues: new Map(policy.queues.map((queue) => [queue.key, words(queue.keywords)])),
    levels: {
      urgent: words(policy.priority.urgent),
      high: words(policy.priority.high),
      low: words(policy.priority.low),
    },
  }
  prepared.set(policy, fresh)
  return fresh
}

function words(of: { readonly en: readonly string[]; readonly zh: readonly string[] }): readonly Word[] {
  return [...new Set([...of.en, ...of.zh])].map((spelled) => ({ spelled, ...folded(spelled) }))
}
