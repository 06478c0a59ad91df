import type { VNode } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Field } from '../../../core/message.ts'
import type { Attachments } from './attachments.ts'
import { useAttachments } from './attachments.ts'
import { useDesk, useTexts } from './context.tsx'
import { Icon } from './icons.tsx'
import { newId } from './id.ts'
import { langOf } from './outgoing.tsx'
import type { OpenForm } from './state.ts'

/** The desk's question with fields. Errors stand beside their fields, and the first of them takes the focus. */
export function FormDialog({ open }: { open: OpenForm }): VNode {
  const desk = useDesk()
  const texts = useTexts()
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useId()
  const { form, spot } = open
  const files = useAttachments(spot.person)
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() => initial(form.fields))
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({})
  const [failed, setFailed] = useState(false)
  const [busy, setBusy] = useState(false)
  /** Kept while it is unknown whether the desk has the answers; renewed for other answers. */
  const request = useRef(newId())

  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    // A dialog that is taken away, not closed, leaves the focus nowhere.
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  useEffect(() => {
    if (Object.keys(errors).length > 0)
      dialog.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [errors])

  function set(id: string, value: string): void {
    request.current = newId()
    setValues((now) => ({ ...now, [id]: value }))
  }

  async function submit(): Promise<void> {
    const missing = form.fields.filter((field) =>
      field.type === 'file'
        ? field.required && files.list.length === 0
        : field.required && (values[field.id] ?? '').trim() === '',
    )
    if (missing.length > 0) return setErrors(Object.fromEntries(missing.map(({ id }) => [id, texts.fillIn])))
    setBusy(true)
    setFailed(false)
    const linked = files.list.flatMap((one) => (one.linked === null ? [] : [one.linked]))
    const answer = await desk.submit(request.current, values, linked)
    setBusy(false)
    setFailed(answer === null)
    if (answer !== null) {
      request.current = newId()
      setErrors(answer)
    }
  }

  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={title}
      lang={langOf(open.locale)}
      onClose={desk.closeForm}
    >
      <form
        method="dialog"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <header class="dialog-head">
          <h2 id={title}>{form.title}</h2>
          <button type="button" class="tool" aria-label={texts.close} onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
        </header>
        <div class="dialog-body">
          {form.intro !== undefined && <p class="dialog-intro">{form.intro}</p>}
          {form.fields.map((field) => (
            <FieldView
              key={field.id}
              field={field}
              value={values[field.id] ?? ''}
              error={errors[field.id] ?? null}
              files={files}
              onChange={(value) => set(field.id, value)}
            />
          ))}
          {failed && (
            <p class="failure" role="alert">
              <Icon name="warning" size={15} /> {texts.formFailed}
            </p>
          )}
        </div>
        <footer class="dialog-foot">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            {texts.cancel}
          </button>
          <button type="submit" class="button primary" aria-busy={busy} disabled={busy || !files.ready}>
            {form.submit}
          </button>
        </footer>
      </form>
    </dialog>
  )
}

interface FieldProps {
  readonly field: Field
  readonly value: string
  readonly error: string | null
  readonly files: Attachments
  readonly onChange: (value: string) => void
}

function FieldView({ field, value, error, files, onChange }: FieldProps): VNode {
  const texts = useTexts()
  const id = useId()
  const hint = 'hint' in field ? field.hint : undefined
  const described = [hint !== undefined && `${id}-hint`, error !== null && `${id}-error`]
    .filter(Boolean)
    .join(' ')
  const shared = {
    id,
    name: field.id,
    required: field.required,
    'aria-invalid': error !== null,
    ...(described === '' ? {} : { 'aria-describedby': described }),
  }
  const label = (
    <>
      {field.label}
      {field.required && (
        <span class="required" title={texts.required}>
          {' *'}
        </span>
      )}
    </>
  )
  const below = (
    <>
      {hint !== undefined && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== null && (
        <p class="field-error" id={`${id}-error`} role="alert">
          <Icon name="warning" size={14} /> {error}
        </p>
      )}
    </>
  )
  if (field.type === 'rating') {
    return (
      <fieldset class="field rating" aria-describedby={described || undefined}>
        <legend>{label}</legend>
        <div class="stars">
          {[1, 2, 3, 4, 5].map((star) => (
            <label key={star} class="star" data-lit={Number(value) >= star}>
              <input
                type="radio"
                name={field.id}
                value={star}
                checked={value === String(star)}
                aria-invalid={error !== null}
                onChange={() => onChange(String(star))}
              />
              <Icon name="star" size={30} />
              <span class="visually-hidden">{texts.star({ n: star })}</span>
            </label>
          ))}
        </div>
        {below}
      </fieldset>
    )
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {field.type === 'choice' && (
        <select
          {...shared}
          class="select"
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          <option value="">{texts.choose}</option>
          {field.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
      {field.type === 'text' && (
        <input
          {...shared}
          type="text"
          maxLength={field.max}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
      {field.type === 'long' && (
        <textarea
          {...shared}
          rows={4}
          maxLength={field.max}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
      {field.type === 'file' && (
        <>
          <label class="button small file-button">
            <Icon name="clip" size={16} /> {texts.chooseFile}
            <input
              {...shared}
              class="visually-hidden"
              type="file"
              multiple
              onChange={(event) => {
                files.add(event.currentTarget.files ?? [])
                event.currentTarget.value = ''
              }}
            />
          </label>
          <ul class="attachments">
            {files.list.map((one) => (
              <li key={one.id} class="attachment" data-state={one.state}>
                <span class="attachment-name">{one.file.name}</span>
                {one.state === 'uploading' && <progress max={1} value={one.progress} />}
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
        </>
      )}
      {below}
    </div>
  )
}

function initial(fields: readonly Field[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((field) => ('value' in field && field.value ? [[field.id, field.value]] : [])),
  )
}
