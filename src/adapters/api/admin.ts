import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { readPolicy } from '../../core/policy.ts'
import type { Api, ApiOptions } from './call.ts'
import { callerOf, REFUSALS, refuseCall } from './call.ts'
import * as shapes from './shapes.ts'

/** A policy with thousands of people. */
const POLICY_MAX = 4 * 1024 * 1024
const DEAD_MAX = 1000

const document = z.record(z.string(), z.unknown()).describe('As in docs: queues, people, calendars …')
const count = z.object({ retried: z.int() })

/**
 * What an administrator needs of a running desk whose embedded database no second process can open: dead letters, the
 * policy, tokens. With the administrator's own token only.
 */
export function administrationRoutes(api: Api, options: ApiOptions): void {
  api.register(
    async (plain) => {
      const scope = plain.withTypeProvider<ZodTypeProvider>()
      scope.addHook('preHandler', async (request, reply) => {
        if (!callerOf(request).admin) return refuseCall(request, reply, 'forbidden')
      })

      scope.get(
        '/outbox',
        {
          schema: {
            operationId: 'listDeadLetters',
            summary: 'Deliveries that were given up, oldest first',
            response: { 200: z.object({ dead_letters: z.array(shapes.deadLetter) }), ...REFUSALS },
          },
        },
        async (request) => {
          const letters = await options.administration(callerOf(request).workspace).deadLetters(DEAD_MAX)
          return {
            dead_letters: letters.map(({ createdAt, ...letter }) => ({
              ...letter,
              created_at: createdAt.toISOString(),
            })),
          }
        },
      )

      scope.post(
        '/outbox/retry',
        {
          schema: {
            operationId: 'retryDeadLetters',
            summary: 'Try one given-up delivery again, or (key null) every one',
            body: z.strictObject({ key: z.string().min(1).max(700).nullable() }),
            response: { 200: count, ...REFUSALS },
          },
        },
        async (request, reply) => {
          const { key } = request.body
          const retried = await options.administration(callerOf(request).workspace).retry(key)
          if (retried === 0 && key !== null) return refuseCall(request, reply, 'no-dead-letter')
          return { retried }
        },
      )

      scope.get(
        '/policy',
        {
          schema: {
            operationId: 'readPolicy',
            summary: 'The policy in force',
            response: { 200: z.object({ version: z.int(), document }), ...REFUSALS },
          },
        },
        async (request, reply) => {
          const applied = await options.administration(callerOf(request).workspace).policy()
          return applied ?? refuseCall(request, reply, 'not-found')
        },
      )

      scope.put(
        '/policy',
        {
          bodyLimit: POLICY_MAX,
          schema: {
            operationId: 'applyPolicy',
            summary: 'Put a policy in force',
            body: document,
            response: { 200: z.object({ version: z.int() }), ...REFUSALS },
          },
        },
        async (request, reply) => {
          const read = readPolicy(request.body)
          if (!read.ok) {
            const errors = read.flaws.map(({ path, sentence }) => ({
              in: 'body',
              pointer: path
                .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
                .join(''),
              detail: sentence,
            }))
            return refuseCall(request, reply, 'invalid', errors)
          }
          const { workspace, name } = callerOf(request)
          return { version: await options.administration(workspace).apply(read.policy, `api:${name}`) }
        },
      )

      scope.get(
        '/tokens',
        {
          schema: {
            operationId: 'listTokens',
            summary: 'Tokens, valid and revoked',
            response: { 200: z.object({ tokens: z.array(shapes.tokenLine) }), ...REFUSALS },
          },
        },
        async (request) => {
          const tokens = await options.administration(callerOf(request).workspace).tokens()
          return {
            tokens: tokens.map(({ name, createdAt, revokedAt }) => ({
              name,
              created_at: createdAt.toISOString(),
              revoked_at: revokedAt?.toISOString() ?? null,
            })),
          }
        },
      )

      scope.post(
        '/tokens',
        {
          schema: {
            operationId: 'createToken',
            summary: 'Make a token; it is shown this once',
            body: shapes.tokenName,
            response: { 201: z.object({ name: z.string(), token: z.string() }), ...REFUSALS },
          },
        },
        async (request, reply) => {
          const { name } = request.body
          const token = await options.administration(callerOf(request).workspace).createToken(name)
          if (token === null) return refuseCall(request, reply, 'name-taken')
          reply.code(201)
          return { name, token }
        },
      )

      scope.delete(
        '/tokens/:name',
        {
          schema: {
            operationId: 'revokeToken',
            summary: 'Revoke a token',
            params: shapes.tokenName,
            response: { 204: z.undefined(), ...REFUSALS },
          },
        },
        async (request, reply) => {
          const revoked = await options
            .administration(callerOf(request).workspace)
            .revokeToken(request.params.name)
          return revoked ? reply.code(204).send() : refuseCall(request, reply, 'no-such-token')
        },
      )
    },
    { prefix: '/admin' },
  )
}
