import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenFor, workspaceStore } from '../../src/db/workspace.ts'
import { waitFor } from '../support/wait.ts'
import type { ServedDesk } from './desk.ts'
import { servedDesk } from './desk.ts'

let served: ServedDesk
beforeAll(async () => {
  served = await servedDesk()
})
afterAll(() => served.end())

const api = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  served.call(method, `/api/v1${path}`, body, headers)

async function opened(body: Record<string, unknown> = {}) {
  const answer = await api('POST', '/tickets', {
    body: 'The printer is on fire',
    requester: 'ana@demo.example',
    ...body,
  })
  expect(answer.status).toBe(201)
  return answer.body
}

describe('who may call', () => {
  it.each([
    ['nobody', ''],
    ['another scheme', 'Basic YTpi'],
    ['a wrong token', 'Bearer nonsense'],
    ['a token of no workspace', `Bearer ${tokenFor('00000000-0000-7000-8000-000000000000', 'x')}`],
  ])('%s is told how', async (_who, authorization) => {
    const answer = await api('GET', '/tickets', undefined, { authorization })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/u)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.body).toMatchObject({ code: 'unauthorized', status: 401 })
  })

  it('a token that was made serves until it is revoked, and reaches no administration', async () => {
    const made = await api('POST', '/admin/tokens', { name: 'monitoring' })
    expect(made.status).toBe(201)
    const authorization = `Bearer ${made.body.token}`
    expect((await api('GET', '/tickets', undefined, { authorization })).status).toBe(200)
    expect((await api('GET', '/admin/outbox', undefined, { authorization })).body.code).toBe('forbidden')
    expect((await api('POST', '/admin/tokens', { name: 'monitoring' })).body.code).toBe('name-taken')
    const listed = await api('GET', '/admin/tokens')
    expect(JSON.stringify(listed.body)).not.toContain(made.body.token)
    expect((await api('DELETE', '/admin/tokens/monitoring')).status).toBe(204)
    expect((await api('DELETE', '/admin/tokens/monitoring')).status).toBe(404)
    expect((await api('GET', '/tickets', undefined, { authorization })).status).toBe(401)
  })

  it('a ticket of another workspace and one that is not there are the same to a caller', async () => {
    const { number } = await opened()
    const workspaces = workspaceStore(served.connection.database, {
      next: () => '01990000-0000-7000-8000-000000000001',
    })
    const other = await workspaces.ensure('other', new Date(0))
    await workspaces.createToken(other, 'theirs', tokenFor(other, 'secret'), new Date(0))
    const theirs = { authorization: `Bearer ${tokenFor(other, 'secret')}` }
    const foreign = await api('GET', `/tickets/${number}`, undefined, theirs)
    const missing = await api('GET', '/tickets/99999', undefined, theirs)
    expect(foreign.status).toBe(404)
    expect({ ...foreign.body, detail: foreign.body.detail.replace(number, 99999) }).toEqual(missing.body)
    const moved = await api('POST', `/tickets/${number}/transitions`, { verb: 'close' }, theirs)
    expect(moved.status).toBe(404)
  })
})

describe('a ticket', () => {
  it('is opened, found, read with its history, and worked like one from chat', async () => {
    const ticket = await opened({ body: 'VPN 连不上了，马上要开会', requester: 'zhou.min@demo.example' })
    expect(ticket).toMatchObject({
      label: `IT-${ticket.number}`,
      status: 'new',
      queue: 'it',
      priority: 'high',
      language: 'zh',
      platform: 'api',
      requester: { name: '周敏' },
      assignee: null,
    })
    expect(new Date(ticket.opened_at).toISOString()).toBe(ticket.opened_at)
    const path = `/tickets/${ticket.label}`
    const claimed = await api('POST', `${path}/transitions`, { verb: 'claim', as: 'li-wei' })
    expect(claimed.body).toMatchObject({ status: 'open', assignee: { name: '李伟' } })

    const reply = await api('POST', `${path}/comments`, {
      body: '请重启客户端',
      visibility: 'public',
      author: 'li-wei',
    })
    expect(reply.status).toBe(201)
    expect(reply.body).toMatchObject({
      visibility: 'public',
      by: 'staff',
      author: { name: '李伟' },
      text: '请重启客户端',
    })
    const note = await api('POST', `${path}/comments`, { body: '证书过期', visibility: 'internal' })
    expect(note.body).toMatchObject({ visibility: 'internal', author: { name: 'API' } })
    const more = await api('POST', `${path}/comments`, {
      body: '还是不行',
      visibility: 'public',
      author: 'zhou-min',
    })
    expect(more.body).toMatchObject({ by: 'requester' })

    await api('POST', `${path}/transitions`, { verb: 'priority', priority: 'urgent', reason: '全员受影响' })
    const solved = await api('POST', `${path}/transitions`, {
      verb: 'resolve',
      summary: '换了证书',
      as: 'li.wei@demo.example',
    })
    expect(solved.body).toMatchObject({ status: 'resolved', resolution: '换了证书' })

    const read = await api('GET', `/tickets/${ticket.number}`)
    expect(read.body.messages.map((one: { text: string }) => one.text)).toEqual([
      'VPN 连不上了，马上要开会',
      '请重启客户端',
      '证书过期',
      '还是不行',
    ])
    const { history } = read.body
    expect(history.map((line: { version: number }) => line.version)).toEqual(
      history.map((_: unknown, index: number) => index + 1),
    )
    expect(history[0]).toMatchObject({
      type: 'opened',
      actor: { name: '周敏' },
      text: null,
      data: { queue: 'it' },
    })
    expect(history.find((line: { type: string }) => line.type === 'prioritised')).toMatchObject({
      text: '全员受影响',
      data: { from: 'high', to: 'urgent' },
    })
    expect(JSON.stringify(read.body)).not.toMatch(/sealed|workspace|freshSince|fresh_since|rank/iu)
  })

  it('reaches its requester in chat, and so does the answer', async () => {
    const ticket = await opened({ body: 'My monitor stays black', requester: 'ana@demo.example' })
    await api('POST', `/tickets/${ticket.number}/comments`, {
      body: 'A new one is on its way',
      visibility: 'public',
    })
    const { database } = served.connection
    await waitFor('everything is delivered', 5_000, async () => {
      const rows = await database.execute<{ waiting: string }>(
        `select count(*) as waiting from outbox where state = 'ready'`,
      )
      return Number(rows[0]!.waiting) === 0
    })
    const channels = await database.execute<{ channel: string }>(
      `select distinct t.channel from threads t join tickets k on k.id = t.ticket_id where k.number = ${ticket.number} and t.root is not null`,
    )
    expect([...channels].map((row) => row.channel).toSorted()).toEqual(['dm:ana', 'it'])
  })

  it('somebody new may ask by mail address; an id has to be known', async () => {
    const ticket = await opened({
      requester: 'New.Person@elsewhere.example',
      queue: 'finance',
      title: 'Refund',
    })
    expect(ticket).toMatchObject({ queue: 'finance', title: 'Refund', label: `FIN-${ticket.number}` })
    const again = await opened({ requester: 'new.person@elsewhere.example' })
    expect(again.requester.id).toBe(ticket.requester.id)
    const byId = await opened({ requester: ticket.requester.id })
    expect(byId.requester.id).toBe(ticket.requester.id)
    const unknown = await api('POST', '/tickets', {
      body: 'x',
      requester: '00000000-0000-7000-8000-000000000000',
    })
    expect([unknown.status, unknown.body.code]).toEqual([404, 'refused.no-such-person'])
    const queue = await api('POST', '/tickets', { body: 'x', requester: 'ana', queue: 'legal' })
    expect([queue.status, queue.body.code]).toEqual([404, 'refused.no-such-queue'])
  })

  it('links and merges with another by its number or label', async () => {
    const [first, second] = [await opened(), await opened()]
    const linked = await api('POST', `/tickets/${first.number}/transitions`, {
      verb: 'link',
      other: second.label,
    })
    expect(linked.body.links).toEqual([second.number])
    const merged = await api('POST', `/tickets/${second.number}/transitions`, {
      verb: 'merge',
      other: first.number,
    })
    expect(merged.body).toMatchObject({ status: 'closed', merged_into: first.number })
    const itself = await api('POST', `/tickets/${first.number}/transitions`, {
      verb: 'merge',
      other: first.number,
    })
    expect([itself.status, itself.body.code]).toEqual([409, 'refused.with-itself'])
  })
})

describe('lists', () => {
  it('are filtered, and paged without gaps while tickets are added', async () => {
    const numbers: number[] = []
    for (let count = 0; count < 5; count++) numbers.push((await opened({ queue: 'hr' })).number)
    await api('POST', `/tickets/${numbers[0]}/transitions`, { verb: 'assign', person: 'mia' })
    const seen: number[] = []
    let cursor: string | null = null
    do {
      const query: string = `/tickets?queue=hr&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`
      const page = (await api('GET', query)).body
      seen.push(...page.tickets.map((one: { number: number }) => one.number))
      cursor = page.next_cursor
      await opened({ queue: 'finance' })
    } while (cursor !== null)
    expect(seen).toEqual(numbers.toReversed())
    const list = async (query: string) =>
      (await api('GET', `/tickets?${query}`)).body.tickets.map((one: { number: number }) => one.number)
    expect(await list('assignee=mia')).toEqual([numbers[0]])
    expect(await list('assignee=mia@demo.example&status=open')).toEqual([numbers[0]])
    expect(await list('queue=hr&assignee=none&status=new,open')).toEqual(numbers.slice(1).toReversed())
    expect(await list('queue=hr&status=new&status=open&limit=1')).toEqual([numbers[4]])
    expect(await list('queue=hr&status=closed')).toEqual([])
  })

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['status=new,nonsense', 'status'],
    ['cursor=AAAA', 'cursor'],
    ['owner=mia', ''],
  ])('refuse %s', async (query, field) => {
    const answer = await api('GET', `/tickets?${query}`)
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid'])
    expect(answer.body.errors[0]).toMatchObject({ in: 'query', pointer: expect.stringContaining(field) })
  })

  it('say when a person or a queue is unknown', async () => {
    expect((await api('GET', '/tickets?assignee=nobody')).body.code).toBe('refused.no-such-person')
    expect((await api('GET', '/tickets?queue=legal')).body.code).toBe('refused.no-such-queue')
  })
})

describe('a refusal', () => {
  it('carries a stable code, and its sentence in the language of the caller', async () => {
    const { number } = await opened()
    const path = `/tickets/${number}/transitions`
    await api('POST', path, { verb: 'claim', as: 'sam' })
    const claim = { verb: 'claim', as: 'li-wei' }
    const english = await api('POST', path, claim, { 'accept-language': 'fr, en;q=0.8, zh;q=0.5' })
    expect(english.body).toMatchObject({
      type: 'urn:gongdan:refused.already-claimed',
      status: 409,
      code: 'refused.already-claimed',
      detail: expect.stringContaining('Sam Okafor'),
    })
    expect(english.headers.get('content-type')).toContain('application/problem+json')
    const chinese = await api('POST', path, claim, { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' })
    expect(chinese.headers.get('content-language')).toBe('zh')
    expect(chinese.body.detail).toMatch(/[\u4e00-\u9fff]/u)
    expect(chinese.body.title).toBe('当前无法执行')
  })

  it('tells what is forbidden from what is impossible and what is missing', async () => {
    const { number } = await opened()
    const path = `/tickets/${number}/transitions`
    const code = async (body: unknown) => {
      const answer = await api('POST', path, body)
      return [answer.status, answer.body.code]
    }
    expect(await code({ verb: 'resolve', summary: 'x', as: 'mia' })).toEqual([404, 'refused.no-such-ticket'])
    expect(await code({ verb: 'resolve', summary: 'x', as: 'ana' })).toEqual([403, 'refused.staff-only'])
    expect(await code({ verb: 'cancel' })).toEqual([403, 'refused.requester-only'])
    expect(await code({ verb: 'reopen' })).toEqual([409, 'refused.not-done'])
    expect(await code({ verb: 'assign', person: 'nobody' })).toEqual([404, 'refused.no-such-person'])
    expect(await code({ verb: 'transfer', queue: 'legal' })).toEqual([404, 'refused.no-such-queue'])
    expect(await code({ verb: 'link', other: 99_999 })).toEqual([404, 'refused.no-such-ticket'])
  })
})

describe('a call that is wrong', () => {
  it.each([
    ['half a JSON', 400, 'bad-json', '{"body": '],
    ['no body', 400, 'bad-json', ''],
    ['a body that means another prototype', 400, 'bad-json', '{"__proto__": {"admin": true}}'],
    ['too much', 413, 'too-large', JSON.stringify({ body: 'x'.repeat(300_000), requester: 'ana' })],
    ['a missing field', 422, 'invalid', JSON.stringify({ body: 'x' })],
    [
      'a requester who can be nobody',
      422,
      'invalid',
      JSON.stringify({ body: 'x', requester: 'not a person' }),
    ],
    ['an unknown field', 422, 'invalid', JSON.stringify({ body: 'x', requester: 'ana', colour: 'red' })],
    ['empty words', 422, 'invalid', JSON.stringify({ body: '   ', requester: 'ana' })],
  ])('%s: %i %s', async (_what, status, code, body) => {
    const answer = await api('POST', '/tickets', body)
    expect([answer.status, answer.body.code]).toEqual([status, code])
  })

  it('is refused by its content type', async () => {
    const answer = await api('POST', '/tickets', 'body=x', {
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported-media-type'])
  })

  it.each(['/tickets/0', '/tickets/IT-', '/tickets/42abc', '/tickets/%00', '/nothing', '/tickets/HR-1'])(
    'finds nothing at %s',
    async (path) => {
      await opened()
      const answer = await api('GET', path)
      expect(answer.status).toBe(404)
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
    },
  )

  it('names the field that is wrong', async () => {
    const answer = await api('POST', '/tickets/1/transitions', { verb: 'priority', priority: 'highest' })
    expect(answer.body.errors).toEqual([expect.objectContaining({ in: 'body', pointer: '/priority' })])
  })
})

describe('the OpenAPI document', () => {
  it('describes every route with the schemas that validate, and needs no token', async () => {
    const { status, body } = await api('GET', '/openapi.json', undefined, { authorization: '' })
    expect(status).toBe(200)
    expect(body.openapi).toBe('3.1.0')
    expect(Object.keys(body.paths).toSorted()).toEqual([
      '/api/v1/admin/outbox',
      '/api/v1/admin/outbox/retry',
      '/api/v1/admin/policy',
      '/api/v1/admin/tokens',
      '/api/v1/admin/tokens/{name}',
      '/api/v1/tickets',
      '/api/v1/tickets/{number}',
      '/api/v1/tickets/{number}/comments',
      '/api/v1/tickets/{number}/transitions',
    ])
    const request = body.paths['/api/v1/tickets'].post.requestBody.content['application/json'].schema
    expect(request).toMatchObject({ required: ['body', 'requester'], additionalProperties: false })
    const text = JSON.stringify(body)
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/gu)) {
      expect(Object.keys(body.components.schemas)).toContain(name)
    }
    expect(text).toContain('application/problem+json')
  })
})
