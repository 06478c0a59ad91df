import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../support/wait.ts'
import type { ServedDesk } from './desk.ts'
import { servedDesk } from './desk.ts'

let served: ServedDesk
beforeAll(async () => {
  served = await servedDesk()
})
afterAll(() => served.end())

const api = (method: string, path: string, body?: unknown) =>
  served.call(method, `/api/v1/admin${path}`, body)

describe('dead letters', () => {
  it('can be seen and tried again without stopping the desk', async () => {
    expect((await api('GET', '/outbox')).body).toEqual({ dead_letters: [] })
    const opened = await served.call('POST', '/api/v1/tickets', {
      body: 'The wifi is down',
      requester: 'ana',
    })
    const { database } = served.connection
    const states = async () =>
      [...(await database.execute<{ key: string; state: string }>(`select key, state from outbox`))].map(
        (row) => row.state,
      )
    await waitFor('the cards are delivered', 5_000, async () =>
      (await states()).every((state) => state === 'sent'),
    )
    expect(opened.status).toBe(201)
    await database.execute(
      `update outbox set state = 'dead', attempts = 3, last_code = 'gone:channel_not_found'`,
    )
    const { dead_letters: letters } = (await api('GET', '/outbox')).body
    expect(letters[0]).toMatchObject({ kind: 'card', code: 'gone:channel_not_found', attempts: 3 })
    expect((await api('POST', '/outbox/retry', { key: 'nothing' })).body.code).toBe('no-dead-letter')
    expect((await api('POST', '/outbox/retry', { key: letters[0].key })).body).toEqual({ retried: 1 })
    expect((await api('POST', '/outbox/retry', { key: null })).body).toEqual({ retried: letters.length - 1 })
    await waitFor('they are delivered', 5_000, async () =>
      (await states()).every((state) => state === 'sent'),
    )
  })
})

describe('the policy', () => {
  it('is read, changed and put in force for the next ticket', async () => {
    const { version, document } = (await api('GET', '/policy')).body
    const changed = {
      ...document,
      queues: document.queues.map((one: { key: string }) =>
        one.key === 'hr' ? { ...one, prefix: 'PPL' } : one,
      ),
    }
    const applied = await api('PUT', '/policy', changed)
    expect(applied.body).toEqual({ version: version + 1 })
    const ticket = await served.call('POST', '/api/v1/tickets', { body: 'x', requester: 'ana', queue: 'hr' })
    expect(ticket.body.label).toMatch(/^PPL-/u)
    const path = `/api/v1/tickets/${ticket.body.number}/transitions`
    expect(
      (await served.call('POST', path, { verb: 'hold', reason: 'the interface keeps its role' })).status,
    ).toBe(200)
  })

  it('is refused with the place of each flaw', async () => {
    const { document } = (await api('GET', '/policy')).body
    const answer = await api('PUT', '/policy', { ...document, default_queue: 'legal' })
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toEqual([
      { in: 'body', pointer: '/default_queue', detail: expect.stringContaining('legal') },
    ])
  })
})

describe('operations', () => {
  it('says that the process lives, that it is ready, and what it counted', async () => {
    const open = { authorization: '' }
    expect((await served.call('GET', '/healthz', undefined, open)).body).toMatchObject({ status: 'ok' })
    const ready = await served.call('GET', '/readyz', undefined, open)
    expect([ready.status, ready.body]).toEqual([200, { status: 'ready', database: 'ok', worker: 'ok' }])
    const metrics = await served.call('GET', '/metrics', undefined, open)
    expect(metrics.headers.get('content-type')).toContain('text/plain')
    expect(metrics.body).toMatch(/gongdan_http_requests_total\{route="\/api\/v1\/tickets",status="201"\} \d/u)
    expect(metrics.body).toMatch(/gongdan_outbox_dead 0/u)
    expect(metrics.body).toMatch(/nodejs_eventloop_lag_seconds/u)
  })
})
