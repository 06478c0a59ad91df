import type { Block, Card, FileRef, Message } from '../../src/core/message.ts'

/** A message that every adapter must be able to say. */
export interface Case {
  readonly name: string
  readonly message: Message
  /** More than any platform holds: parts may be left out, as long as the cut is visible. */
  readonly oversized: boolean
}

const FAMILY = '👩‍👩‍👧‍👦'

const TEXTS: Readonly<Record<string, string>> = {
  shortest: 'a',
  plain: 'The printer on floor 3 is jammed.\nPlease come & look: <https://intranet/printers?a=1&b=2>',
  emoji: `${FAMILY}👍🏽🇨🇳`.repeat(20),
  cjk: '三楼的打印机卡纸了，麻烦看一下。'.repeat(8),
  rtl: 'الطابعة معطلة في الطابق الثالث، שלום',
  'zero-width': 'zero\u200bwidth\u200d\ufeffjoined',
  mentions:
    '<!channel> <!here|here> <@U012ABCDEF> <#C1|general> <!subteam^S1> @everyone @here @channel <at>Ana</at>',
  markup: ']]> <b>&amp;</b> *bold* _it_ ~no~ `code` [a](javascript:alert(1)) ```x``` <xml/> > quote',
  control: 'a\u0000b\u0007c\u001b[31m\r\nd\u202ee',
  surrogate: 'half \ud83d and \ude00 done',
  longest: `${'All work and no play makes Jack a dull boy & such. '.repeat(390)}END`,
  'longest emoji': `${FAMILY.repeat(1_800)}END`,
  'longest escaped': `${'<&>'.repeat(6_000)}END`,
}

/** A little under and over the limits that platforms have, so that a wrong number shows. */
const LENGTHS = [70, 80, 95, 105, 145, 160, 250, 260, 1_990, 2_010, 2_990, 3_010, 3_990, 4_010]

const FILE: FileRef = { id: 'file-1', name: 'chart & "numbers".png', mime: 'image/png', size: 15 }

/** A family of messages: every text in every part of a card, and cards larger than platforms hold. */
export function cases(): readonly Case[] {
  const list: Case[] = []
  for (const [name, text] of Object.entries(TEXTS)) {
    const oversized = text.length > 5_000
    list.push({ name: `text, ${name}`, message: { text }, oversized })
    list.push({ name: `author and text, ${name}`, message: { text, author: text.slice(0, 200) }, oversized })
    list.push({ name: `card, ${name}`, message: { card: cardOf(text) }, oversized })
    list.push({ name: `text and card, ${name}`, message: { text, card: cardOf('Short.') }, oversized })
    list.push({
      name: `files, ${name}`,
      message: { text, files: [{ ...FILE, name: text.slice(0, 200) }] },
      oversized,
    })
  }
  for (const length of LENGTHS) {
    const text = 'ab&'.repeat(length).slice(0, length)
    list.push({
      name: `card, ${length} characters`,
      message: { card: cardOf(text) },
      oversized: length > 1_000,
    })
    list.push({
      name: `text, ${length} characters`,
      message: { text, author: 'Ana' },
      oversized: length > 1_000,
    })
  }
  list.push({
    name: 'files alone',
    message: { files: [FILE, { ...FILE, id: 'file-2' }], author: 'Ana' },
    oversized: false,
  })
  list.push({ name: '60 buttons', message: { card: { blocks: [buttons(60)] } }, oversized: true })
  list.push({ name: '150 options', message: { card: { blocks: [choice(150)] } }, oversized: true })
  list.push({ name: '30 facts', message: { card: { blocks: [facts(30)] } }, oversized: true })
  list.push({
    name: '120 blocks',
    message: {
      card: { blocks: Array.from({ length: 120 }, (_, n): Block => ({ type: 'text', text: `line ${n}` })) },
    },
    oversized: true,
  })
  list.push({ name: 'an empty card', message: { card: { blocks: [] }, text: 'x' }, oversized: false })
  list.push({ name: 'empty parts', message: { card: cardOf('') }, oversized: false })
  return list
}

function cardOf(text: string): Card {
  return {
    blocks: [
      { type: 'heading', text: `IT-42 ${text}`, tone: 'urgent' },
      { type: 'text', text: `Text ${text}` },
      { type: 'text', text: `Quote ${text}`, quote: true },
      {
        type: 'facts',
        facts: [
          { label: 'Status', value: text },
          { label: `Priority ${text}`.slice(0, 60), value: 'high' },
        ],
      },
      { type: 'divider' },
      {
        type: 'buttons',
        buttons: [
          { label: `Claim ${text}`, action: 'claim:42:7', style: 'primary' },
          { label: `Resolve ${text}`, action: `resolve:42:7:${'x'.repeat(64)}`, style: 'danger' },
          { label: 'More', action: 'more:42:7' },
        ],
      },
      {
        type: 'choice',
        label: `Priority? ${text}`,
        action: 'priority:42:7',
        options: [
          { value: 'urgent', label: `Urgent ${text}` },
          { value: 'low', label: `Low ${text}` },
        ],
      },
      { type: 'image', file: FILE, alt: `Chart ${text}` },
      { type: 'note', text: `Note ${text}` },
    ],
  }
}

function buttons(count: number): Block {
  const list = Array.from({ length: count }, (_, n) => ({ label: `Button ${n}`, action: `show:${n}:1` }))
  return { type: 'buttons', buttons: list }
}

function choice(count: number): Block {
  const options = Array.from({ length: count }, (_, n) => ({ value: `value-${n}`, label: `Option ${n}` }))
  return { type: 'choice', label: 'Which?', action: 'transfer:42:7', options }
}

function facts(count: number): Block {
  return {
    type: 'facts',
    facts: Array.from({ length: count }, (_, n) => ({ label: `L${n}`, value: `V${n}` })),
  }
}

/** The words of a message that a reader must find: its text, its author, and every fact of its card. */
export function factsOf(message: Message): readonly string[] {
  const words = [message.text ?? '', message.author ?? '']
  for (const block of message.card?.blocks ?? []) {
    if (block.type === 'heading' || block.type === 'text' || block.type === 'note') words.push(block.text)
    if (block.type === 'facts') for (const fact of block.facts) words.push(fact.label, fact.value)
  }
  return words
}

/** The labels of everything that can be pressed or chosen. */
export function labelsOf(message: Message): readonly string[] {
  const words: string[] = []
  for (const block of message.card?.blocks ?? []) {
    if (block.type === 'buttons') words.push(...block.buttons.map((button) => button.label))
    if (block.type === 'choice') words.push(block.label, ...block.options.map((option) => option.label))
  }
  return words
}

/**
 * Whether the words stand in what is seen, whole or cut with `…`. Spaces, invisible characters and what a platform may
 * take away to keep text from acting (markup signs) do not count.
 */
export function isShown(seen: string, words: string, oversized: boolean): boolean {
  const haystack = squash(seen)
  const needle = squash(words)
  if (haystack.includes(needle)) return true
  if (oversized && haystack.includes('…')) return true
  for (let length = needle.length - 1; length > 0; length -= 1) {
    if (haystack.includes(`${needle.slice(0, length)}…`)) return true
  }
  return false
}

function squash(text: string): string {
  return text.replace(/[\s\p{C}\ufffd>*_~`\\]/gu, '')
}
