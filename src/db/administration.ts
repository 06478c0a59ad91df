import type { Administration } from '../core/administration.ts'
import type { Platform } from '../core/event.ts'
import type { Clock } from '../core/ports.ts'
import type { OutboxStore } from '../core/store.ts'
import type { WorkspaceStore } from './workspace.ts'
import { tokenFor } from './workspace.ts'

/** The administration of a workspace over its database. */
export function administrationOf(
  workspace: string,
  options: {
    workspaces: WorkspaceStore
    outbox: OutboxStore
    clock: Clock
    /** The install that the desk writes through on a platform. */
    installOf(platform: Platform): string
    /** Something that nobody can guess, for a token. */
    secret(): string
    /** Called when deliveries became due. */
    revived(): void
  },
): Administration {
  const { workspaces, outbox, clock } = options
  return {
    policy: () => workspaces.policy(workspace),
    apply: (policy, by) => workspaces.apply(workspace, policy, by, options.installOf, clock.now()),
    deadLetters: (limit) => outbox.dead(workspace, limit),
    async retry(key) {
      const count = await outbox.revive(workspace, key, clock.real())
      if (count > 0) options.revived()
      return count
    },
    tokens: () => workspaces.tokens(workspace),
    async createToken(name) {
      const token = tokenFor(workspace, options.secret())
      return (await workspaces.createToken(workspace, name, token, clock.real())) ? token : null
    },
    revokeToken: (name) => workspaces.revokeToken(workspace, name, clock.real()),
  }
}
