import type { Locale } from '../../core/text/say.ts'

/** The few sentences that only Slack needs; everything else is said by the core. */
interface Words {
  readonly cancel: string
  readonly tenFiles: string
  readonly tooLate: string
}

const WORDS: Readonly<Record<Locale, Words>> = {
  en: {
    cancel: 'Cancel',
    tenFiles: 'Up to 10 files.',
    tooLate: 'Slack closed the door before the form could be opened. Please try once more.',
  },
  zh: {
    cancel: '取消',
    tenFiles: '最多 10 个文件。',
    tooLate: '表单未能及时打开（Slack 限时已过），请再试一次。',
  },
}

/** The adapter's own sentences in a language. */
export function words(locale: Locale): Words {
  return WORDS[locale]
}
