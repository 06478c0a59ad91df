import type { VNode } from 'preact'
import { useMemo } from 'preact/hooks'
import { Announcer } from './announcer.tsx'
import { ChannelTabs } from './channel-tabs.tsx'
import { Composer } from './composer.tsx'
import { useDesk, useDeskState, useDeskTime, useTexts } from './context.tsx'
import { Empty } from './empty.tsx'
import { PersonSwitcher } from './person-switcher.tsx'
import type { Pane, Spot } from './state.ts'
import { homeOf, personOf, strandsOf } from './state.ts'
import { ThreadSheet } from './thread-sheet.tsx'
import { Timeline } from './timeline.tsx'

/** One person's view of one channel. `rank` is 0 for the pane that was looked at last. */
export function PaneView({ index, pane, rank }: { index: number; pane: Pane; rank: number }): VNode | null {
  const desk = useDesk()
  const state = useDeskState()
  const texts = useTexts()
  const now = useDeskTime(15_000)
  const posts = state.posts.get(pane.person)
  const strands = useMemo(() => strandsOf(posts, pane.channel), [posts, pane.channel])
  const person = personOf(state, pane.person)
  if (person === undefined) return null

  const spot: Spot = { person: pane.person, channel: pane.channel, thread: null }
  const channel = person.channels.find(({ id }) => id === pane.channel)
  const atHome = pane.channel === homeOf(pane.person)
  const kind = channel?.kind ?? 'direct'
  const where = channel?.title[state.locale] ?? texts.home
  const pending = state.outgoing.some(
    (one) => one.spot.person === pane.person && one.spot.channel === pane.channel,
  )
  const notes = state.notes.some(
    (note) => note.spot.person === pane.person && note.spot.channel === pane.channel,
  )
  const open = pane.thread === null ? undefined : strands.find(({ root }) => root.id === pane.thread)

  return (
    <section
      class="pane"
      data-pane={index}
      data-rank={rank}
      data-kind={kind}
      aria-label={`${person.name}, ${where}`}
      onFocusCapture={() => desk.focus(index)}
    >
      <header class="pane-head">
        <PersonSwitcher index={index} person={person} />
        <ChannelTabs index={index} pane={pane} person={person} />
      </header>
      <div class="pane-body" inert={open !== undefined}>
        {strands.length === 0 && !pending && !notes ? (
          <Empty kind={atHome ? 'home' : kind} spot={spot} />
        ) : (
          <Timeline key={`${pane.person}:${pane.channel}`} {...{ index, strands, spot, now, kind, atHome }} />
        )}
        {!atHome && (
          <Composer
            key={`${pane.person}:${pane.channel}`}
            spot={spot}
            hint={kind === 'direct' ? texts.writeToDesk : texts.write({ where: `#${where}` })}
          />
        )}
      </div>
      {open !== undefined && <ThreadSheet key={open.root.id} {...{ index, now }} strand={open} spot={spot} />}
      <Announcer posts={posts} pane={pane} />
    </section>
  )
}
