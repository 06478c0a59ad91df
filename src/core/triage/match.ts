/**
 * Finding a policy's words in a message: whole words in Latin script ("hr" is not in "three"), any place in Chinese.
 * Width and case do not matter. No regular expression is made from a word, so none can explode.
 */
export function findWord(text: string, word: string): boolean {
  const haystack = fold(text)
  const needle = fold(word)
  if (needle === '') return false
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) {
    if (!isLatin(needle[0]) || !isLatin(haystack[at - 1])) {
      if (!isLatin(needle.at(-1)) || !isLatin(haystack[at + needle.length])) return true
    }
  }
  return false
}

/** Lower case, full-width forms as ordinary ones, curly quotes straight. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/[‘’]/gu, "'")
}

function isLatin(character: string | undefined): boolean {
  return character !== undefined && /[\p{Script=Latin}\p{N}]/u.test(character)
}
