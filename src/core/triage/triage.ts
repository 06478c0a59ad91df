import type { Priority } from '../command.ts'
import type { Policy } from '../policy.ts'
import type { Locale } from '../text/say.ts'
import type { Reason } from '../ticket/ticket.ts'
import { languageOf } from './language.ts'
import { findWord } from './match.ts'
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
  const { queue, reasons } = chooseQueue(head, about.policy)
  const priority = choosePriority(head, about.policy, about.vip)
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
function chooseQueue(text: string, policy: Policy): { queue: string; reasons: readonly Reason[] } {
  let best: { key: string; found: readonly string[] } = { key: policy.default_queue, found: [] }
  for (const queue of policy.queues) {
    const found = [...new Set([...queue.keywords.en, ...queue.keywords.zh])].filter((word) =>
      findWord(text, word),
    )
    if (found.length > best.found.length) best = { key: queue.key, found }
  }
  const reasons = best.found.map((word) => ({ code: 'keyword', evidence: word, weight: 1 }))
  return { queue: best.key, reasons: reasons.length > 0 ? reasons : [{ code: 'default-queue' }] }
}

/** The highest level one of whose words stands in the text; a VIP's request is one level higher. */
function choosePriority(
  text: string,
  policy: Policy,
  vip: boolean,
): { priority: Priority; reasons: readonly Reason[] } {
  const reasons: Reason[] = []
  let level: Priority = 'normal'
  for (const priority of ['urgent', 'high', 'low'] as const) {
    const words = policy.priority[priority]
    const found = [...words.en, ...words.zh].filter((word) => findWord(text, word))
    if (found.length === 0) continue
    level = priority
    for (const word of found) reasons.push({ code: `word-${priority}`, evidence: word })
    break
  }
  if (vip && level !== 'urgent') {
    reasons.push({ code: 'vip' })
    level = level === 'low' ? 'normal' : level === 'normal' ? 'high' : 'urgent'
  }
  return { priority: level, reasons }
}
