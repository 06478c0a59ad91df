import { readFile } from 'node:fs/promises'
import type { Document, Node } from 'yaml'
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Policy } from '../core/policy.ts'
import { readPolicy } from '../core/policy.ts'

/** Something wrong in a file: line and column count from 1. */
export interface Mark {
  readonly line: number
  readonly column: number
  readonly sentence: string
}

export type PolicyFile =
  | { readonly kind: 'sound'; readonly policy: Policy }
  | { readonly kind: 'flawed'; readonly marks: readonly Mark[] }
  | { readonly kind: 'unreadable'; readonly sentence: string }

/** Reads a policy of YAML; each flaw is found again at its place in the text. */
export async function readPolicyFile(path: string): Promise<PolicyFile> {
  try {
    return examineText(await readFile(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    const reason = error.code === 'ENOENT' ? 'there is no such file' : String(error.code)
    return { kind: 'unreadable', sentence: `${path} cannot be read: ${reason}` }
  }
}

export function examineText(text: string): PolicyFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const mark = (offset: number, sentence: string): Mark => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col), sentence }
  }
  if (document.errors.length > 0) {
    return { kind: 'flawed', marks: document.errors.map((error) => mark(error.pos[0], error.message)) }
  }
  const read = readPolicy(plain(document))
  if (read.ok) return { kind: 'sound', policy: read.policy }
  const marks = read.flaws.map(({ path, sentence }) => {
    const where = path.length === 0 ? '' : `${path.join('.')}: `
    return mark(offsetOf(document, path), where + sentence)
  })
  return { kind: 'flawed', marks: marks.toSorted((a, b) => a.line - b.line || a.column - b.column) }
}

/** Null for a document that multiplies itself by aliases: `yaml` refuses to unfold it. */
function plain(document: Document): unknown {
  try {
    return document.toJS()
  } catch (error) {
    if (error instanceof ReferenceError) return null
    throw error
  }
}

/**
 * Where a path of keys and indexes stands in the text: a plain value at the value, a list or a map at its key. What is
 * missing is shown at the nearest thing around it that is there.
 */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part),
      )
      if (pair === undefined) return offset
      offset = startOf(isScalar(pair.value) ? pair.value : pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(part)]
      if (node === undefined) return offset
      offset = startOf(node) ?? offset
    } else {
      return offset
    }
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  return typeof node === 'object' && node !== null && 'range' in node ? (node as Node).range?.[0] : undefined
}
