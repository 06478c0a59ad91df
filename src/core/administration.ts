import type { AppliedPolicy, Policy } from './policy.ts'
import type { DeadLetter } from './store.ts'

/**
 * What an administrator does to a workspace from outside the chat: over the REST interface of a running desk, or from
 * the command line on its database. Both speak to this.
 */
export interface Administration {
  /** Null until a policy was applied. */
  policy(): Promise<AppliedPolicy | null>
  /** Puts a policy in force and returns its version. */
  apply(policy: Policy, by: string): Promise<number>
  /** Deliveries that were given up, oldest first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>
  /** Puts a dead letter (null: every one) back into its lane; how many there were. */
  retry(key: string | null): Promise<number>
  tokens(): Promise<readonly TokenLine[]>
  /** Makes a token and returns it; it is kept nowhere and can't be shown again. Null: the name is taken. */
  createToken(name: string): Promise<string | null>
  /** False: no valid token has that name. */
  revokeToken(name: string): Promise<boolean>
}

/** What is known of a token: never the token itself. */
export interface TokenLine {
  readonly name: string
  readonly createdAt: Date
  readonly revokedAt: Date | null
}
