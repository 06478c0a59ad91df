import type { PlainTextOption } from '@slack/types'
import type { Option } from '../../core/message.ts'
import { LIMITS } from './limits.ts'
import { label } from './text.ts'

/** The options of a select, in groups where there are more than one list holds. */
export type SelectOptions =
  | { readonly options: PlainTextOption[] }
  | { readonly option_groups: { label: PlainTextOption['text']; options: PlainTextOption[] }[] }

/**
 * Options within Slack's limits, null where none is left (Slack refuses an empty select), and how many could not be
 * offered: a value over the limit cannot be cut, it would name something else.
 */
export function optionsOf(list: readonly Option[]): {
  readonly options: SelectOptions | null
  readonly left: number
} {
  const fit = list.filter((option) => option.value !== '' && option.value.length <= LIMITS.optionValue)
  const offered = fit.slice(0, LIMITS.options * LIMITS.optionGroups).map(optionOf)
  const left = list.length - offered.length
  if (offered.length === 0) return { options: null, left }
  if (offered.length <= LIMITS.options) return { options: { options: offered }, left }

  const groups = []
  for (let start = 0; start < offered.length; start += LIMITS.options) {
    const options = offered.slice(start, start + LIMITS.options)
    const name = `${start + 1}–${start + options.length}`
    groups.push({ label: { type: 'plain_text' as const, text: name }, options })
  }
  return { options: { option_groups: groups }, left }
}

/** One option of a select or of radio buttons. */
export function optionOf(option: Option): PlainTextOption {
  return {
    text: { type: 'plain_text', text: label(option.label, LIMITS.optionText), emoji: true },
    value: option.value,
  }
}
