import type { InputBlock, KnownBlock, ModalView, PlainTextElement } from '@slack/types'
import type { Place } from '../../core/event.ts'
import type { Field, Form } from '../../core/message.ts'
import type { Locale } from '../../core/text/say.ts'
import { LIMITS } from './limits.ts'
import { optionOf, optionsOf } from './options.ts'
import type { FormMemory } from './payload.ts'
import { clean, cut, label, mrkdwn } from './text.ts'
import { words } from './words.ts'

/** A field's element; the block's id is the field's, so that an error finds its field. */
const VALUE = 'value'

/**
 * A form as a modal. It carries its own id and the place it was opened from, and no authority: the core asks again who
 * may do what when it comes back. Pure and total.
 */
export function renderForm(form: Form, place: Place, locale: Locale): ModalView {
  const memory: FormMemory = {
    form: form.id,
    channel: place.channel,
    direct: place.direct,
    thread: place.thread,
  }
  const title = label(form.title, LIMITS.viewTitle)
  const intro = mrkdwn(form.intro ?? '', LIMITS.section).trim()
  const blocks: KnownBlock[] = []
  // The title bar holds 24 characters; a longer title is said in full below it.
  if (form.title.length > LIMITS.viewTitle) blocks.push(paragraph(mrkdwn(form.title, LIMITS.section)))
  if (intro !== '') blocks.push(paragraph(intro))
  for (const field of form.fields) blocks.push(...drawField(field, locale))
  return {
    type: 'modal',
    callback_id: 'form',
    private_metadata: JSON.stringify(memory),
    title: plainText(title),
    submit: plainText(label(form.submit, LIMITS.viewButton)),
    close: plainText(words(locale).cancel),
    blocks: blocks.slice(0, LIMITS.viewBlocks),
  }
}

function drawField(field: Field, locale: Locale): readonly KnownBlock[] {
  switch (field.type) {
    case 'text':
    case 'long':
      return [input(field, textElement(field))]
    case 'choice': {
      const { options } = optionsOf(field.options)
      if (options === null) return []
      // Slack refuses an initial option that is not, to the letter, one of the options.
      const chosen = field.options.find((option) => option.value === field.value)
      const offered =
        'options' in options ? options.options : options.option_groups.flatMap((group) => group.options)
      const initial = chosen && offered.find((option) => option.value === chosen.value)
      return [
        input(field, {
          type: 'static_select',
          action_id: VALUE,
          ...options,
          ...(initial ? { initial_option: initial } : {}),
        }),
      ]
    }
    case 'rating': {
      const stars = Array.from({ length: field.max }, (_, index) => index + 1)
      const options = stars.map((count) =>
        optionOf({
          value: String(count),
          label: `${'★'.repeat(count)}${'☆'.repeat(field.max - count)} ${count}`,
        }),
      )
      return [input(field, { type: 'radio_buttons', action_id: VALUE, options })]
    }
    case 'file':
      return [
        input(
          { ...field, hint: words(locale).tenFiles },
          { type: 'file_input', action_id: VALUE, max_files: 10 },
        ),
      ]
  }
}

function textElement(field: Extract<Field, { type: 'text' | 'long' }>): InputBlock['element'] {
  const max = Math.max(1, Math.min(Math.trunc(field.max), LIMITS.inputText))
  const value = cut(clean(field.value ?? ''), max)
  return {
    type: 'plain_text_input',
    action_id: VALUE,
    multiline: field.type === 'long',
    max_length: max,
    ...(value === '' ? {} : { initial_value: value }),
  }
}

function input(
  field: { readonly id: string; readonly label: string; readonly hint?: string; readonly required: boolean },
  element: InputBlock['element'],
): InputBlock {
  return {
    type: 'input',
    block_id: field.id,
    optional: !field.required,
    label: plainText(label(field.label, LIMITS.inputLabel)),
    element,
    ...(field.hint ? { hint: plainText(label(field.hint, LIMITS.inputHint)) } : {}),
  }
}

function paragraph(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text } }
}

function plainText(text: string): PlainTextElement {
  return { type: 'plain_text', text, emoji: true }
}
