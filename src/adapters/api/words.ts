import type { Locale } from '../../core/text/say.ts'

/** What can be wrong with a call, beside what the desk itself refuses. */
export const PROBLEMS = {
  'bad-json': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'no-dead-letter': 404,
  'no-such-token': 404,
  'name-taken': 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  invalid: 422,
  internal: 500,
} as const
export type ProblemCode = keyof typeof PROBLEMS

/** A short name for each status, and a sentence with the remedy for each code. */
interface Words {
  readonly titles: Readonly<Record<number, string>>
  readonly details: Readonly<Record<ProblemCode, string>>
}

const WORDS: Readonly<Record<Locale, Words>> = {
  en: {
    titles: {
      400: 'Bad request',
      401: 'Not signed in',
      403: 'Not allowed',
      404: 'Not found',
      409: 'Not possible now',
      413: 'Too large',
      415: 'Wrong content type',
      422: 'Not understood',
      500: 'A fault of the desk',
    },
    details: {
      'bad-json': 'The body is not JSON.',
      unauthorized: 'Send Authorization: Bearer with ADMIN_TOKEN or a token of “gongdan token create”.',
      forbidden: 'Only the administrator’s own token (ADMIN_TOKEN) may do that.',
      'not-found': 'There is nothing here. See /api/v1/openapi.json.',
      'no-dead-letter': 'There is no such dead letter; it may have been delivered meanwhile.',
      'no-such-token': 'There is no valid token of that name.',
      'name-taken': 'A valid token has that name already. Choose another, or revoke that one first.',
      'too-large': 'The body is too large.',
      'unsupported-media-type': 'Send the body as application/json.',
      invalid: 'Some of what was sent is not understood; “errors” says what.',
      internal: 'That did not work just now. Please try again in a moment.',
    },
  },
  zh: {
    titles: {
      400: '请求有误',
      401: '未认证',
      403: '无权限',
      404: '未找到',
      409: '当前无法执行',
      413: '内容过大',
      415: '内容类型不符',
      422: '内容无法理解',
      500: '服务台故障',
    },
    details: {
      'bad-json': '请求体不是 JSON。',
      unauthorized: '请在 Authorization: Bearer 中提供 ADMIN_TOKEN，或用 “gongdan token create” 创建的令牌。',
      forbidden: '只有管理员令牌（ADMIN_TOKEN）可以执行此操作。',
      'not-found': '这里什么都没有。参见 /api/v1/openapi.json。',
      'no-dead-letter': '没有这条死信；它可能刚刚已送达。',
      'no-such-token': '没有这个名称的有效令牌。',
      'name-taken': '已有同名的有效令牌。请换一个名称，或先吊销它。',
      'too-large': '请求体过大。',
      'unsupported-media-type': '请以 application/json 发送请求体。',
      invalid: '部分内容无法理解，详见 “errors”。',
      internal: '刚才没有成功，请稍后再试。',
    },
  },
}

export function titleOf(locale: Locale, status: number): string {
  return WORDS[locale].titles[status] ?? String(status)
}

export function detailOf(locale: Locale, code: ProblemCode): string {
  return WORDS[locale].details[code]
}
