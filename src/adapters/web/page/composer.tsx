import type { VNode } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Attachment, Attachments } from './attachments.ts'
import { useAttachments } from './attachments.ts'
import { useDesk, useTexts } from './context.tsx'
import { Icon } from './icons.tsx'
import type { Spot } from './state.ts'

/** Where one writes. Enter sends, Shift + Enter breaks the line; files come by button, paste or drop. */
export function Composer({ spot, hint }: { spot: Spot; hint: string }): VNode {
  const desk = useDesk()
  const texts = useTexts()
  const [text, setText] = useState('')
  const [dragging, setDragging] = useState(false)
  const files = useAttachments(spot.person)
  const field = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const sendable = files.ready && (text.trim() !== '' || files.list.length > 0)

  useLayoutEffect(() => {
    // The field grows with what is written, up to what the style sheet allows.
    const element = field.current
    if (element === null) return
    element.style.height = ''
    if (text !== '') element.style.height = `${element.scrollHeight}px`
  }, [text])

  function send(): void {
    if (!sendable) return
    desk.say(spot, text.trim(), files.take())
    setText('')
    field.current?.focus()
  }

  return (
    <form
      class="composer"
      data-dragging={dragging}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes('Files')) return
        event.preventDefault()
        setDragging(true)
      }}
      onDragLeave={(event) => {
        const inside =
          event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)
        if (!inside) setDragging(false)
      }}
      onDrop={(event) => {
        event.preventDefault()
        setDragging(false)
        files.add(event.dataTransfer?.files ?? [])
      }}
    >
      <AttachmentList files={files} />
      <textarea
        ref={field}
        class="composer-field"
        rows={1}
        maxLength={20_000}
        placeholder={hint}
        aria-label={hint}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onPaste={(event) => {
          const pasted = event.clipboardData?.files
          if (pasted === undefined || pasted.length === 0) return
          event.preventDefault()
          files.add(pasted)
        }}
        onKeyDown={(event) => {
          // An Enter that ends a Chinese or Japanese composition is not ours.
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          send()
        }}
      />
      <div class="composer-tools">
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            files.add(event.currentTarget.files ?? [])
            event.currentTarget.value = ''
          }}
        />
        <button
          type="button"
          class="tool"
          aria-label={texts.attach}
          title={texts.attach}
          onClick={() => picker.current?.click()}
        >
          <Icon name="clip" />
        </button>
        <span class="composer-hint">{texts.sendHint}</span>
        <button type="submit" class="send" aria-label={texts.send} title={texts.send} disabled={!sendable}>
          <Icon name="send" />
        </button>
      </div>
      {dragging && <p class="drop-here">{texts.dropHere}</p>}
    </form>
  )
}

function AttachmentList({ files }: { files: Attachments }): VNode | null {
  const texts = useTexts()
  if (files.list.length === 0) return null
  return (
    <>
      <ul class="attachments">
        {files.list.map((one) => (
          <li key={one.id} class="attachment" data-state={one.state}>
            {one.preview === null ? <Icon name="file" size={20} /> : <img src={one.preview} alt="" />}
            <span class="attachment-name" title={one.file.name}>
              {one.file.name}
            </span>
            <AttachmentState one={one} onRetry={() => files.retry(one.id)} />
            <button
              type="button"
              class="tool"
              aria-label={texts.removeFile({ name: one.file.name })}
              onClick={() => files.remove(one.id)}
            >
              <Icon name="close" size={14} />
            </button>
          </li>
        ))}
      </ul>
      {files.tooMany && (
        <p class="failure" role="alert">
          {texts.tooMany}
        </p>
      )}
    </>
  )
}

function AttachmentState({ one, onRetry }: { one: Attachment; onRetry: () => void }): VNode | null {
  const texts = useTexts()
  const name = one.file.name
  switch (one.state) {
    case 'uploading':
      return (
        <progress
          max={1}
          value={one.progress}
          aria-label={texts.uploading({ name, percent: Math.round(one.progress * 100) })}
        />
      )
    case 'failed':
      return (
        <span class="failure" role="alert">
          <span class="visually-hidden">{texts.uploadFailed({ name })}</span>
          <button type="button" class="text-button" onClick={onRetry}>
            {texts.retry}
          </button>
        </span>
      )
    case 'too-large':
      return (
        <span class="failure" role="alert">
          {texts.tooLarge({ name })}
        </span>
      )
    case 'done':
      return null
  }
}
