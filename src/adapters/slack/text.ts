/** Between Slack's own text format and plain text: https://docs.slack.dev/messaging/formatting-message-text */

const CUT = '…'
const ZERO_WIDTH_SPACE = '\u200b'

// NUL and the other control characters, except tab and line feed; and the marks that turn the reading direction of
// everything after them, by which a name could repaint the rest of a card.
const UNPRINTABLE = /(?![\t\n])\p{Cc}|[\u202a-\u202e]/gu
/** With the `u` flag only halves of broken pairs match; the query-string encoder throws on them. */
const LONE_SURROGATE = /\p{Cs}/gu

/** `<@U1>`, `<#C1|name>`, `<!here>`, `<https://…|label>`; anything else in angle brackets was typed. */
const REFERENCE = /<((?:[@#!]|[a-z][a-z0-9+.-]*:)[^<>\n]*)>/giu

/** Without control characters and broken surrogates; line ends become `\n`. */
export function clean(text: string): string {
  return text.replace(/\r\n?/gu, '\n').replace(UNPRINTABLE, '').replace(LONE_SURROGATE, '\ufffd')
}

/**
 * The first `max` UTF-16 units of a text, never inside a character that a reader sees as one, ending in `…` if anything
 * was left out.
 */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text.slice(0, boundary(text, max - CUT.length))}${CUT}`
}

/** Plain text for a `plain_text` object: cleaned, on one line, cut; never empty, because Slack refuses that. */
export function label(text: string, max: number): string {
  // `<!channel>` means nothing in a `plain_text` object; it is broken up all the same, in case one is ever shown as text.
  const line = defuse(clean(text))
    .replace(/<(?=[!@#])/gu, `<${ZERO_WIDTH_SPACE}`)
    .replace(/\s+/gu, ' ')
    .trim()
  return line === '' ? CUT : cut(line, max)
}

/** Plain text for a `mrkdwn` object or a message's `text`: escaped, unable to notify anybody, cut to `max` after escaping. */
export function mrkdwn(text: string, max: number): string {
  const safe = defuse(clean(text))
  const whole = escaped(safe)
  if (whole.length <= max) return whole
  return `${escaped(safe.slice(0, boundary(safe, fitting(safe, max - CUT.length))))}${CUT}`
}

/** A text in escaped pieces of at most `max`, cut at line ends or spaces where there are any near. */
export function pieces(text: string, max: number): readonly string[] {
  let rest = defuse(clean(text)).trim()
  const list: string[] = []
  while (rest !== '') {
    const end = fitting(rest, max)
    const at = end === rest.length ? end : breakBefore(rest, end)
    list.push(escaped(rest.slice(0, at)).trimEnd())
    rest = rest.slice(at).trimStart()
  }
  return list.filter((piece) => piece !== '')
}

/** Bold for a name or a label: markup signs inside would end the bold early. */
export function bold(text: string, max: number): string {
  const inner = mrkdwn(
    text
      .replace(/[*_~`]/gu, '')
      .replace(/\s+/gu, ' ')
      .trim(),
    max - 2,
  )
  return inner === '' ? '' : `*${inner}*`
}

/**
 * What somebody wrote in Slack as plain text: references become what a reader sees, the three escaped characters come
 * back. `mention` says whether a labelled mention keeps its label (messages) or its id (commands, where it names a
 * person to act on).
 */
export function plain(slackText: string, mention: 'label' | 'id' = 'label'): string {
  const text = slackText.replace(REFERENCE, (_whole, inner: string) => reference(inner, mention))
  return clean(text.replace(/&lt;/gu, '<').replace(/&gt;/gu, '>').replace(/&amp;/gu, '&'))
}

function reference(inner: string, mention: 'label' | 'id'): string {
  const bar = inner.indexOf('|')
  const target = bar < 0 ? inner : inner.slice(0, bar)
  const name = bar < 0 ? '' : inner.slice(bar + 1)
  const id = target.slice(1)
  if (target.startsWith('@')) return `@${name !== '' && mention === 'label' ? name.replace(/^@/u, '') : id}`
  if (target.startsWith('#')) return `#${name || id}`
  if (target.startsWith('!subteam^')) return name || `@${target.slice('!subteam^'.length)}`
  // A date carries its own plain form after the bar: <!date^1392734382^{date}|Feb 18, 2014>.
  if (target.startsWith('!date^')) return name || target
  if (target.startsWith('!')) return `@${name.replace(/^@/u, '') || id}`
  const address = target.replace(/^mailto:|^tel:/u, '')
  return name === '' || name === address || target.endsWith(name) ? address : `${name} (${address})`
}

/** Neither `@channel` typed out nor `<!channel>` may ring anybody, whatever `parse` a workspace defaults to. */
function defuse(text: string): string {
  return text.replace(/@(?=(?:channel|here|everyone|group)\b)/giu, `@${ZERO_WIDTH_SPACE}`)
}

function escaped(text: string): string {
  return text.replace(/&/gu, '&amp;').replace(/</gu, '&lt;').replace(/>/gu, '&gt;')
}

/** How many units of the text fit into `max` once they are escaped. */
function fitting(text: string, max: number): number {
  let used = 0
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index]
    used += char === '&' ? 5 : char === '<' || char === '>' ? 4 : 1
    if (used > max) return index
  }
  return text.length
}

/** A line end or a space in the last third before `end`; otherwise the last whole character. */
function breakBefore(text: string, end: number): number {
  const least = Math.floor((end * 2) / 3)
  for (const sign of ['\n', ' ']) {
    const at = text.lastIndexOf(sign, end)
    if (at > least) return at
  }
  return boundary(text, end)
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** The longest emoji sequences in use have about thirty units; segmenting whole texts would cost a millisecond each. */
const WINDOW = 128

/** The greatest character boundary at or before `end`, and never 0 for a text whose first character is longer than that. */
function boundary(text: string, end: number): number {
  const start = Math.max(0, end - WINDOW)
  // A window that began between two halves would see a lone one first.
  const from = /[\udc00-\udfff]/u.test(text[start] ?? '') ? start - 1 : start
  let last = from
  for (const { index } of graphemes.segment(text.slice(from, end + WINDOW))) {
    if (from + index > end) break
    last = from + index
  }
  return last > 0 ? last : Math.max(1, end)
}
