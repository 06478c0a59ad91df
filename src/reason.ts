/**
 * What an administrator can do about an error that ends the program: one sentence. Errors are told apart by name and
 * code; a driver's message is never shown, since it quotes the statement with its values.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an unknown fault.'
  switch (error.name) {
    case 'FolderInUseError':
      return `${error.message}. Stop that one first, or give this one a folder of its own with DATA_DIR.`
    case 'EmbeddedError':
      return `${error.message}: it is damaged, or of another version. Restore a backup, or move the folder away to begin anew.`
    case 'SealError':
      return `${error.message}. GONGDAN_KEYS, or the file "keys" in the data folder, must hold the key that was used before.`
  }
  const code = codeOf(error)
  const known = code === null ? undefined : CODES[code]
  if (known !== undefined) return known
  return isQuery(error)
    ? `the database does not do what it is asked for (${code ?? 'no code'}).`
    : error.message
}

const CODES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken; choose another with PORT.',
  EACCES: 'the port or the data folder may not be used by this user; see PORT and DATA_DIR.',
  ECONNREFUSED: 'nothing answers at DATABASE_URL; is PostgreSQL running there?',
  ENOTFOUND: 'the host in DATABASE_URL is not known.',
  CONNECT_TIMEOUT: 'the host in DATABASE_URL does not answer.',
  '28P01': 'PostgreSQL refuses the password in DATABASE_URL.',
  '28000': 'PostgreSQL refuses the user in DATABASE_URL.',
  '3D000': 'the database in DATABASE_URL does not exist; create it first.',
  '42501': 'the user in DATABASE_URL may not create tables there.',
}

/** The code of the error or of what caused it: drizzle wraps the driver's. */
function codeOf(error: Error): string | null {
  for (const one of [error.cause, error]) {
    if (one instanceof Error && 'code' in one && typeof one.code === 'string') return one.code
  }
  return null
}

function isQuery(error: Error): boolean {
  return 'query' in error
}
