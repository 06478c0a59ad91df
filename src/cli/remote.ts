import { z } from 'zod'
import type { Administration } from '../core/administration.ts'
import { policySchema } from '../core/policy.ts'
import type { DeadLetter } from '../core/store.ts'

const instant = z.coerce.date()
const deadLetters = z.object({
  dead_letters: z.array(
    z.object({
      key: z.string(),
      lane: z.string(),
      kind: z.string(),
      code: z.string(),
      attempts: z.number(),
      created_at: instant,
    }),
  ),
})
const tokens = z.object({
  tokens: z.array(z.object({ name: z.string(), created_at: instant, revoked_at: instant.nullable() })),
})

/** How long a running desk may take to answer. */
const ANSWER_MS = 15_000

/** A running desk that did not do what it was asked for; the message is fit to be shown. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError'
}

/** The administration of a running desk, over its REST interface. Its calls throw a RemoteError. */
export function remoteAdministration(address: string, token: string): Administration {
  async function call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; json: unknown }> {
    const response = await fetch(`${address}/api/v1/admin/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch((cause: unknown) => {
      throw new RemoteError(
        `the running desk does not answer at ${address}; is it on another HOST or PORT?`,
        { cause },
      )
    })
    const json = response.status === 204 ? null : await response.json().catch(() => null)
    return { status: response.status, json }
  }

  async function ask<T>(schema: z.ZodType<T>, method: string, path: string, body?: unknown): Promise<T> {
    const { status, json } = await call(method, path, body)
    if (status >= 400) throw refused(status, json)
    const read = schema.safeParse(json)
    if (!read.success) throw new RemoteError(`what answers at ${address} is not this version of gongdan`)
    return read.data
  }

  return {
    async policy() {
      const { status, json } = await call('GET', 'policy')
      if (status === 404) return null
      if (status >= 400) throw refused(status, json)
      return z.object({ version: z.number(), document: policySchema }).parse(json)
    },
    apply: async (policy) => (await ask(z.object({ version: z.number() }), 'PUT', 'policy', policy)).version,
    async deadLetters(limit) {
      const { dead_letters } = await ask(deadLetters, 'GET', 'outbox')
      return dead_letters.slice(0, limit).map(({ created_at, kind, ...letter }) => ({
        ...letter,
        kind: kind as DeadLetter['kind'],
        createdAt: created_at,
      }))
    },
    async retry(key) {
      const { status, json } = await call('POST', 'outbox/retry', { key })
      if (status === 404) return 0
      if (status >= 400) throw refused(status, json)
      return z.object({ retried: z.number() }).parse(json).retried
    },
    async tokens() {
      const found = await ask(tokens, 'GET', 'tokens')
      return found.tokens.map(({ name, created_at, revoked_at }) => ({
        name,
        createdAt: created_at,
        revokedAt: revoked_at,
      }))
    },
    async createToken(name) {
      const { status, json } = await call('POST', 'tokens', { name })
      if (status === 409) return null
      if (status >= 400) throw refused(status, json)
      return z.object({ token: z.string() }).parse(json).token
    },
    async revokeToken(name) {
      const { status, json } = await call('DELETE', `tokens/${encodeURIComponent(name)}`)
      if (status === 404) return false
      if (status >= 400) throw refused(status, json)
      return true
    },
  }
}

const problem = z.object({
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
})

function refused(status: number, json: unknown): RemoteError {
  const said = problem.safeParse(json).data
  if (status === 401)
    return new RemoteError('the running desk was started with another ADMIN_TOKEN, or without one')
  const fields = said?.errors?.map((one) => ` ${one.pointer}: ${one.detail}`).join('') ?? ''
  return new RemoteError(
    `the running desk refused (${status}): ${said?.detail ?? 'no reason given'}${fields}`,
  )
}
