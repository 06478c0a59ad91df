import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { WirePost } from '../post.ts'
import { useDeskState, useTexts } from './context.tsx'
import type { Pane } from './state.ts'
import { personOf } from './state.ts'
import { wordsOf } from './words.ts'

/** Says new messages of a channel to screen readers, without repeating what was there or what one wrote oneself. */
export function Announcer({
  posts,
  pane,
}: {
  posts: ReadonlyMap<string, WirePost> | undefined
  pane: Pane
}): VNode {
  const state = useDeskState()
  const texts = useTexts()
  const [said, setSaid] = useState('')
  /** The newest revision at hand, and the channel that it was seen in. */
  const seen = useRef({ where: '', revision: 0 })

  useEffect(() => {
    const here = [...(posts?.values() ?? [])].filter((post) => post.channel === pane.channel)
    const newest = here.reduce((most, post) => Math.max(most, post.revision), 0)
    const where = `${pane.person}\n${pane.channel}`
    const before = seen.current
    seen.current = { where, revision: newest }
    if (before.where !== where || before.revision === 0) return
    const fresh = here.filter(
      (post) =>
        post.revision > before.revision &&
        post.author !== pane.person &&
        !post.deleted &&
        post.editedAt === null,
    )
    if (fresh.length === 0) return
    const nameOf = (id: string) => (id === 'bot' ? texts.bot : (personOf(state, id)?.name ?? id))
    setSaid(fresh.map((post) => `${post.by ?? nameOf(post.author)}: ${wordsOf(post)}`).join('\n'))
  }, [posts, pane.channel, pane.person])

  return (
    <p class="visually-hidden" aria-live="polite">
      {said}
    </p>
  )
}
