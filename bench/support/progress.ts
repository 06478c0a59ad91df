/** One line for the person who watches; stdout is kept for the result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** The number after `--name` in `args`, or `otherwise`. Throws when it is not a whole number above zero. */
export function option(args: readonly string[], name: string, otherwise: number): number {
  const at = args.indexOf(`--${name}`)
  if (at < 0) return otherwise
  const value = Number(args[at + 1])
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} wants a whole number above zero`)
  return value
}
