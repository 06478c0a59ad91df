import { fileTypeFromBuffer } from 'file-type'
import type { Files, Ids } from '../../core/ports.ts'
import type { LinkedFile } from './post.ts'
import { cut } from './render.ts'
import { fileKey } from './session.ts'

/** Largest upload, in bytes. */
export const UPLOAD_MAX = 10 * 1024 * 1024

/** The only types that a browser shows in place; anything else is offered as a download. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

export interface UploadOptions {
  readonly files: Files
  readonly workspace: string
  readonly sessionKey: Uint8Array
  readonly ids: Ids
}

/**
 * Stores what a person uploaded and hands out the key that he sends it on with. The type is read from the bytes, never
 * from what the browser claims; text has no signature and counts as plain text. `real` is the machine's time.
 */
export async function storeUpload(
  name: string,
  bytes: Uint8Array,
  at: { readonly now: Date; readonly real: Date },
  { files, workspace, sessionKey, ids }: UploadOptions,
): Promise<LinkedFile> {
  const sniffed = await fileTypeFromBuffer(bytes)
  const mime = sniffed?.mime ?? (isText(bytes) ? 'text/plain' : 'application/octet-stream')
  const file = { id: ids.next(), name: safeName(name), mime, bytes }
  const ref = await files.put(workspace, file, at.now)
  return {
    id: ref.id,
    name: ref.name,
    mime: ref.mime,
    size: ref.size,
    key: fileKey(sessionKey, ref.id, at.real),
  }
}

/** Headers under which a stored file is harmless in a browser, whatever it holds. */
export function fileHeaders(name: string, mime: string): Record<string, string> {
  const shown = SHOWN.has(mime)
  // RFC 6266: the quoted form for old readers, the encoded form for names beyond ASCII.
  const plain = name.replace(/[^\x20-\x7e]|["\\]/gu, '_')
  return {
    'content-type': shown ? mime : 'application/octet-stream',
    'content-disposition': `${shown ? 'inline' : 'attachment'}; filename="${plain}"; filename*=UTF-8''${encodeName(name)}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, max-age=3600',
  }
}

/** A file name without folders, control and direction signs (`photo_gpj.exe` read backwards), at most 200 characters. */
function safeName(name: string): string {
  const last = name.split(/[/\\]/u).at(-1) ?? ''
  const plain = cut(last.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '').trim(), 200)
  return plain === '' || /^\.+$/u.test(plain) ? 'file' : plain
}

function encodeName(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/gu,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
