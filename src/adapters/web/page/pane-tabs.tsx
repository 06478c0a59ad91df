import type { VNode } from 'preact'
import { Avatar } from './avatar.tsx'
import { useDesk, useDeskState, useTexts } from './context.tsx'
import { personOf } from './state.ts'

/** Where not all panes fit side by side: which of them is in front. */
export function PaneTabs(): VNode {
  const desk = useDesk()
  const state = useDeskState()
  const texts = useTexts()
  return (
    <nav class="pane-tabs" aria-label={texts.panes}>
      {state.panes.map((pane, index) => {
        const person = personOf(state, pane.person)
        const unread = [...state.unread].reduce(
          (sum, [key, count]) => (key.startsWith(`${pane.person}\n`) ? sum + count : sum),
          0,
        )
        return (
          <button
            key={index}
            type="button"
            class="pane-tab"
            data-pane={index}
            aria-current={state.recent[0] === index ? 'true' : undefined}
            onClick={() => desk.focus(index)}
          >
            <Avatar id={pane.person} name={person?.name ?? pane.person} size="small" />
            <span class="pane-tab-name">{person?.name ?? pane.person}</span>
            {unread > 0 && state.recent[0] !== index && (
              <span class="badge">
                <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
                <span class="visually-hidden">{texts.unread({ n: unread })}</span>
              </span>
            )}
          </button>
        )
      })}
    </nav>
  )
}
