import type { VNode } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { WireBlock } from '../post.ts'
import { fileUrl } from './api.ts'
import { useDesk, useTexts } from './context.tsx'
import type { Spot } from './state.ts'

type BlockOf<T extends WireBlock['type']> = Extract<WireBlock, { type: T }>

/** A card: its edge takes the heading's tone, so that a column of them can be read from afar. */
export function Blocks({ blocks, spot }: { blocks: readonly WireBlock[]; spot: Spot }): VNode | null {
  if (blocks.length === 0) return null
  const heading = blocks.find((block) => block.type === 'heading')
  return (
    <div class={`card tone-${heading?.tone ?? 'neutral'}`}>
      {blocks.map((block, at) => (
        <BlockView key={at} block={block} spot={spot} />
      ))}
    </div>
  )
}

function BlockView({ block, spot }: { block: WireBlock; spot: Spot }): VNode {
  switch (block.type) {
    case 'heading':
      return <h4 class="card-heading">{block.text}</h4>
    case 'text':
      return block.quote ? (
        <blockquote class="card-quote">{block.text}</blockquote>
      ) : (
        <p class="card-text">{block.text}</p>
      )
    case 'facts':
      return (
        <dl class="facts">
          {block.facts.map(({ label, value }, at) => (
            <div key={at} class="fact">
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )
    case 'buttons':
      return <Buttons block={block} spot={spot} />
    case 'choice':
      return <Choice block={block} spot={spot} />
    case 'image':
      return (
        <a class="picture" href={fileUrl(block.file)} target="_blank" rel="noopener noreferrer">
          <img src={fileUrl(block.file)} alt={block.alt} loading="lazy" />
        </a>
      )
    case 'note':
      return <p class="card-note">{block.text}</p>
    case 'divider':
      return <hr class="card-line" />
  }
}

function Buttons({ block, spot }: { block: BlockOf<'buttons'>; spot: Spot }): VNode {
  const { busy, failed, press } = usePress(spot)
  const texts = useTexts()
  return (
    <div class="row buttons">
      {block.buttons.map(({ label, action, style }) => (
        <button
          key={action}
          type="button"
          class={`button small ${style ?? ''}`}
          data-action={action}
          aria-busy={busy === action}
          disabled={busy !== null}
          onClick={() => void press(action, null)}
        >
          {label}
        </button>
      ))}
      {failed && (
        <span class="failure" role="alert">
          {texts.pressFailed}
        </span>
      )}
    </div>
  )
}

/** A choice is made with a second step: the arrow keys of a closed list change it, and must not act. */
function Choice({ block, spot }: { block: BlockOf<'choice'>; spot: Spot }): VNode {
  const { busy, failed, press } = usePress(spot)
  const texts = useTexts()
  const id = useId()
  const [value, setValue] = useState('')
  return (
    <div class="row choice">
      <label for={id}>{block.label}</label>
      <select
        id={id}
        class="select"
        value={value}
        disabled={busy !== null}
        onChange={(event) => setValue(event.currentTarget.value)}
      >
        <option value="">{texts.choose}</option>
        {block.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="button small"
        aria-busy={busy !== null}
        disabled={value === '' || busy !== null}
        onClick={() => void press(block.action, value)}
      >
        {texts.go}
      </button>
      {failed && (
        <span class="failure" role="alert">
          {texts.pressFailed}
        </span>
      )}
    </div>
  )
}

/** One press at a time: a second one before the answer would only be refused as stale. */
function usePress(spot: Spot): {
  busy: string | null
  failed: boolean
  press(action: string, value: string | null): Promise<void>
} {
  const desk = useDesk()
  const [busy, setBusy] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  return {
    busy,
    failed,
    async press(action, value) {
      setBusy(action)
      setFailed(false)
      const taken = await desk.press(spot, action, value)
      setBusy(null)
      setFailed(!taken)
    },
  }
}
