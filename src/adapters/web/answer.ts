import type { Outcome, RawResponse } from '../../core/adapter.ts'
import type { Form } from '../../core/message.ts'
import type { Locale } from '../../core/text/say.ts'
import type { WireBody } from './post.ts'
import { renderBody, renderForm } from './render.ts'
import { wireBody } from './wire.ts'

/** What the page gets back from `POST /web/events`. */
export type PageAnswer =
  | { readonly ok: true }
  | { readonly note: WireBody }
  | { readonly form: Form; readonly locale: Locale }
  | { readonly errors: Readonly<Record<string, string>> }

/**
 * The desk's immediate words as the page's JSON. Always 200: a form with errors was received well. `at` is the
 * machine's real time, for the keys of a note's files.
 */
export function answerPage(outcome: Outcome, sessionKey: Uint8Array, at: Date): RawResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(pageAnswer(outcome, sessionKey, at)),
  }
}

function pageAnswer(outcome: Outcome, sessionKey: Uint8Array, at: Date): PageAnswer {
  switch (outcome.kind) {
    case 'accepted':
      return { ok: true }
    case 'note':
      return { note: wireBody(renderBody(outcome.message, outcome.locale), sessionKey, at) }
    case 'form':
      return { form: renderForm(outcome.form), locale: outcome.locale }
    case 'invalid':
      return { errors: outcome.errors }
  }
}
