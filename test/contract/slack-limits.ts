import type { KnownBlock, ModalView } from '@slack/types'

/**
 * Slack's limits once more, written down from its pages and not taken from the adapter, so that a wrong number there is
 * found here.
 */

/** What chat.postMessage and chat.update would refuse. */
export function postErrors(text: string, blocks: readonly KnownBlock[] | null): readonly string[] {
  const errors: string[] = []
  if (text.trim() === '') errors.push('no_text')
  if (text.length > 4_000) errors.push(`a text of ${text.length} characters`)
  if (/\p{Cs}/u.test(JSON.stringify([text, blocks]).replace(/\\u/gu, '')))
    errors.push('half a surrogate pair')
  if (blocks === null) return errors
  if (blocks.length === 0) errors.push('no blocks')
  if (blocks.length > 50) errors.push(`${blocks.length} blocks`)
  const total = texts(blocks).reduce((sum, part) => sum + part.text.length, 0)
  if (total > 11_000) errors.push(`${total} characters in all blocks`)
  return [...errors, ...blockErrors(blocks)]
}

/** A modal of blocks whose types are all known. */
export interface FormView extends ModalView {
  blocks: KnownBlock[]
}

/** What views.open would refuse. */
export function formErrors(view: FormView): readonly string[] {
  const errors: string[] = []
  within(errors, 'title', view.title.text, 1, 24)
  within(errors, 'submit', view.submit?.text ?? '', 1, 24)
  within(errors, 'close', view.close?.text ?? 'x', 1, 24)
  within(errors, 'private_metadata', view.private_metadata ?? '', 0, 3_000)
  if (view.blocks.length > 100) errors.push('more than 100 blocks')
  return [...errors, ...blockErrors(view.blocks)]
}

function blockErrors(blocks: readonly KnownBlock[]): readonly string[] {
  const errors: string[] = []
  const ids: string[] = []
  for (const block of blocks) {
    if (block.block_id !== undefined) ids.push(`block ${block.block_id}`)
    switch (block.type) {
      case 'header':
        within(errors, 'header', block.text.text, 1, 150)
        break
      case 'section':
        if (block.text) within(errors, 'section', block.text.text, 1, 3_000)
        if (!block.text && !block.fields?.length) errors.push('an empty section')
        if ((block.fields ?? []).length > 10) errors.push('more than 10 fields')
        for (const field of block.fields ?? []) within(errors, 'field', field.text, 1, 2_000)
        break
      case 'context':
        if (block.elements.length > 10 || block.elements.length === 0) errors.push('context elements')
        for (const element of block.elements)
          if ('text' in element) within(errors, 'context', element.text, 1, 2_000)
        break
      case 'actions':
        if (block.elements.length > 25 || block.elements.length === 0) errors.push('elements of actions')
        for (const element of block.elements) {
          ids.push(`action ${element.action_id}`)
          within(errors, 'action_id', element.action_id ?? '', 1, 255)
          if (element.type === 'button') {
            within(errors, 'button', element.text.text, 1, 75)
            within(errors, 'value', element.value ?? '', 1, 2_000)
          }
          if (element.type === 'static_select') selectErrors(errors, element)
        }
        break
      case 'input':
        within(errors, 'label', block.label.text, 1, 2_000)
        within(errors, 'hint', block.hint?.text ?? 'x', 1, 2_000)
        if (block.element.type === 'plain_text_input') {
          within(errors, 'max_length', 'x'.repeat(block.element.max_length ?? 1), 1, 3_000)
          within(
            errors,
            'initial_value',
            block.element.initial_value ?? '',
            0,
            block.element.max_length ?? 3_000,
          )
        }
        if (block.element.type === 'static_select') selectErrors(errors, block.element)
        if (block.element.type === 'radio_buttons' && block.element.options.length > 10)
          errors.push('radio buttons')
        break
      case 'divider':
        break
      default:
        errors.push(`an unexpected block: ${block.type}`)
    }
  }
  if (new Set(ids).size !== ids.length) errors.push('an id twice')
  return errors
}

interface Select {
  readonly placeholder?: { readonly text: string }
  readonly options?: readonly SelectOption[]
  readonly option_groups?: readonly {
    readonly label: { readonly text: string }
    readonly options: readonly SelectOption[]
  }[]
}
interface SelectOption {
  readonly text: { readonly text: string }
  readonly value?: string
}

function selectErrors(errors: string[], select: Select): void {
  within(errors, 'placeholder', select.placeholder?.text ?? 'x', 1, 150)
  const groups = select.option_groups ?? [{ label: { text: 'x' }, options: select.options ?? [] }]
  if (groups.length === 0 || groups.length > 100) errors.push('option groups')
  for (const group of groups) {
    within(errors, 'option group', group.label.text, 1, 75)
    if (group.options.length === 0 || group.options.length > 100) errors.push('options')
    for (const option of group.options) {
      within(errors, 'option', option.text.text, 1, 75)
      within(errors, 'option value', option.value ?? '', 1, 75)
    }
  }
}

function within(errors: string[], name: string, text: string, least: number, most: number): void {
  if (text.length < least || text.length > most) errors.push(`${name} of ${text.length} characters`)
}

/** A text object of the blocks; what stands in `mrkdwn` acts, what stands in `plain_text` does not. */
export interface Shown {
  readonly type: 'mrkdwn' | 'plain_text'
  readonly text: string
}

/** Every text that a reader sees, in order. */
export function texts(value: unknown): readonly Shown[] {
  if (Array.isArray(value)) return value.flatMap(texts)
  if (typeof value !== 'object' || value === null) return []
  if ('type' in value && 'text' in value && typeof value.text === 'string') {
    return [{ type: value.type === 'mrkdwn' ? 'mrkdwn' : 'plain_text', text: value.text }]
  }
  return Object.values(value).flatMap(texts)
}

/** Whether Slack would ring somebody, or make a link of a text although the desk never means to. */
export function isLive({ type, text }: Shown): boolean {
  return (
    /<[!@#]|@(?:channel|here|everyone)\b/iu.test(text) ||
    (type === 'mrkdwn' && /<(?:https?|mailto|tel):/iu.test(text))
  )
}

/** Slack's text as a reader sees it. */
export function seen({ type, text }: Shown): string {
  return type === 'mrkdwn' ? text.replace(/&lt;/gu, '<').replace(/&gt;/gu, '>').replace(/&amp;/gu, '&') : text
}
