import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os'

/** What the figures were measured on, in one line. */
export function describeMachine(): string {
  const gib = (totalmem() / 2 ** 30).toFixed(0)
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return `${availableParallelism()} × ${model}, ${gib} GiB, ${platform()} ${release()}, Node ${process.version}`
}

/**
 * The largest resident memory so far of a process and of its children, in MiB: the sum of each one's own peak.
 * Linux only (VmHWM in /proc/PID/status, proc(5)); throws where there is no /proc.
 */
export function peakMemoryMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0)
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return kib / 1_024 + children.reduce((sum, child) => sum + peakMemoryMb(Number(child)), 0)
}
