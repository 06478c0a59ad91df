import type { ParamsOf, TextKey } from './text/say.ts'

/** The texts that say no. */
export type RefusalCode = Extract<TextKey, `refused.${string}`>

/** An expected "no": a code with the parameters of its sentence. A value, never an exception. */
export interface Refusal {
  readonly code: RefusalCode
  readonly params: Readonly<Record<string, string | number>>
}

export function refuse<K extends RefusalCode>(code: K, ...params: ParamsOf<K>): Refusal {
  return { code, params: (params[0] as Record<string, string | number> | undefined) ?? {} }
}
