import { z } from 'zod'
import type { Refusal, RefusalCode } from '../../core/refusal.ts'
import type { Locale } from '../../core/text/say.ts'
import { localeOf, sayStored } from '../../core/text/say.ts'
import type { ProblemCode } from './words.ts'
import { detailOf, PROBLEMS, titleOf } from './words.ts'

/** Every "no" of the interface, in the form of RFC 9457: https://www.rfc-editor.org/rfc/rfc9457 */
export const PROBLEM_TYPE = 'application/problem+json'

export const problem = z.object({
  type: z.string().describe('`urn:gongdan:` and the code'),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('Stable; decide by this one, not by the sentences.'),
  detail: z.string().describe('One sentence in the language of Accept-Language (en or zh).'),
  errors: z
    .array(z.object({ in: z.string(), pointer: z.string(), detail: z.string() }))
    .optional()
    .describe('What is wrong with which field: where it stands, its JSON pointer, and why.'),
})
export type Problem = z.infer<typeof problem>
export type FieldError = NonNullable<Problem['errors']>[number]

/** Refusals about who the caller acts for, not about what the ticket is. */
const FORBIDDEN: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'refused.anothers',
  'refused.staff-only',
  'refused.requester-only',
  'refused.not-your-queue',
  'refused.staff-list',
])
const MISSING: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'refused.no-such-ticket',
  'refused.no-such-person',
  'refused.no-such-queue',
])

/** What the desk refused. */
export function refusalProblem(refusal: Refusal, locale: Locale): Problem {
  const status = MISSING.has(refusal.code) ? 404 : FORBIDDEN.has(refusal.code) ? 403 : 409
  return made(refusal.code, status, sayStored(locale, refusal.code, refusal.params), locale)
}

/** What is wrong with the call itself. */
export function callProblem(code: ProblemCode, locale: Locale, errors?: readonly FieldError[]): Problem {
  const found = made(code, PROBLEMS[code], detailOf(locale, code), locale)
  return errors === undefined ? found : { ...found, errors: [...errors] }
}

function made(code: string, status: number, detail: string, locale: Locale): Problem {
  return { type: `urn:gongdan:${code}`, title: titleOf(locale, status), status, code, detail }
}

/**
 * The language that the caller likes best of the two: `Accept-Language` with its weights, English when it names neither.
 * https://www.rfc-editor.org/rfc/rfc9110#name-accept-language
 */
export function localeFor(header: string | undefined): Locale {
  const wishes = (header ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';')
      const weight = parameters
        .map((one) => /^\s*q=([\d.]+)\s*$/iu.exec(one)?.[1])
        .find((one) => one !== undefined)
      return { tag: tag.trim(), weight: weight === undefined ? 1 : Number(weight) }
    })
    .filter(({ tag, weight }) => /^(?:zh|en)\b/iu.test(tag) && weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
  return localeOf(wishes[0]?.tag ?? null) ?? 'en'
}
