import type { ComponentChildren, VNode } from 'preact'
import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { Desk } from './desk.ts'
import type { State } from './state.ts'
import { deskNow } from './state.ts'
import type { PageTexts } from './texts.ts'
import { pageTexts } from './texts.ts'

const DeskContext = createContext<{ desk: Desk; state: State } | null>(null)

/** Gives what stands in it the desk and its state, and draws it again on every change. */
export function DeskProvider({ desk, children }: { desk: Desk; children: ComponentChildren }): VNode {
  const [state, setState] = useState(desk.state())
  useEffect(() => {
    // Something may have changed between drawing and here.
    setState(desk.state())
    return desk.subscribe(() => setState(desk.state()))
  }, [desk])
  return <DeskContext.Provider value={{ desk, state }}>{children}</DeskContext.Provider>
}

export function useDesk(): Desk {
  return useGiven().desk
}

export function useDeskState(): State {
  return useGiven().state
}

export function useTexts(): PageTexts {
  return pageTexts[useDeskState().locale]
}

/** The desk's time, drawn again every `everyMs` milliseconds and whenever the clock is moved. */
export function useDeskTime(everyMs: number): number {
  const state = useDeskState()
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return deskNow(state)
}

function useGiven(): { desk: Desk; state: State } {
  const given = useContext(DeskContext)
  if (given === null) throw new Error('a component outside of the desk')
  return given
}
