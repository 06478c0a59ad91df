import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** The version of the package that this code belongs to. */
export const VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).version
