import type { VNode } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { PagePerson } from './api.ts'
import { Avatar } from './avatar.tsx'
import { useDesk, useDeskState, useTexts } from './context.tsx'
import { Icon } from './icons.tsx'
import { usePopover } from './popover.ts'
import { mainRole } from './state.ts'
import type { PageTexts } from './texts.ts'

/** Whose part one takes in this pane: a button that opens a list, walked with the arrow keys. */
export function PersonSwitcher({ index, person }: { index: number; person: PagePerson }): VNode {
  const desk = useDesk()
  const { directory } = useDeskState()
  const texts = useTexts()
  const { open, toggle, close, ref } = usePopover<HTMLDivElement>()
  const list = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)

  // Before the next key can arrive: a quick second arrow must find the list focused.
  useLayoutEffect(() => {
    if (open) list.current?.querySelector<HTMLElement>('[aria-checked="true"]')?.focus()
  }, [open])

  function walk(event: KeyboardEvent): void {
    const items = [...(list.current?.querySelectorAll<HTMLElement>('[role="menuitemradio"]') ?? [])]
    const at = items.findIndex((item) => item.matches(':focus'))
    const last = items.length - 1
    const target = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last }[
      event.key
    ]
    if (target === undefined) return
    event.preventDefault()
    items[target]?.focus()
  }

  function choose(id: string): void {
    close()
    desk.pick(index, id)
    button.current?.focus()
  }

  return (
    <div class="switcher" ref={ref}>
      <button
        ref={button}
        type="button"
        class="switcher-button"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={`${texts.actingAs({ name: person.name })}, ${roleOf(person, texts)}. ${texts.switchPerson}`}
        onClick={toggle}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' || open) return
          event.preventDefault()
          toggle()
        }}
      >
        <Avatar id={person.id} name={person.name} size="normal" />
        <span class="switcher-who">
          <span class="switcher-name">{person.name}</span>
          <span class="switcher-role">{roleOf(person, texts)}</span>
        </span>
        <Icon name="down" size={16} />
      </button>
      {open && (
        <div
          class="menu switcher-menu"
          role="menu"
          aria-label={texts.switchPerson}
          ref={list}
          onKeyDown={walk}
        >
          {directory?.people.map((one) => (
            <button
              key={one.id}
              type="button"
              role="menuitemradio"
              aria-checked={one.id === person.id}
              tabIndex={one.id === person.id ? 0 : -1}
              class="menu-item"
              onClick={() => choose(one.id)}
            >
              <Avatar id={one.id} name={one.name} size="small" />
              <span class="menu-name">{one.name}</span>
              <span class="menu-role">{roleOf(one, texts)}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  )
}

function roleOf(person: PagePerson, texts: PageTexts): string {
  return texts[mainRole(person)]
}
