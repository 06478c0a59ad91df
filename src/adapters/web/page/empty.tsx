import type { VNode } from 'preact'
import { useDesk, useDeskState, useTexts } from './context.tsx'
import { Logo } from './icons.tsx'
import type { Spot } from './state.ts'
import { suggestions } from './texts.ts'

/** What a newcomer sees in a channel where nothing has been said: what it is for, and words to begin with. */
export function Empty({ kind, spot }: { kind: 'direct' | 'queue' | 'managers' | 'home'; spot: Spot }): VNode {
  const desk = useDesk()
  const { locale } = useDeskState()
  const texts = useTexts()
  const [title, hint] = {
    direct: [texts.emptyDirect, texts.emptyDirectHint],
    queue: [texts.emptyQueue, texts.emptyQueueHint],
    managers: [texts.emptyManagers, texts.emptyManagersHint],
    home: [texts.emptyHome, texts.emptyHomeHint],
  }[kind]
  return (
    <div class="empty">
      <Logo size={48} />
      <h2>{title}</h2>
      <p>{hint}</p>
      {kind !== 'home' && (
        <div class="suggestions">
          <h3>{texts.tryOne}</h3>
          {suggestions[locale][kind].map((words) => (
            <button key={words} type="button" class="suggestion" onClick={() => desk.say(spot, words, [])}>
              {words}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}
