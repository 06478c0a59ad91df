import type { Payload } from '../../core/adapter.ts'
import type { Block, Button, Field, FileRef, Form, Message } from '../../core/message.ts'
import type { Locale } from '../../core/text/say.ts'
import type { PageBlock, PageFile, PostBody } from './post.ts'

/** Our own page has no limits but its reader's patience. Characters; `blocks` in pieces. */
export const LIMITS = {
  text: 20_000,
  heading: 300,
  label: 80,
  value: 2_000,
  blocks: 200,
} as const

/** One post with all that is said and the first file, and one for each further file: a payload carries one. */
export function renderMessage(message: Message, locale: Locale): readonly Payload[] {
  const [first, ...others] = message.files ?? []
  if (first === undefined) return [{ platform: 'web', body: renderBody(message, locale) }]
  const parts: readonly { said: Message; file: FileRef }[] = [
    { said: { ...message, files: [first] }, file: first },
    ...others.map((file) => ({ said: { files: [file] }, file })),
  ]
  return parts.map(({ said, file }) => ({ platform: 'web', body: renderBody(said, locale), file }))
}

/** The body of the post, cut to LIMITS. Total: a message without anything becomes an ellipsis, never a blank post. */
export function renderBody(message: Message, locale: Locale): PostBody {
  const blocks = (message.card?.blocks ?? []).slice(0, LIMITS.blocks).map(renderBlock)
  if ((message.card?.blocks.length ?? 0) > LIMITS.blocks) blocks.push({ type: 'note', text: '…' })
  const files = (message.files ?? []).map(renderFile)
  const text = cut(message.text ?? '', LIMITS.text)
  const blank = text.trim() === '' && blocks.length === 0 && files.length === 0
  const by = message.author === undefined ? null : cut(message.author, LIMITS.label)
  return { text: blank ? '…' : text, by, blocks, files, locale, edits: [] }
}

/** A form as the page draws it: only its texts are cut, ids and values must come back unchanged. */
export function renderForm(form: Form): Form {
  return {
    ...form,
    title: cut(form.title, LIMITS.heading),
    submit: cut(form.submit, LIMITS.label),
    ...(form.intro === undefined ? {} : { intro: cut(form.intro, LIMITS.value) }),
    fields: form.fields.map(renderField),
  }
}

function renderField(field: Field): Field {
  const label = cut(field.label, LIMITS.heading)
  if (field.type === 'rating' || field.type === 'file') return { ...field, label }
  const hint = field.hint === undefined ? {} : { hint: cut(field.hint, LIMITS.value) }
  if (field.type !== 'choice') return { ...field, label, ...hint }
  const options = field.options.map((option) => ({ ...option, label: cut(option.label, LIMITS.label) }))
  return { ...field, label, ...hint, options }
}

/** At most `max` characters, by code points so that no emoji is halved; what was cut ends in an ellipsis. */
export function cut(text: string, max: number): string {
  const clean = wellFormed(text)
  if (clean.length <= max) return clean
  const points = Array.from(clean)
  return points.length <= max ? clean : `${points.slice(0, max - 1).join('')}…`
}

/**
 * Text that any UTF-8 store and any screen takes: half surrogate pairs become the replacement character, control
 * characters other than tab and line feed go, and a line ends with a line feed alone.
 */
export function wellFormed(text: string): string {
  return text
    .replace(/\r\n?/gu, '\n')
    .replace(/[\ud800-\udfff]/gu, '\ufffd')
    .replace(/(?![\t\n])\p{Cc}/gu, '')
}

function renderBlock(block: Block): PageBlock {
  switch (block.type) {
    case 'heading':
      return { type: 'heading', text: cut(block.text, LIMITS.heading), tone: block.tone }
    case 'text':
      return { type: 'text', text: cut(block.text, LIMITS.text), ...(block.quote ? { quote: true } : {}) }
    case 'note':
      return { type: 'note', text: cut(block.text, LIMITS.value) }
    case 'facts':
      return {
        type: 'facts',
        facts: block.facts.map(({ label, value }) => ({
          label: cut(label, LIMITS.label),
          value: cut(value, LIMITS.value),
        })),
      }
    case 'buttons':
      return { type: 'buttons', buttons: block.buttons.map(renderButton) }
    case 'choice':
      return {
        type: 'choice',
        label: cut(block.label, LIMITS.label),
        action: block.action,
        options: block.options.map(({ value, label }) => ({ value, label: cut(label, LIMITS.label) })),
      }
    case 'image':
      return { type: 'image', file: renderFile(block.file), alt: cut(block.alt, LIMITS.value) }
    case 'divider':
      return { type: 'divider' }
  }
}

function renderButton({ label, action, style }: Button): Button {
  return { label: cut(label, LIMITS.label), action, ...(style === undefined ? {} : { style }) }
}

function renderFile({ id, name, mime, size }: FileRef): PageFile {
  return { id, name: cut(name, 255), mime: mime.slice(0, 127), size }
}
