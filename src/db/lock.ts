import { linkSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The embedded database takes no lock of its own, and two processes in one folder destroy it. So the folder carries a
 * file that names its process; one whose process is gone (kill -9) is taken over.
 */
export interface FolderLock {
  release(): void
}

/** Takes the folder; throws a FolderInUseError if a living process has it. */
export function lockFolder(folder: string): FolderLock {
  const path = join(folder, 'desk.lock')
  const own = join(folder, `desk.lock.${process.pid}`)
  writeFileSync(own, mark(process.pid), { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        // A hard link is made by one of two starters only, whatever they do at the same time.
        linkSync(own, path)
        return { release: () => rmSync(path, { force: true }) }
      } catch (error) {
        if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error
        const holder = readFileSync(path, 'utf8')
        if (isAlive(holder)) throw new FolderInUseError(folder, Number(holder.split(' ')[0]))
        unlinkSync(path)
      }
    }
    throw new FolderInUseError(folder, 0)
  } finally {
    rmSync(own, { force: true })
  }
}

/** The process id with its start time, since ids are used again after a restart of the machine. */
function mark(pid: number): string {
  return `${pid} ${startOf(pid) ?? ''}`
}

function isAlive(holder: string): boolean {
  const [id = '', start = ''] = holder.split(' ')
  const pid = Number(id)
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
  }
  const now = startOf(pid)
  return now === null || start === '' || now === start
}

/** When a process began, in the kernel's ticks; null where there is no /proc. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null
    throw error
  }
}

export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError'
  readonly folder: string
  readonly pid: number

  constructor(folder: string, pid: number) {
    super(`${folder} is in use by process ${pid}`)
    this.folder = folder
    this.pid = pid
  }
}
