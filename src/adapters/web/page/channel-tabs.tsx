import type { VNode } from 'preact'
import type { PagePerson } from './api.ts'
import { useDesk, useDeskState, useTexts } from './context.tsx'
import { Icon } from './icons.tsx'
import type { Pane } from './state.ts'
import { homeOf, unreadKey } from './state.ts'

/** The person's channels and his own page, as a row that scrolls where it is long. */
export function ChannelTabs({
  index,
  pane,
  person,
}: {
  index: number
  pane: Pane
  person: PagePerson
}): VNode {
  const desk = useDesk()
  const { locale, unread } = useDeskState()
  const texts = useTexts()
  const home = { id: homeOf(person.id), title: texts.home, kind: 'home' as const }
  const channels = [
    ...person.channels.map(({ id, title, kind }) => ({ id, title: title[locale], kind })),
    home,
  ]
  return (
    <nav class="channels" aria-label={texts.channels}>
      {channels.map(({ id, title, kind }) => {
        const count = id === pane.channel ? 0 : (unread.get(unreadKey(person.id, id)) ?? 0)
        return (
          <button
            key={id}
            type="button"
            class="channel"
            aria-current={id === pane.channel ? 'true' : undefined}
            onClick={() => desk.open(index, id)}
          >
            {kind === 'home' ? (
              <Icon name="home" size={14} />
            ) : kind === 'direct' ? (
              <span class="presence" aria-hidden="true" />
            ) : (
              <span class="hash" aria-hidden="true">
                #
              </span>
            )}
            {title}
            {count > 0 && (
              <span class="badge">
                <span aria-hidden="true">{count}</span>
                <span class="visually-hidden">{texts.unread({ n: count })}</span>
              </span>
            )}
          </button>
        )
      })}
    </nav>
  )
}
