import type {
  ActionsBlock,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  SectionBlock,
  StaticSelect,
} from '@slack/types'
import { z } from 'zod'
import type { Payload } from '../../core/adapter.ts'
import type { Block, Button, Card, FileRef, Message, Tone } from '../../core/message.ts'
import { cardAsText } from '../../core/message.ts'
import { LIMITS } from './limits.ts'
import { optionsOf } from './options.ts'
import { bold, clean, cut, label, mrkdwn, pieces } from './text.ts'

/** What `send` reads back out of a payload; blocks are passed through as they were drawn. */
export const slackBody = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('post'),
    text: z.string(),
    blocks: z.custom<KnownBlock[]>((value) => Array.isArray(value)).nullable(),
  }),
  z.object({ kind: z.literal('file'), title: z.string(), comment: z.string().nullable() }),
])
export type SlackBody = z.infer<typeof slackBody>
export type SlackPost = Extract<SlackBody, { kind: 'post' }>

const SIGNS: Readonly<Record<Tone, string>> = { neutral: '', waiting: '⏳ ', urgent: '🔴 ', done: '✅ ' }

/** The longest text that still stands in one message with the card; a longer one goes before it in messages of its own. */
const TEXT_BESIDE_CARD = 1_500

/**
 * A message as what Slack takes: plain text in as many posts as it needs, a card in one post, each file by itself (the
 * images of a card among them, because a block can only show what is uploaded already). A message without any word is
 * nothing. Never throws.
 */
export function render(message: Message): readonly Payload[] {
  const author = bold(message.author ?? '', LIMITS.field)
  const words = pieces(message.text ?? '', LIMITS.text - LIMITS.field - 2)
  const posts = message.card ? withCard(author, words, message.card) : wordsAlone(author, words)
  const images = (message.card?.blocks ?? []).flatMap((block) => (block.type === 'image' ? [block] : []))
  // Named once: before the words, or else on the first file.
  const named = words.length > 0 || author === '' ? null : author
  const files = [
    ...(message.files ?? []).map((file, index) => fileOf(file, file.name, index === 0 ? named : null)),
    ...images.map((image) => fileOf(image.file, image.alt || image.file.name, null)),
  ]
  return [...posts.map((post): Payload => ({ platform: 'slack', body: post })), ...files]
}

function wordsAlone(author: string, words: readonly string[]): readonly SlackPost[] {
  return words.map((piece, index) => ({
    kind: 'post',
    text: index === 0 ? signed(author, piece) : piece,
    blocks: null,
  }))
}

function withCard(author: string, words: readonly string[], card: Card): readonly SlackPost[] {
  const [first = ''] = words
  const beside = words.length === 1 && first.length <= TEXT_BESIDE_CARD
  const said = beside ? signed(author, first) : ''
  const blocks = drawCard(card, said)
  const before = beside ? [] : wordsAlone(author, words)
  if (blocks.length === 0) return before
  const summary = mrkdwn(cardAsText(card), LIMITS.text - said.length - 1).trim()
  const text = [said, summary].filter((part) => part !== '').join('\n')
  return [...before, { kind: 'post', text: text === '' ? '…' : text, blocks: [...blocks] }]
}

function signed(author: string, words: string): string {
  return author === '' ? words : `${author}: ${words}`
}

function fileOf(file: FileRef, title: string, comment: string | null): Payload {
  const body: SlackBody = { kind: 'file', title: label(title, LIMITS.fileTitle), comment }
  return { platform: 'slack', body, file }
}

/** Each round draws the card's long texts shorter, until all of them together are within what one message takes. */
const ROUNDS = [LIMITS.section, 1_000, 300, 100, 40]

function drawCard(card: Card, said: string): readonly KnownBlock[] {
  const opening: readonly KnownBlock[] = said === '' ? [] : [section(said)]
  let blocks: readonly KnownBlock[] = []
  for (const most of ROUNDS) {
    const drawn = card.blocks.flatMap((block, index) => drawBlock(block, index, most))
    blocks = within([...opening, ...drawn])
    if (weigh(blocks) <= LIMITS.blocksText) return blocks
  }
  return lightest(blocks)
}

/** At most as many blocks as a message takes; the last one says that there were more. */
function within(blocks: readonly KnownBlock[]): readonly KnownBlock[] {
  if (blocks.length <= LIMITS.blocks) return blocks
  const kept = LIMITS.blocks - 1
  return [...blocks.slice(0, kept), context(`… (+${blocks.length - kept})`)]
}

/** A card of nothing but controls can be too heavy without any long text. */
function lightest(blocks: readonly KnownBlock[]): readonly KnownBlock[] {
  const kept = [...blocks]
  while (weigh(kept) > LIMITS.blocksText - 20 && kept.length > 0) kept.pop()
  return [...kept, context(`… (+${blocks.length - kept.length})`)]
}

/** The characters of every text in the blocks: what Slack seems to count. */
function weigh(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, part: unknown) => sum + weigh(part), 0)
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce(
    (sum, [name, part]) => sum + (name === 'text' && typeof part === 'string' ? part.length : weigh(part)),
    0,
  )
}

function drawBlock(block: Block, index: number, most: number): readonly KnownBlock[] {
  switch (block.type) {
    case 'heading':
      return heading(block.text, block.tone)
    case 'text':
      return block.quote ? quote(block.text, most) : sections(mrkdwn(block.text, most))
    case 'facts':
      return facts(block.facts, most)
    case 'buttons':
      return buttons(block.buttons, index)
    case 'choice':
      return choice(block, index)
    case 'image':
      // The picture itself follows as a file; here stands what it shows.
      return block.alt.trim() === ''
        ? []
        : [context(`🖼 ${mrkdwn(block.alt, Math.min(most, LIMITS.context - 3))}`)]
    case 'note':
      return block.text.trim() === '' ? [] : [context(mrkdwn(block.text, Math.min(most, LIMITS.context)))]
    case 'divider':
      return [{ type: 'divider' }]
  }
}

/** A header holds 150 characters on one line; a longer heading keeps its words as a bold paragraph. */
function heading(text: string, tone: Tone): readonly KnownBlock[] {
  const line = `${SIGNS[tone]}${clean(text).replace(/\s+/gu, ' ').trim()}`
  if (line.trim() === '') return []
  if (line.length > LIMITS.header) return [section(bold(line, LIMITS.section))]
  const header: HeaderBlock = {
    type: 'header',
    text: { type: 'plain_text', text: label(line, LIMITS.header), emoji: true },
  }
  return [header]
}

function quote(text: string, most: number): readonly KnownBlock[] {
  // Each line costs two more characters; so many lines that nothing would be left are cut to a third instead.
  const lines = text.split(/\r\n?|\n/u).length
  const limit = Math.max(Math.floor(most / 3) - 1, most - 2 * lines)
  return sections(mrkdwn(text, limit).replace(/^/gmu, '> '))
}

function facts(list: readonly { label: string; value: string }[], most: number): readonly KnownBlock[] {
  const fields = list.map(({ label: name, value }) => {
    const limit = Math.min(most, LIMITS.field)
    const title = bold(name, Math.floor(limit / 2)) || '–'
    return { type: 'mrkdwn' as const, text: `${title}\n${mrkdwn(value, limit - title.length - 1) || '–'}` }
  })
  return chunks(fields, LIMITS.fields).map((part): SectionBlock => ({ type: 'section', fields: [...part] }))
}

function buttons(list: readonly Button[], index: number): readonly KnownBlock[] {
  // A value that had to be cut would be another action: what cannot fit is not offered.
  const fit = list.filter((button) => button.action !== '' && button.action.length <= LIMITS.buttonValue)
  return chunks(fit, LIMITS.elements).map(
    (part, row): ActionsBlock => ({
      type: 'actions',
      elements: part.map((button, column) => ({
        type: 'button',
        // Unique in the whole message: Slack answers `invalid_blocks` to a repeated one.
        action_id: `button-${index}-${row}-${column}`,
        text: { type: 'plain_text', text: label(button.label, LIMITS.buttonText), emoji: true },
        value: button.action,
        ...(button.style ? { style: button.style } : {}),
      })),
    }),
  )
}

function choice(block: Extract<Block, { type: 'choice' }>, index: number): readonly KnownBlock[] {
  const actionId = `choice-${index}|${block.action}`
  const { options, left } = optionsOf(block.options)
  const name = bold(block.label, LIMITS.field)
  const title = name === '' ? [] : [context(left > 0 ? `${name} … (+${left})` : name)]
  if (options === null || actionId.length > LIMITS.actionId) return title
  const select: StaticSelect = {
    type: 'static_select',
    action_id: actionId,
    placeholder: { type: 'plain_text', text: label(block.label, LIMITS.placeholder) },
    ...options,
  }
  return [...title, { type: 'actions', elements: [select] }]
}

function sections(text: string): readonly KnownBlock[] {
  return text.trim() === '' ? [] : [section(text)]
}

function section(text: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text }, expand: true }
}

function context(text: string): ContextBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: cut(text, LIMITS.context) }] }
}

function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const parts: T[][] = []
  for (let index = 0; index < list.length; index += size) parts.push(list.slice(index, index + size))
  return parts
}
