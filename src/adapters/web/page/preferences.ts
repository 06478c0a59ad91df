import type { Locale } from '../../../core/text/say.ts'
import type { Pane, Theme } from './state.ts'

/** What the page remembers of its reader between visits. Nothing of it matters: without storage it starts afresh. */
export interface Preferences {
  readonly locale: Locale
  readonly theme: Theme
  readonly panes: readonly Pick<Pane, 'person' | 'channel'>[]
}

const KEY = 'gongdan.web'

export function readPreferences(): Preferences {
  const locale: Locale = /^zh\b/iu.test(navigator.language) ? 'zh' : 'en'
  const fresh: Preferences = { locale, theme: 'system', panes: [] }
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Preferences> | null
    return { ...fresh, ...kept }
  } catch {
    // Storage may be forbidden, or hold what an older page wrote.
    return fresh
  }
}

export function keepPreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences))
  } catch {
    // Full or forbidden: the choice holds for this visit.
  }
}
