/**
 * Finding a policy's words in a message: whole words in Latin script ("hr" is not in "three"), any place in Chinese.
 * Width and case do not matter. No regular expression is made from a word, so none can explode.
 */

/** A text prepared for looking words up in it; a long one is prepared once for all words. */
export interface Folded {
  readonly text: string
}

/** Lower case, full-width forms as ordinary ones, curly quotes straight. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/[‘’]/gu, "'")
}

export function folded(text: string): Folded {
  return { text: fold(text) }
}

/** Whether `word`, folded too, stands in the text. */
export function findWord(haystack: Folded, word: Folded): boolean {
  const { text } = haystack
  const needle = word.text
  if (needle === '') return false
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
    if (!isLatin(needle[0]) || !isLatin(text[at - 1])) {
      if (!isLatin(needle.at(-1)) || !isLatin(text[at + needle.length])) return true
    }
  }
  return false
}

function isLatin(character: string | undefined): boolean {
  return character !== undefined && /[\p{Script=Latin}\p{N}]/u.test(character)
}
