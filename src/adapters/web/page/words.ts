import type { WireBody } from '../post.ts'

/** The gist of a post in plain words, for announcements: its text, or a card's heading and first text. */
export function wordsOf(body: WireBody): string {
  const spoken = body.blocks.flatMap((block) =>
    block.type === 'heading' || block.type === 'text' ? [block.text] : [],
  )
  const words = [body.text, ...spoken.slice(0, 2), ...body.files.map(({ name }) => name)]
  return words
    .filter((word) => word !== '')
    .join('. ')
    .slice(0, 300)
}
