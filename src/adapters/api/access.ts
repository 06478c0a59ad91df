import { createHash, timingSafeEqual } from 'node:crypto'

/** Who calls the interface. */
export interface Caller {
  readonly workspace: string
  /** The token's name, for the policy's and the journal's record of who did it. */
  readonly name: string
  /** Whether the administrator's own token was shown: only it may touch policy, tokens and dead letters. */
  readonly admin: boolean
}

/**
 * Turns a bearer token into its caller: the administrator's token of the settings (compared in constant time) belongs
 * to the home workspace, every other one is looked up by its hash. Null: nobody's.
 */
export function authenticatorOf(options: {
  adminToken: string | null
  home: string
  tokenOwner(token: string): Promise<{ workspace: string; name: string } | null>
}): (token: string) => Promise<Caller | null> {
  const admin = options.adminToken === null ? null : digest(options.adminToken)
  return async (token) => {
    if (admin !== null && timingSafeEqual(admin, digest(token))) {
      return { workspace: options.home, name: 'admin', admin: true }
    }
    const owner = await options.tokenOwner(token)
    return owner === null ? null : { ...owner, admin: false }
  }
}

/** The token of an `Authorization: Bearer` header; null for none, and for another scheme. */
export function bearerOf(header: string | undefined): string | null {
  return /^bearer +(\S.*)$/iu.exec(header ?? '')?.[1]?.trim() ?? null
}

/** Digests have one length, so that the comparison tells nothing about the token's. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
