import natural from 'natural/lib/natural/distance/index.js'

/** Edits (insert, delete, replace, swap neighbours) from one word to another. */
export function distance(a: string, b: string): number {
  return natural.DamerauLevenshteinDistance(a, b, { restricted: true })
}
