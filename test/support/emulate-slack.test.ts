import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SlackEmulator, startSlackEmulator } from './emulate-slack.ts'

const signingSecret = 'a secret'
const received: { headers: NodeJS.Dict<string | string[]>; body: string }[] = []
const app = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  received.push({ headers: request.headers, body })
  response.end()
})
let slack: SlackEmulator

const api = async (method: string, args: Record<string, unknown>) => {
  const response = await fetch(`${slack.apiUrl}${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  })
  return { status: response.status, body: await response.json() }
}

beforeAll(async () => {
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
  const address = app.address()
  slack = await startSlackEmulator({
    signingSecret,
    people: [{ name: 'ann' }, { name: 'li', locale: 'zh-CN', email: 'li@example.com' }],
    channels: [{ name: 'help' }, { name: 'agents', private: true }],
  })
  slack.deliverTo(`http://127.0.0.1:${typeof address === 'object' ? address?.port : address}/slack/events`)
})

afterAll(async () => {
  await slack.stop()
  app.close()
})

test('a message arrives signed, a mention twice, a retry with the same event id', async () => {
  const said = await slack.postAs('ann', 'help', `<@${slack.botUserId}> 打印机卡纸`)
  expect(said.deliveries.map(({ status }) => status)).toEqual([200, 200])
  const last = received.at(-1)
  const mac = createHmac('sha256', signingSecret).update(
    `v0:${last?.headers['x-slack-request-timestamp']}:${last?.body}`,
  )
  expect(last?.headers['x-slack-signature']).toBe(`v0=${mac.digest('hex')}`)
  const again = await said.deliveries[0]?.again()
  expect(again?.payload.event_id).toBe(said.deliveries[0]?.payload.event_id)
  expect(received.at(-1)?.headers['x-slack-retry-num']).toBe('1')
})

test('the Web API keeps what it is told', async () => {
  const blocks = [
    { type: 'actions', elements: [{ type: 'button', action_id: 'claim', value: 'claim:1:1', text: {} }] },
  ]
  const posted = await api('chat.postMessage', { channel: slack.channelId('agents'), text: 'card', blocks })
  expect(posted.body).toMatchObject({ ok: true })
  await slack.postAs('li', 'agents', 'in the thread', { thread: posted.body.ts })
  expect(await slack.messages('agents', posted.body.ts)).toMatchObject([
    { text: 'card' },
    { text: 'in the thread' },
  ])

  const pressed = await slack.press('ann', 'agents', posted.body.ts, 'claim')
  expect(pressed.payload).toMatchObject({ actions: [{ value: 'claim:1:1' }] })
  const trigger = pressed.payload.trigger_id
  const view = {
    type: 'modal',
    callback_id: 'reply',
    title: { type: 'plain_text', text: 'Reply' },
    blocks: [],
  }
  const opened = await api('views.open', { trigger_id: trigger, view })
  expect(opened.body).toMatchObject({ ok: true, view: { callback_id: 'reply' } })
  expect((await slack.submit('ann', opened.body.view, {})).status).toBe(200)
  expect((await api('views.open', { trigger_id: trigger, view })).body).toMatchObject({ ok: false })

  const target = { channel: slack.channelId('agents'), user: slack.userId('li'), text: 'only you' }
  expect((await api('chat.postEphemeral', target)).body).toMatchObject({ ok: true })
  expect(slack.callsTo('chat.postEphemeral')).toHaveLength(1)
  expect(
    (await api('views.publish', { user_id: slack.userId('li'), view: { type: 'home', blocks: [] } })).body.ok,
  ).toBe(true)
  const reaction = { channel: slack.channelId('agents'), timestamp: posted.body.ts, name: 'eyes' }
  expect((await api('reactions.add', reaction)).body.ok).toBe(true)
  const changed = { channel: slack.channelId('agents'), ts: posted.body.ts, text: 'card 2', blocks }
  expect((await api('chat.update', changed)).body.ok).toBe(true)
})

test('people have locale and mail; edits, reactions, commands and shortcuts arrive; failures can be asked for', async () => {
  const { body } = await api('users.info', { user: slack.userId('li') })
  expect(body.user).toMatchObject({ locale: 'zh-CN', profile: { email: 'li@example.com' } })
  const direct = await slack.direct('li')
  const said = await slack.postAs('li', direct, 'VPN 连不上')
  expect(said.deliveries[0]?.payload.event).toMatchObject({ channel_type: 'im', user: slack.userId('li') })
  const edited = await slack.editAs('li', direct, said.ts, 'VPN 又好了')
  expect(edited.payload.event).toMatchObject({ message: { text: 'VPN 又好了' } })
  expect((await slack.reactAs('li', direct, said.ts, 'heart')).status).toBe(200)
  expect((await slack.shortcut('ann', 'ticket', said)).status).toBe(200)
  expect((await slack.command('ann', 'help', '/ticket', 'claim 42')).status).toBe(200)
  expect((await slack.deleteAs('li', direct, said.ts)).payload.event).toMatchObject({ deleted_ts: said.ts })
  slack.failNext('chat.postMessage', 429, { ok: false, error: 'ratelimited' }, { 'retry-after': '1' })
  const message = { channel: slack.channelId('help'), text: 'x' }
  expect((await api('chat.postMessage', message)).status).toBe(429)
  expect((await api('chat.postMessage', message)).status).toBe(200)
})
