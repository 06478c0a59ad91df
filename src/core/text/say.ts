import type { Texts } from './en.ts'
import { en } from './en.ts'
import { zh } from './zh.ts'

export const LOCALES = ['en', 'zh'] as const
export type Locale = (typeof LOCALES)[number]

export type TextKey = keyof Texts
export type ParamsOf<K extends TextKey> = Texts[K] extends (params: infer P) => string ? [params: P] : []

const texts: Record<Locale, Texts> = { en, zh }

/** One sentence in a language. */
export function say<K extends TextKey>(locale: Locale, key: K, ...params: ParamsOf<K>): string {
  return sayStored(locale, key, (params[0] as Record<string, string | number> | undefined) ?? {})
}

/** The desk's language for a BCP 47 tag: Chinese for any `zh`, English for everything else, null for none given. */
export function localeOf(tag: string | null): Locale | null {
  if (tag === null || tag === '') return null
  return /^zh\b/iu.test(tag.replace('_', '-')) ? 'zh' : 'en'
}

/** A sentence whose key and parameters were stored together when it was decided to say it. */
export function sayStored(
  locale: Locale,
  key: TextKey,
  params: Readonly<Record<string, string | number>>,
): string {
  const text: string | ((params: never) => string) = texts[locale][key]
  return typeof text === 'string' ? text : text(params as never)
}
