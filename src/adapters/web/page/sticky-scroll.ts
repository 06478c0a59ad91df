import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

/** Within this many pixels of the end a reader counts as reading the newest. */
const NEAR = 80

/**
 * Keeps a list at its end while the reader is there, and leaves him alone where he has scrolled up. `count` grows with
 * every message; `missed` is how many came while he was away. `sent` grows with every message of his own, which he
 * always gets to see.
 */
export function useStickyScroll(
  list: RefObject<HTMLElement | null>,
  count: number,
  sent: number,
): { away: boolean; missed: number; jump: () => void } {
  const atEnd = useRef(true)
  const lastSeen = useRef(count)
  const [away, setAway] = useState(false)

  const toEnd = (): void => {
    const element = list.current
    if (element !== null) element.scrollTop = element.scrollHeight
  }
  if (atEnd.current) lastSeen.current = count

  // Only for new messages: a reader who has just begun to scroll must not be thrown back by a redrawing.
  useLayoutEffect(() => {
    if (atEnd.current) toEnd()
  }, [count])

  const sentBefore = useRef(sent)
  useLayoutEffect(() => {
    if (sent > sentBefore.current) {
      atEnd.current = true
      toEnd()
    }
    sentBefore.current = sent
  }, [sent])

  useEffect(() => {
    const element = list.current
    if (element === null) return
    const look = (): void => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR
      setAway(!atEnd.current)
    }
    // Pictures arrive late, and panes change their size: what was the end is then no longer.
    const sizes = new ResizeObserver(() => {
      if (atEnd.current) toEnd()
    })
    sizes.observe(element)
    if (element.firstElementChild !== null) sizes.observe(element.firstElementChild)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      sizes.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [list])

  return {
    away,
    missed: count - lastSeen.current,
    jump() {
      atEnd.current = true
      setAway(false)
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
      list.current?.scrollTo({ top: list.current.scrollHeight, behavior: calm ? 'instant' : 'smooth' })
    },
  }
}
