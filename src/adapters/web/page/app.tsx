import type { VNode } from 'preact'
import { useEffect } from 'preact/hooks'
import { Bar } from './bar.tsx'
import { useDesk, useDeskState, useTexts } from './context.tsx'
import { FormDialog } from './form.tsx'
import { Icon, Logo } from './icons.tsx'
import { PaneView } from './pane.tsx'
import { PaneTabs } from './pane-tabs.tsx'

/** The whole page: the bar, the panes, and on narrow screens the tabs that change between them. */
export function App(): VNode {
  const desk = useDesk()
  const state = useDeskState()
  const texts = useTexts()

  useEffect(() => {
    document.documentElement.lang = state.locale === 'zh' ? 'zh-CN' : 'en'
  }, [state.locale])
  useEffect(() => {
    if (state.theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = state.theme
  }, [state.theme])

  if (state.directory === null) {
    return (
      <main class="splash">
        <Logo size={56} />
        <p role="status">{state.failed ? texts.loadFailed : texts.loading}</p>
        {state.failed && (
          <button type="button" class="button primary" onClick={() => void desk.start()}>
            {texts.tryAgain}
          </button>
        )}
      </main>
    )
  }
  return (
    <div class="page">
      <Bar />
      {state.connection === 'lost' && (
        <p class="banner" role="status">
          <Icon name="warning" size={16} /> {texts.offline}
        </p>
      )}
      <main class="panes" aria-label={texts.panes}>
        {state.panes.length === 0 && <p class="nobody">{texts.nobody}</p>}
        {state.panes.map((pane, index) => (
          <PaneView key={index} index={index} pane={pane} rank={state.recent.indexOf(index)} />
        ))}
      </main>
      <PaneTabs />
      {state.form !== null && <FormDialog key={state.form.form.id} open={state.form} />}
    </div>
  )
}
