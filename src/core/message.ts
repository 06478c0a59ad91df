/**
 * What the desk says, in a form that no platform owns. Texts in here are plain (never markdown, never a platform's
 * mention syntax) and already in the reader's language; an adapter escapes and cuts them to its platform's limits.
 */

/** A sealed file that the desk holds; its bytes are fetched by id at the moment of sending. */
export interface FileRef {
  readonly id: string
  readonly name: string
  readonly mime: string
  /** Bytes. */
  readonly size: number
}

export type Tone = 'neutral' | 'waiting' | 'urgent' | 'done'

export interface Button {
  readonly label: string
  /** `verb:ticket:version[:argument]`, at most 100 characters; see `action.ts`. It carries no authority. */
  readonly action: string
  readonly style?: 'primary' | 'danger'
}

export interface Option {
  readonly value: string
  readonly label: string
}

export type Block =
  | { readonly type: 'heading'; readonly text: string; readonly tone: Tone }
  | { readonly type: 'text'; readonly text: string; readonly quote?: boolean }
  | { readonly type: 'facts'; readonly facts: readonly { readonly label: string; readonly value: string }[] }
  | { readonly type: 'buttons'; readonly buttons: readonly Button[] }
  | {
      readonly type: 'choice'
      readonly label: string
      readonly action: string
      readonly options: readonly Option[]
    }
  | { readonly type: 'image'; readonly file: FileRef; readonly alt: string }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'divider' }

export interface Card {
  readonly blocks: readonly Block[]
}

/** One thing said in one place. At least one of `text`, `card` and `files` is present. */
export interface Message {
  readonly text?: string
  readonly card?: Card
  readonly files?: readonly FileRef[]
  /** Whose words `text` carries, when the desk passes on what a person wrote. Shown as "Ana:" or as the sender. */
  readonly author?: string
}

export type Field =
  | {
      readonly type: 'text' | 'long'
      readonly id: string
      readonly label: string
      readonly hint?: string
      readonly value?: string
      readonly required: boolean
      /** Characters. */
      readonly max: number
    }
  | {
      readonly type: 'choice'
      readonly id: string
      readonly label: string
      readonly hint?: string
      readonly value?: string
      readonly required: boolean
      readonly options: readonly Option[]
    }
  | {
      readonly type: 'rating'
      readonly id: string
      readonly label: string
      readonly required: boolean
      readonly max: 5
    }
  | { readonly type: 'file'; readonly id: string; readonly label: string; readonly required: boolean }

export interface Form {
  /** `verb:ticket:version`, returned unchanged with what was filled in; see `action.ts`. */
  readonly id: string
  readonly title: string
  readonly intro?: string
  readonly fields: readonly Field[]
  readonly submit: string
}

/**
 * A card as plain text: every fact and every action of the card stands in it, so that notifications, screen readers
 * and platforms without cards lose nothing. Buttons are listed by their labels.
 */
export function cardAsText(card: Card): string {
  const lines: string[] = []
  for (const block of card.blocks) {
    switch (block.type) {
      case 'heading':
      case 'note':
        lines.push(block.text)
        break
      case 'text':
        lines.push(block.quote ? block.text.replace(/^/gm, '> ') : block.text)
        break
      case 'facts':
        for (const { label, value } of block.facts) lines.push(`${label}: ${value}`)
        break
      case 'buttons':
        lines.push(block.buttons.map((button) => `[${button.label}]`).join(' '))
        break
      case 'choice':
        lines.push(`${block.label}: ${block.options.map((option) => `[${option.label}]`).join(' ')}`)
        break
      case 'image':
        lines.push(block.alt)
        break
      case 'divider':
        break
    }
  }
  return lines.join('\n')
}
