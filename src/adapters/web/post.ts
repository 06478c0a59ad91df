import { z } from 'zod'
import type { Locale } from '../../core/text/say.ts'

/**
 * What a post of the room holds, and what the page draws. Bodies are read back from the database, perhaps written by an
 * older version, so they pass the schema on the way out as well.
 */

const fileRef = z.object({
  id: z.string().min(1).max(400),
  name: z.string().max(255),
  mime: z.string().max(127),
  size: z.number().int().nonnegative(),
})

const option = z.object({ value: z.string(), label: z.string() })

const button = z.object({
  label: z.string(),
  action: z.string(),
  style: z.enum(['primary', 'danger']).exactOptional(),
})

const block = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('heading'),
    text: z.string(),
    tone: z.enum(['neutral', 'waiting', 'urgent', 'done']),
  }),
  z.object({ type: z.literal('text'), text: z.string(), quote: z.boolean().exactOptional() }),
  z.object({ type: z.literal('facts'), facts: z.array(z.object({ label: z.string(), value: z.string() })) }),
  z.object({ type: z.literal('buttons'), buttons: z.array(button) }),
  z.object({
    type: z.literal('choice'),
    label: z.string(),
    action: z.string(),
    options: z.array(option),
  }),
  z.object({ type: z.literal('image'), file: fileRef, alt: z.string() }),
  z.object({ type: z.literal('note'), text: z.string() }),
  z.object({ type: z.literal('divider') }),
])

export const postBody = z.object({
  text: z.string().default(''),
  /** Whose words `text` carries when the desk passes on what a person wrote. */
  by: z.string().nullable().default(null),
  blocks: z.array(block).default([]),
  files: z.array(fileRef).default([]),
  /** The language that the desk wrote in, for screen readers and line breaking; null for people's own words. */
  locale: z.enum(['en', 'zh']).nullable().default(null),
  /** Edits already applied, newest last: a repeated request must not bring an older wording back. */
  edits: z.array(z.string()).default([]),
})
export type PostBody = z.infer<typeof postBody>
export type PageBlock = z.infer<typeof block>
export type PageFile = z.infer<typeof fileRef>

/** A file as the page gets it: with the key that opens it. */
export interface LinkedFile extends PageFile {
  readonly key: string
}

/** A post as the page gets it. Of a deleted one only the place is left. */
export interface WirePost extends WireBody {
  readonly id: string
  readonly revision: number
  readonly channel: string
  readonly thread: string | null
  readonly author: string
  /** Shown to this reader alone. */
  readonly private: boolean
  /** ISO 8601, UTC, by the desk's clock. */
  readonly at: string
  readonly editedAt: string | null
  readonly deleted: boolean
}

/** What is drawn of a post, or of a note that only answers a press. */
export interface WireBody {
  readonly text: string
  readonly by: string | null
  readonly blocks: readonly WireBlock[]
  readonly files: readonly LinkedFile[]
  readonly locale: Locale | null
}

export type WireBlock =
  | Exclude<PageBlock, { type: 'image' }>
  | { readonly type: 'image'; readonly file: LinkedFile; readonly alt: string }
