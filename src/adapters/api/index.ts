import swagger from '@fastify/swagger'
import type { FastifyError, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import { bearerOf } from './access.ts'
import { administrationRoutes } from './admin.ts'
import type { ApiOptions } from './call.ts'
import { refuseCall } from './call.ts'
import type { FieldError } from './problem.ts'
import { named } from './shapes.ts'
import { ticketRoutes } from './tickets.ts'
import type { ProblemCode } from './words.ts'

/** Bytes of a call: the longest text in the widest characters, with room around it. */
const BODY_MAX = 256 * 1024

/**
 * The REST interface under `/api/v1`. It has parsers, errors and an OpenAPI document of its own, since the server
 * around it keeps bodies raw for the platforms' signatures.
 */
export async function registerApi(app: FastifyInstance, options: ApiOptions): Promise<void> {
  await app.register(
    async (scope) => {
      scope.removeAllContentTypeParsers()
      const parseJson = scope.getDefaultJsonParser('error', 'error')
      scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: BODY_MAX }, parseJson)
      scope.setValidatorCompiler(validatorCompiler)
      scope.setSerializerCompiler(serializerCompiler)
      scope.decorateRequest('caller', null)
      scope.addHook('onRequest', async (request, reply) => {
        reply.headers({ 'cache-control': 'no-store', vary: 'accept-language' })
        if (request.routeOptions.config.open === true) return
        const token = bearerOf(request.headers.authorization)
        request.caller = token === null ? null : await options.authenticate(token)
        if (request.caller !== null) return
        // https://www.rfc-editor.org/rfc/rfc6750#section-3
        reply.header(
          'www-authenticate',
          `Bearer realm="gongdan"${token === null ? '' : ', error="invalid_token"'}`,
        )
        return refuseCall(request, reply, 'unauthorized')
      })
      scope.setErrorHandler((error: FastifyError, request, reply) => {
        const code = codeOf(error)
        if (code === 'internal') {
          const { url: route } = request.routeOptions
          options.log.error({ code: error.code ?? error.name, route }, 'a call of the interface failed')
        }
        return refuseCall(request, reply, code, code === 'invalid' ? fieldErrors(error) : undefined)
      })
      scope.setNotFoundHandler((request, reply) => refuseCall(request, reply, 'not-found'))
      await scope.register(swagger, {
        openapi: {
          openapi: '3.1.0',
          info: {
            title: 'gongdan',
            version: options.version,
            description: 'Tickets of the desk, for other programs.',
          },
          components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
          security: [{ bearer: [] }],
        },
        transform: createJsonSchemaTransform({ schemaRegistry: named }),
        transformObject: createJsonSchemaTransformObject({ schemaRegistry: named }),
      })
      const api = scope.withTypeProvider<ZodTypeProvider>()
      ticketRoutes(api, options)
      administrationRoutes(api, options)
      api.get('/openapi.json', { config: { open: true }, schema: { hide: true } }, () => scope.swagger())
    },
    { prefix: '/api/v1' },
  )
}

function codeOf(error: FastifyError): ProblemCode {
  if (error.validation !== undefined) return 'invalid'
  switch (error.statusCode) {
    case 400:
      return 'bad-json'
    case 413:
      return 'too-large'
    case 415:
      return 'unsupported-media-type'
    default:
      return 'internal'
  }
}

const PARTS: Readonly<Record<string, string>> = { querystring: 'query', params: 'path' }

function fieldErrors(error: FastifyError): readonly FieldError[] {
  if (!hasZodFastifySchemaValidationErrors(error)) return []
  const context = error.validationContext ?? 'body'
  return error.validation.map(({ instancePath, message }) => ({
    in: PARTS[context] ?? context,
    pointer: instancePath,
    detail: message ?? '',
  }))
}
