import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * What the page may load: itself, nothing inline, nothing from elsewhere. `blob:` shows a picture before its upload
 * has ended.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * Whether a Host or Origin names this machine or a host that the administrator configured. A page of another site can
 * point its own name at 127.0.0.1 (DNS rebinding); the name that it uses gives it away. Ports are not compared.
 */
export function isKnownHost(host: string | undefined, configured: readonly string[]): boolean {
  if (host === undefined || !/^[A-Za-z0-9.:[\]-]+$/u.test(host)) return false
  const url = `http://${host}`
  if (!URL.canParse(url)) return false
  const name = new URL(url).hostname
  const loopback = name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/u.test(name)
  return loopback || configured.includes(name)
}

/**
 * Refuses (403) requests under a foreign Host, and those that another site's page sent (its Origin is not the host
 * that was asked). Sets the security headers that every answer carries.
 */
export function guard(hosts: readonly string[]) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    reply.headers({
      'content-security-policy': PAGE_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    })
    const { host, origin } = request.headers
    if (!isKnownHost(host, hosts)) return reply.code(403).send({ error: 'web.unknown-host' })
    if (origin !== undefined && !isSameHost(origin, host)) {
      return reply.code(403).send({ error: 'web.foreign-origin' })
    }
    return undefined
  }
}

function isSameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host
}
