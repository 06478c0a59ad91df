import type { Locale } from '../text/say.ts'

/**
 * The language to answer in. Script first: any Han character makes it Chinese, since mixed messages ("VPN 连不上") are
 * written by Chinese readers; Latin letters make it English; without letters the person's own locale decides.
 */
export function languageOf(text: string, fallback: Locale): Locale {
  if (/\p{Script=Han}/u.test(text)) return 'zh'
  if (/\p{Script=Latin}{2}/u.test(text)) return 'en'
  return fallback
}
