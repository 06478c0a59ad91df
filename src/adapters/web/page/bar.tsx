import type { VNode } from 'preact'
import { useDesk, useDeskState, useTexts } from './context.tsx'
import { Icon, Logo } from './icons.tsx'
import type { Theme } from './state.ts'
import { TimeMachine } from './time-machine.tsx'

const nextTheme: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' }
const themeIcon = { system: 'screen', light: 'sun', dark: 'moon' } as const

/** The page's head: whose desk it is, what time it has, and how the reader likes to see it. */
export function Bar(): VNode {
  const desk = useDesk()
  const { theme, locale, connection } = useDeskState()
  const texts = useTexts()
  const themeLabel = texts.theme({ now: texts[theme] })
  return (
    <header class="bar">
      <h1 class="brand">
        <Logo />
        <span class="brand-name">
          gongdan <span lang="zh-CN">工单</span>
        </span>
        <span class="brand-line">{texts.tagline}</span>
      </h1>
      <TimeMachine />
      <div class="bar-tools">
        <span class={`live live-${connection}`}>
          <span class="visually-hidden">{connection === 'live' ? texts.live : texts.connecting}</span>
        </span>
        <button
          type="button"
          class="tool"
          lang={locale === 'zh' ? 'en' : 'zh-CN'}
          aria-label={texts.toOtherLanguage}
          title={texts.toOtherLanguage}
          onClick={() => desk.setLocale(locale === 'zh' ? 'en' : 'zh')}
        >
          {texts.otherLanguage}
        </button>
        <button
          type="button"
          class="tool"
          aria-label={themeLabel}
          title={themeLabel}
          onClick={() => desk.setTheme(nextTheme[theme])}
        >
          <Icon name={themeIcon[theme]} />
        </button>
      </div>
    </header>
  )
}
