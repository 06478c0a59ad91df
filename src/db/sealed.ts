import type { Sealer } from '../core/ports.ts'

/** Sealing of texts and JSON in the columns of a row. The context names workspace, table and row. */
export interface SealedText {
  text(workspace: string, row: string, plain: string): Uint8Array
  read(workspace: string, row: string, box: Uint8Array): string
}

export function sealedText(sealer: Sealer): SealedText {
  const encoder = new TextEncoder()
  const decoder = new TextDecoder()
  return {
    text: (workspace, row, plain) => sealer.seal(encoder.encode(plain), `${workspace} ${row}`),
    read: (workspace, row, box) => decoder.decode(sealer.open(box, `${workspace} ${row}`)),
  }
}
