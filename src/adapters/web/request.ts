import { z } from 'zod'
import { TEXT_MAX } from '../../core/event.ts'

/** What the page sends to `POST /web/events`. The client makes `id` once and keeps it over every retry. */

const base = {
  id: z.uuid(),
  channel: z.string().min(1).max(200),
  thread: z.string().min(1).max(200).nullable().default(null),
  /** The language that the page is shown in: a hint for what the person reads. */
  locale: z.enum(['en', 'zh']).nullable().default(null),
}

/** An upload as `POST /web/files` answered it; the key proves that it was this person's to send on. */
const upload = z.object({ id: z.string().min(1).max(200), key: z.string().min(1).max(100) })
const uploads = z.array(upload).max(10).default([])
const text = z.string().max(TEXT_MAX)
const message = z.string().min(1).max(200)

export const pageRequest = z.discriminatedUnion('type', [
  z
    .object({ type: z.literal('message'), ...base, text, files: uploads })
    .refine((said) => said.text.trim() !== '' || said.files.length > 0),
  z.object({ type: z.literal('edit'), ...base, message, text: text.refine((said) => said.trim() !== '') }),
  z.object({ type: z.literal('delete'), ...base, message }),
  z.object({
    type: z.literal('action'),
    ...base,
    action: z.string().min(1).max(200),
    value: z.string().max(200).nullable().default(null),
  }),
  z.object({
    type: z.literal('form'),
    ...base,
    form: z.string().min(1).max(200),
    values: z.record(z.string().max(64), z.string().max(TEXT_MAX)),
    files: uploads,
  }),
  z.object({ type: z.literal('command'), ...base, text }),
  z.object({ type: z.literal('capture'), ...base, message }),
  z.object({ type: z.literal('home'), ...base }),
])

/** What every request of every version has. */
export const envelope = z.object({ id: z.uuid(), type: z.string().regex(/^[a-z-]{1,40}$/u) })
export const REQUEST_TYPES: readonly string[] = pageRequest.options.map((option) => option.shape.type.value)

export type PageRequest = z.infer<typeof pageRequest>
export type RequestOf<T extends PageRequest['type']> = Extract<PageRequest, { type: T }>
export type Upload = z.infer<typeof upload>
