/** What a command says. Results go to the standard output, so that they can be piped; refusals to the other one. */
export interface Print {
  line(text?: string): void
  problem(text: string): void
}

/** How a command ended: done, refused or unhealthy, or asked for wrongly. */
export const EXIT = { ok: 0, refused: 1, usage: 2 } as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

// A reader that has seen enough (`| head`) closes the pipe; that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

export const print: Print = {
  line: (text = '') => void process.stdout.write(`${text}\n`),
  problem: (text) => void process.stderr.write(`${text}\n`),
}

/** Columns of a list, each as wide as its widest cell; Chinese is taken as two columns wide. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(widths[column]! - widthOf(cell)))
      .join('  ')
      .trimEnd(),
  )
}

function widthOf(text: string): number {
  let width = 0
  for (const character of text)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/u.test(character) ? 2 : 1
  return width
}
