import type { VNode } from 'preact'
import { Avatar } from './avatar.tsx'
import { Blocks } from './card.tsx'
import { useDesk, useDeskState, useTexts } from './context.tsx'
import { Icon } from './icons.tsx'
import { FileList, Words } from './post.tsx'
import type { Spot } from './state.ts'
import { personOf } from './state.ts'

/** What only this page has yet: messages on their way, and the desk's words for this person alone. */
export function OwnWords({ spot }: { spot: Spot; now: number }): VNode {
  const desk = useDesk()
  const state = useDeskState()
  const texts = useTexts()
  const here = (at: Spot) =>
    at.person === spot.person && at.channel === spot.channel && at.thread === spot.thread
  const name = personOf(state, spot.person)?.name ?? spot.person
  // A post that is already there has come back over the stream before the answer to it.
  const known = state.posts.get(spot.person)
  const waiting = state.outgoing.filter((one) => here(one.spot) && !known?.has(one.id))
  return (
    <>
      {waiting.map((one) => (
        <div key={one.id} class="post own pending" data-state={one.state}>
          <Avatar id={spot.person} name={name} size="normal" />
          <div class="post-main">
            <div class="post-head">
              <span class="post-name">{name}</span>
              <span class="post-time">
                {one.state === 'sending' || one.state === 'waiting' ? texts.sending : null}
              </span>
            </div>
            <Words text={one.text} />
            <FileList files={one.files} />
            {(one.state === 'failed' || one.state === 'refused') && (
              <p class="failure" role="alert">
                <Icon name="warning" size={15} />{' '}
                {one.state === 'failed' ? texts.notSent : texts.refusedToSend}
                <button type="button" class="text-button" onClick={() => desk.retry(one.id)}>
                  {texts.retry}
                </button>
                <button type="button" class="text-button" onClick={() => desk.discard(one.id)}>
                  {texts.discard}
                </button>
              </p>
            )}
          </div>
        </div>
      ))}
      {state.notes
        .filter((note) => here(note.spot))
        .map(({ id, body }) => (
          <div key={id} class="post note-post" lang={langOf(body.locale)}>
            <Avatar id="bot" name="" size="normal" />
            <div class="post-main" role="status">
              <div class="post-head">
                <span class="only-you">
                  <Icon name="eye" size={14} /> {texts.onlyYou}
                </span>
                <button type="button" class="text-button" onClick={() => desk.dismiss(id)}>
                  {texts.dismiss}
                </button>
              </div>
              <Words text={body.text} />
              <Blocks blocks={body.blocks} spot={spot} />
              <FileList files={body.files} />
            </div>
          </div>
        ))}
    </>
  )
}

export function langOf(locale: 'en' | 'zh' | null): string | undefined {
  return locale === null ? undefined : locale === 'zh' ? 'zh-CN' : 'en'
}
