import { customType, timestamp, uuid } from 'drizzle-orm/pg-core'

/** Column types that several tables share. */

export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })
/** To the millisecond, which is what JavaScript's dates hold: what is written is what is read. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 })
export const workspaceId = () => uuid('workspace_id').notNull()
