import { useEffect, useRef, useState } from 'preact/hooks'
import type { LinkedFile } from '../post.ts'
import { HttpFailure, uploadFile } from './api.ts'
import { newId } from './id.ts'

/** The server's limits, told before the bytes have travelled. */
const SIZE_MAX = 10 * 1024 * 1024
const COUNT_MAX = 10

export interface Attachment {
  readonly id: string
  readonly file: File
  /** A picture of the file before it is there; null for what is no picture. */
  readonly preview: string | null
  /** 0 to 1. */
  readonly progress: number
  readonly state: 'uploading' | 'done' | 'failed' | 'too-large'
  readonly linked: LinkedFile | null
}

export interface Attachments {
  readonly list: readonly Attachment[]
  /** All of them are there, or there are none. */
  readonly ready: boolean
  readonly tooMany: boolean
  add(files: Iterable<File>): void
  remove(id: string): void
  retry(id: string): void
  /** Hands the uploaded files over and starts afresh. */
  take(): readonly LinkedFile[]
}

/** Files are uploaded as soon as they are chosen, so that sending is one small request. */
export function useAttachments(person: string): Attachments {
  const [list, setList] = useState<readonly Attachment[]>([])
  const [tooMany, setTooMany] = useState(false)
  const running = useRef(new Map<string, AbortController>())

  useEffect(() => {
    const uploads = running.current
    return () => {
      for (const upload of uploads.values()) upload.abort()
    }
  }, [])

  function update(id: string, change: Partial<Attachment>): void {
    setList((now) => now.map((one) => (one.id === id ? { ...one, ...change } : one)))
  }

  async function upload(id: string, file: File): Promise<void> {
    const abort = new AbortController()
    running.current.set(id, abort)
    try {
      const linked = await uploadFile(person, file, (progress) => update(id, { progress }), abort.signal)
      update(id, { state: 'done', progress: 1, linked })
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error
      update(id, { state: error.status === 413 ? 'too-large' : 'failed' })
    } finally {
      running.current.delete(id)
    }
  }

  function drop(attachments: readonly Attachment[]): void {
    for (const { id, preview } of attachments) {
      running.current.get(id)?.abort()
      if (preview !== null) URL.revokeObjectURL(preview)
    }
  }

  return {
    list,
    ready: list.every(({ state }) => state === 'done'),
    tooMany,
    add(files) {
      const chosen = [...files]
      const taken = chosen.slice(0, COUNT_MAX - list.length)
      setTooMany(taken.length < chosen.length)
      const added = taken.map((file): Attachment => {
        const picture = /^image\/(png|jpeg|gif|webp)$/u.test(file.type)
        const preview = picture ? URL.createObjectURL(file) : null
        const state = file.size > SIZE_MAX ? 'too-large' : 'uploading'
        return { id: newId(), file, preview, progress: 0, state, linked: null }
      })
      setList((now) => [...now, ...added])
      for (const { id, file, state } of added) if (state === 'uploading') void upload(id, file)
    },
    remove(id) {
      drop(list.filter((one) => one.id === id))
      setList((now) => now.filter((one) => one.id !== id))
      setTooMany(false)
    },
    retry(id) {
      const again = list.find((one) => one.id === id)
      if (again === undefined) return
      update(id, { state: 'uploading', progress: 0 })
      void upload(id, again.file)
    },
    take() {
      drop(list)
      setList([])
      setTooMany(false)
      return list.flatMap(({ linked }) => (linked === null ? [] : [linked]))
    },
  }
}
