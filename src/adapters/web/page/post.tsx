import type { VNode } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { LinkedFile, WirePost } from '../post.ts'
import { fileUrl } from './api.ts'
import { Avatar } from './avatar.tsx'
import { Blocks } from './card.tsx'
import { useDesk, useDeskState, useTexts } from './context.tsx'
import { Icon } from './icons.tsx'
import { langOf } from './outgoing.tsx'
import type { Spot } from './state.ts'
import { homeOf, personOf } from './state.ts'
import { fullTime, shortTime } from './time.ts'

interface PostProps {
  readonly post: WirePost
  readonly spot: Spot
  readonly now: number
  /** Stands under a message of the same author: its head is left out. */
  readonly joined: boolean
  readonly onReply: (() => void) | null
}

/** One message: who, when, what, and what one may do with it. */
export function PostView({ post, spot, now, joined, onReply }: PostProps): VNode {
  const state = useDeskState()
  const texts = useTexts()
  const [editing, setEditing] = useState(false)
  const zone = state.directory?.zone ?? 'UTC'
  const at = new Date(post.at).getTime()
  const author = post.author === 'bot' ? texts.bot : (personOf(state, post.author)?.name ?? post.author)
  // The desk passes somebody's words on: they are shown as his, and as passed on.
  const speaker = post.by === null ? undefined : state.directory?.people.find(({ name }) => name === post.by)
  const own = post.author === spot.person
  const classes = [
    'post',
    own && 'own',
    joined && 'joined',
    post.private && 'private',
    post.by !== null && 'passed-on',
  ]
  if (post.deleted) {
    return (
      <div class="post deleted">
        <span class="avatar avatar-normal avatar-none" aria-hidden="true">
          <Icon name="trash" size={15} />
        </span>
        <p class="post-main">{texts.deleted}</p>
      </div>
    )
  }
  return (
    // A tap gives the focus, and the focus shows the tools: a finger cannot hover.
    <div
      class={classes.filter(Boolean).join(' ')}
      data-post={post.id}
      lang={langOf(post.locale)}
      tabIndex={-1}
    >
      {joined ? (
        <time class="side-time" dateTime={post.at} title={fullTime(at, state.locale, zone)}>
          {shortTime(at, at + 3_600_000, state.locale, zone)}
        </time>
      ) : (
        <Avatar
          id={speaker?.id ?? (post.by === null ? post.author : post.by)}
          name={post.by ?? author}
          size="normal"
        />
      )}
      <div class="post-main">
        {!joined && (
          <div class="post-head">
            <span class="post-name">{post.by ?? author}</span>
            {post.author === 'bot' && <span class="tag">{post.by === null ? texts.app : texts.via}</span>}
            <time class="post-time" dateTime={post.at} title={fullTime(at, state.locale, zone)}>
              {shortTime(at, now, state.locale, zone)}
            </time>
          </div>
        )}
        {post.private && (
          <p class="only-you">
            <Icon name="eye" size={14} /> {texts.onlyYou}
          </p>
        )}
        {editing ? (
          <Editor post={post} spot={spot} onDone={() => setEditing(false)} />
        ) : (
          <>
            <Words text={post.text} />
            {post.editedAt !== null && post.author !== 'bot' && <span class="edited">({texts.edited})</span>}
          </>
        )}
        <Blocks blocks={post.blocks} spot={{ ...spot, thread: post.thread ?? spot.thread }} />
        <FileList files={post.files} />
      </div>
      {!editing && post.channel !== homeOf(spot.person) && (
        <PostTools post={post} spot={spot} own={own} onReply={onReply} onEdit={() => setEditing(true)} />
      )}
    </div>
  )
}

function PostTools(props: {
  post: WirePost
  spot: Spot
  own: boolean
  onReply: (() => void) | null
  onEdit: () => void
}): VNode | null {
  const { post, spot, own, onReply, onEdit } = props
  const desk = useDesk()
  const texts = useTexts()
  const [sure, setSure] = useState(false)
  const capturable = !own && post.author !== 'bot'
  if (!own && !capturable && onReply === null) return null
  return (
    <div class="post-tools" role="toolbar" aria-label={texts.actions} data-open={sure}>
      {sure ? (
        <>
          <span class="sure">{texts.removeAsk}</span>
          <button type="button" class="tool danger" onClick={() => void desk.remove(spot, post.id)}>
            {texts.remove}
          </button>
          <button type="button" class="tool" onClick={() => setSure(false)}>
            {texts.cancel}
          </button>
        </>
      ) : (
        <>
          {onReply !== null && <ToolButton icon="reply" label={texts.reply} onClick={onReply} />}
          {capturable && (
            <ToolButton
              icon="ticket"
              label={texts.capture}
              onClick={() => void desk.capture(spot, post.id)}
            />
          )}
          {own && <ToolButton icon="edit" label={texts.edit} onClick={onEdit} />}
          {own && <ToolButton icon="trash" label={texts.remove} onClick={() => setSure(true)} />}
        </>
      )}
    </div>
  )
}

function ToolButton(props: {
  icon: Parameters<typeof Icon>[0]['name']
  label: string
  onClick: () => void
}): VNode {
  return (
    <button type="button" class="tool" aria-label={props.label} title={props.label} onClick={props.onClick}>
      <Icon name={props.icon} size={16} />
    </button>
  )
}

function Editor({ post, spot, onDone }: { post: WirePost; spot: Spot; onDone: () => void }): VNode {
  const desk = useDesk()
  const texts = useTexts()
  const field = useRef<HTMLTextAreaElement>(null)
  const [failed, setFailed] = useState(false)

  async function save(): Promise<void> {
    const text = field.current?.value.trim() ?? ''
    if (text === '' || text === post.text) return onDone()
    if (await desk.edit(spot, post.id, text)) onDone()
    else setFailed(true)
  }

  return (
    <form
      class="editor"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <textarea
        ref={field}
        aria-label={texts.edit}
        rows={Math.min(8, post.text.split('\n').length + 1)}
        defaultValue={post.text}
        // biome-ignore lint/a11y/noAutofocus: the reader has just asked to edit this very text
        autoFocus
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            event.stopPropagation()
            onDone()
          }
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
            event.preventDefault()
            void save()
          }
        }}
      />
      {failed && (
        <p class="failure" role="alert">
          {texts.pressFailed}
        </p>
      )}
      <div class="row">
        <button type="submit" class="button primary small">
          {texts.save}
        </button>
        <button type="button" class="button small" onClick={onDone}>
          {texts.cancel}
        </button>
      </div>
    </form>
  )
}

/** Longer texts than this many characters begin folded. */
const FOLD = 1_200

/** Plain words with their line breaks; addresses of the web become links. */
export function Words({ text }: { text: string }): VNode | null {
  const texts = useTexts()
  const [unfolded, setUnfolded] = useState(false)
  if (text === '') return null
  const folds = text.length > FOLD
  return (
    <>
      <p class="words" data-folded={folds && !unfolded}>
        {text.split(/(https?:\/\/[^\s<>"'\u3000-\u303f\uff00-\uffef]+)/u).map((part, at) =>
          at % 2 === 1 ? (
            <a key={at} href={part} target="_blank" rel="noopener noreferrer">
              {part}
            </a>
          ) : (
            part
          ),
        )}
      </p>
      {folds && (
        <button
          type="button"
          class="text-button"
          aria-expanded={unfolded}
          onClick={() => setUnfolded(!unfolded)}
        >
          {unfolded ? texts.less : texts.more}
        </button>
      )}
    </>
  )
}

const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

export function FileList({ files }: { files: readonly LinkedFile[] }): VNode | null {
  const texts = useTexts()
  if (files.length === 0) return null
  return (
    <ul class="files">
      {files.map((file) => (
        <li key={file.id}>
          {PICTURES.has(file.mime) ? (
            <a href={fileUrl(file)} target="_blank" rel="noopener noreferrer" class="picture">
              <img src={fileUrl(file)} alt={file.name} loading="lazy" />
            </a>
          ) : (
            <a
              href={fileUrl(file)}
              download={file.name}
              class="file"
              title={texts.download({ name: file.name })}
            >
              <Icon name="file" size={20} />
              <span class="file-name">{file.name}</span>
              <span class="file-size">{sizeOf(file.size)}</span>
            </a>
          )}
        </li>
      ))}
    </ul>
  )
}

function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const kilo = bytes / 1024
  return kilo < 1024 ? `${Math.round(kilo)} KB` : `${(kilo / 1024).toFixed(1)} MB`
}
