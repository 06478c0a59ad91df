import type { VNode } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { Composer } from './composer.tsx'
import { useDesk, useDeskState, useTexts } from './context.tsx'
import { Icon } from './icons.tsx'
import { OwnWords } from './outgoing.tsx'
import { PostView } from './post.tsx'
import type { Spot, Strand } from './state.ts'
import { sentFrom } from './state.ts'
import { useStickyScroll } from './sticky-scroll.ts'
import { Jump } from './timeline.tsx'

/** A whole thread over its channel: the root on top, all replies, and a composer that writes into it. */
export function ThreadSheet(props: { index: number; strand: Strand; spot: Spot; now: number }): VNode {
  const { index, strand, spot, now } = props
  const desk = useDesk()
  const texts = useTexts()
  const list = useRef<HTMLDivElement>(null)
  const sheet = useRef<HTMLDivElement>(null)
  const { root, replies } = strand
  const inThread: Spot = { ...spot, thread: root.id }
  const { away, missed, jump } = useStickyScroll(list, replies.length, sentFrom(useDeskState(), inThread))
  const close = () => desk.openThread(index, null)

  // Before the browser notices that the channel became inert, which takes the focus from what opened the sheet.
  useLayoutEffect(() => {
    const before = document.activeElement
    sheet.current?.querySelector('textarea')?.focus()
    return () => {
      // The channel was inert under the sheet; only after that can the focus go back to where it came from.
      if (before instanceof HTMLElement) requestAnimationFrame(() => before.isConnected && before.focus())
    }
  }, [])

  return (
    <div
      class="sheet"
      ref={sheet}
      role="dialog"
      aria-label={texts.thread}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
      }}
    >
      <header class="sheet-head">
        <button type="button" class="tool" aria-label={texts.back} title={texts.back} onClick={close}>
          <Icon name="back" />
        </button>
        <h2>{texts.thread}</h2>
        <span class="sheet-count">{replies.length > 0 && texts.replies({ n: replies.length })}</span>
      </header>
      <div class="scroller">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <div class="timeline" ref={list} tabIndex={0} role="log" aria-live="off">
          <div class="timeline-inner">
            <PostView post={root} spot={spot} now={now} joined={false} onReply={null} />
            <h3 class="day">
              <span>{replies.length === 0 ? texts.noReplies : texts.replies({ n: replies.length })}</span>
            </h3>
            {replies.map((reply, at) => (
              <PostView
                key={reply.id}
                post={reply}
                spot={inThread}
                now={now}
                joined={replies[at - 1]?.author === reply.author && replies[at - 1]?.by === reply.by}
                onReply={null}
              />
            ))}
            <OwnWords spot={inThread} now={now} />
          </div>
        </div>
        {away && <Jump missed={missed} onJump={jump} />}
      </div>
      <Composer spot={inThread} hint={texts.writeReply} />
    </div>
  )
}
