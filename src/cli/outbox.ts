import type { Administration } from '../core/administration.ts'
import type { Exit, Print } from './print.ts'
import { EXIT, table } from './print.ts'
import { minute } from './token.ts'

const SHOWN_MAX = 200

/** Deliveries that were given up, oldest first: what, where to, and what the platform said last. */
export async function listDeadLetters(administration: Administration, print: Print): Promise<Exit> {
  const letters = await administration.deadLetters(SHOWN_MAX + 1)
  if (letters.length === 0) {
    print.line('Nothing was given up: every delivery was made, or is still being tried.')
    return EXIT.ok
  }
  const rows = letters
    .slice(0, SHOWN_MAX)
    .map((one) => [one.key, one.kind, one.lane, one.code, `${one.attempts}×`, minute(one.createdAt)])
  for (const line of table([['KEY', 'WHAT', 'WHERE', 'WHY', 'TRIED', 'SINCE'], ...rows])) print.line(line)
  if (letters.length > SHOWN_MAX) print.line(`… and more; these are the oldest ${SHOWN_MAX}.`)
  print.problem('When the cause is mended: gongdan outbox retry KEY, or gongdan outbox retry --all')
  return EXIT.ok
}

/** Puts one dead letter, or with null all of them, back into its lane. */
export async function retryDeadLetters(
  administration: Administration,
  key: string | null,
  print: Print,
): Promise<Exit> {
  const count = await administration.retry(key)
  if (count === 0 && key !== null) {
    print.problem(`There is no dead letter ${key}. See: gongdan outbox list`)
    return EXIT.refused
  }
  print.line(count === 1 ? 'One delivery will be tried again.' : `${count} deliveries will be tried again.`)
  return EXIT.ok
}
