import { pino } from 'pino'
import type { Log } from './core/ports.ts'

/** Structured lines on the standard output. The port admits ids and codes only; `redact` is the second bolt on the door. */
export function pinoLog(level: string): Log {
  return pino({
    level,
    redact: {
      paths: ['token', 'authorization', 'password', 'secret', 'text', 'body', 'mail', 'name'],
      censor: '[hidden]',
    },
  })
}
