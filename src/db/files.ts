import { and, eq } from 'drizzle-orm'
import type { Files, Sealer } from '../core/ports.ts'
import type { Database } from './client.ts'
import { files } from './schema.ts'
import { sealedText } from './sealed.ts'

/**
 * Files in the database, sealed: every process sees them, a backup holds them, and there is no folder that a second
 * machine lacks. At 10 MB each this is within what PostgreSQL stores out of line.
 */
export function fileStore(database: Database, sealer: Sealer): Files {
  const seal = sealedText(sealer)
  return {
    async put(workspaceId, file, at) {
      const row = {
        workspaceId,
        id: file.id,
        nameSealed: seal.text(workspaceId, `file ${file.id} name`, file.name),
        mime: file.mime,
        size: file.bytes.length,
        bytesSealed: sealer.seal(file.bytes, `${workspaceId} file ${file.id}`),
        createdAt: at,
      }
      await database.insert(files).values(row).onConflictDoNothing()
      return { id: file.id, name: file.name, mime: file.mime, size: file.bytes.length }
    },
    async get(workspace, id) {
      const [row] = await database
        .select()
        .from(files)
        .where(and(eq(files.workspaceId, workspace), eq(files.id, id)))
      if (row === undefined) return null
      return {
        ref: {
          id,
          name: seal.read(workspace, `file ${id} name`, row.nameSealed),
          mime: row.mime,
          size: row.size,
        },
        bytes: sealer.open(row.bytesSealed, `${workspace} file ${id}`),
      }
    },
  }
}
