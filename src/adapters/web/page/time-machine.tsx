import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { useDesk, useDeskState, useDeskTime, useTexts } from './context.tsx'
import { Icon } from './icons.tsx'
import { usePopover } from './popover.ts'
import { fullTime, weekTime } from './time.ts'

/** The desk's clock, and the levers that move it in a demo. */
export function TimeMachine(): VNode | null {
  const desk = useDesk()
  const { directory, locale } = useDeskState()
  const texts = useTexts()
  const now = useDeskTime(1_000)
  const [moving, setMoving] = useState(false)
  const [said, setSaid] = useState('')
  const { open, toggle, ref } = usePopover<HTMLDivElement>()
  if (directory === null) return null
  const zone = directory.zone
  const steps = [
    ['PT5M', texts.plus5m],
    ['PT1H', texts.plus1h],
    ['PT4H', texts.plus4h],
    ['next-business-day', texts.nextDay],
  ] as const

  async function advance(step: string): Promise<void> {
    setMoving(true)
    const reached = await desk.advance(step)
    setMoving(false)
    setSaid(reached === null ? texts.clockFailed : texts.moved({ time: weekTime(reached, locale, zone) }))
  }

  const time = (
    <time class="desk-time" dateTime={new Date(now).toISOString()} title={fullTime(now, locale, zone)}>
      {weekTime(now, locale, zone)}
    </time>
  )
  if (!directory.timeMachine) {
    return (
      <div class="time-machine">
        <span class="time-face">
          <Icon name="clock" size={16} />
          <span class="visually-hidden">{texts.clock}</span> {time}
        </span>
      </div>
    )
  }
  return (
    <div class="time-machine" ref={ref}>
      <button
        type="button"
        class="time-face"
        aria-expanded={open}
        aria-label={texts.timeMachine}
        onClick={toggle}
      >
        <Icon name="clock" size={16} /> {time} <Icon name="down" size={14} />
      </button>
      <fieldset class="time-levers" data-open={open} disabled={moving} title={texts.timeMachineHint}>
        <legend>{texts.timeMachine}</legend>
        {steps.map(([step, label]) => (
          <button key={step} type="button" class="lever" onClick={() => void advance(step)}>
            {label}
          </button>
        ))}
        <p class="time-hint">{texts.timeMachineHint}</p>
      </fieldset>
      <span class="visually-hidden" role="status">
        {said}
      </span>
    </div>
  )
}
