import { createHmac, timingSafeEqual } from 'node:crypto'
import fastify from 'fastify'
import { SIGNING_SECRET } from './slack-event.ts'

/** The floor under intake over HTTP: fastify reads the raw body, checks Slack's signature and answers 200. */
const app = fastify()
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

app.get('/', async () => 'ready')
app.post<{ Body: Buffer }>('/slack/events', async (request, reply) => {
  const timestamp = String(request.headers['x-slack-request-timestamp'])
  const given = Buffer.from(String(request.headers['x-slack-signature']))
  const mac = createHmac('sha256', SIGNING_SECRET).update(`v0:${timestamp}:`).update(request.body)
  const expected = Buffer.from(`v0=${mac.digest('hex')}`)
  const fresh = Math.abs(Date.now() / 1_000 - Number(timestamp)) <= 300
  const genuine = given.length === expected.length && timingSafeEqual(given, expected)
  return reply.code(fresh && genuine ? 200 : 401).send()
})

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
