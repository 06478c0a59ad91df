import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

/** Something that opens at a button and closes with Escape, a click elsewhere, or when the focus leaves it. */
export function usePopover<T extends HTMLElement>(): {
  open: boolean
  toggle(): void
  close(): void
  ref: RefObject<T | null>
} {
  const [open, setOpen] = useState(false)
  const ref = useRef<T>(null)
  useEffect(() => {
    if (!open) return
    const outside = (event: Event) => {
      if (event.target instanceof Node && !ref.current?.contains(event.target)) setOpen(false)
    }
    const onEscape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      setOpen(false)
      ref.current?.querySelector<HTMLElement>('[aria-expanded]')?.focus()
    }
    document.addEventListener('pointerdown', outside)
    document.addEventListener('focusin', outside)
    document.addEventListener('keydown', onEscape, true)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('focusin', outside)
      document.removeEventListener('keydown', onEscape, true)
    }
  }, [open])
  return { open, toggle: () => setOpen((now) => !now), close: () => setOpen(false), ref }
}
