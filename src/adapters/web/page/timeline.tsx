import type { VNode } from 'preact'
import { Fragment } from 'preact'
import { useRef } from 'preact/hooks'
import { Avatar } from './avatar.tsx'
import { useDesk, useDeskState, useTexts } from './context.tsx'
import { Icon } from './icons.tsx'
import { OwnWords } from './outgoing.tsx'
import { PostView } from './post.tsx'
import type { Spot, Strand } from './state.ts'
import { sentFrom } from './state.ts'
import { useStickyScroll } from './sticky-scroll.ts'
import { dayName, dayOf } from './time.ts'

interface TimelineProps {
  readonly index: number
  readonly strands: readonly Strand[]
  readonly spot: Spot
  readonly now: number
  readonly kind: 'direct' | 'queue' | 'managers'
  readonly atHome: boolean
}

/** How many replies stand under their root; the rest waits behind a line, or in the thread's sheet. */
const SHOWN = { direct: 6, queue: 2, managers: 3 } as const
/** Messages of one author within this many milliseconds share one head. */
const TOGETHER_MS = 4 * 60_000

/** A channel: days, messages, and under each what was answered. */
export function Timeline({ index, strands, spot, now, kind, atHome }: TimelineProps): VNode {
  const state = useDeskState()
  const { directory, locale } = state
  const zone = directory?.zone ?? 'UTC'
  const list = useRef<HTMLDivElement>(null)
  const count = strands.reduce((sum, { replies }) => sum + 1 + replies.length, 0)
  const { away, missed, jump } = useStickyScroll(list, count, sentFrom(state, spot))

  return (
    <div class="scroller">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div class="timeline" ref={list} tabIndex={0} role="log" aria-live="off">
        <div class="timeline-inner">
          {strands.map((strand, at) => {
            const before = strands[at - 1]
            const time = new Date(strand.root.at).getTime()
            const newDay =
              before === undefined || dayOf(new Date(before.root.at).getTime(), zone) !== dayOf(time, zone)
            const joined =
              !newDay &&
              before.replies.length === 0 &&
              before.root.author === strand.root.author &&
              before.root.blocks.length === 0 &&
              time - new Date(before.root.at).getTime() < TOGETHER_MS
            return (
              <Fragment key={strand.root.id}>
                {newDay && !atHome && (
                  <h3 class="day">
                    <span>{dayName(time, now, locale, zone)}</span>
                  </h3>
                )}
                <StrandView {...{ index, strand, spot, now, kind, joined }} />
              </Fragment>
            )
          })}
          <OwnWords spot={spot} now={now} />
        </div>
      </div>
      {away && <Jump missed={missed} onJump={jump} />}
    </div>
  )
}

export function Jump({ missed, onJump }: { missed: number; onJump: () => void }): VNode {
  const texts = useTexts()
  return (
    <button type="button" class="jump" onClick={onJump}>
      <Icon name="arrowDown" size={15} /> {missed > 0 ? texts.jumpNew({ n: missed }) : texts.jump}
    </button>
  )
}

interface StrandProps {
  readonly index: number
  readonly strand: Strand
  readonly spot: Spot
  readonly now: number
  readonly kind: TimelineProps['kind']
  readonly joined: boolean
}

function StrandView({ index, strand, spot, now, kind, joined }: StrandProps): VNode {
  const desk = useDesk()
  const { notes, outgoing } = useDeskState()
  const texts = useTexts()
  const { root, replies } = strand
  const inThread: Spot = { ...spot, thread: root.id }
  const shown = replies.slice(-SHOWN[kind])
  const hidden = replies.length - shown.length
  const openThread = () => desk.openThread(index, root.id)
  const mine = ({ spot: at }: { spot: Spot }) =>
    at.person === spot.person && at.channel === spot.channel && at.thread === root.id
  const pending = outgoing.some(mine) || notes.some(mine)
  const authors = [...new Set(replies.map((reply) => reply.author))].slice(-4)

  return (
    <article class="strand">
      <PostView
        post={root}
        spot={spot}
        now={now}
        joined={joined}
        onReply={root.private ? null : openThread}
      />
      {(replies.length > 0 || pending) && (
        <div class="replies">
          {hidden > 0 && (
            <button type="button" class="thread-line" onClick={openThread}>
              <span class="avatars">
                {authors.map((author) => (
                  <Face key={author} id={author} />
                ))}
              </span>
              {texts.earlier({ n: hidden })}
            </button>
          )}
          {shown.map((reply, at) => (
            <PostView
              key={reply.id}
              post={reply}
              spot={inThread}
              now={now}
              joined={shown[at - 1]?.author === reply.author && shown[at - 1]?.by === reply.by}
              onReply={null}
            />
          ))}
          <OwnWords spot={inThread} now={now} />
          <button type="button" class="thread-reply" onClick={openThread}>
            <Icon name="reply" size={15} /> {texts.reply}
          </button>
        </div>
      )}
    </article>
  )
}

function Face({ id }: { id: string }): VNode {
  const { directory } = useDeskState()
  return <Avatar id={id} name={directory?.people.find((one) => one.id === id)?.name ?? id} size="small" />
}
