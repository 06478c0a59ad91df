/**
 * The web chat with scripted talk and echo answers, to look at the page without the desk behind it:
 * `npm run build:page && npx tsx test/support/web-preview.ts [PORT]`.
 */
import { readFile } from 'node:fs/promises'
import type { Address, Outcome } from '../../src/core/adapter.ts'
import type { InboundEvent } from '../../src/core/event.ts'
import type { Card, Form, Message } from '../../src/core/message.ts'
import type { Locale } from '../../src/core/text/say.ts'
import type { WebDesk } from './web-desk.ts'
import { makeWebDesk, WORKSPACE } from './web-desk.ts'

let sent = 0
const AT = new Date('2026-03-02T09:30:00+08:00').getTime()

async function say(
  desk: WebDesk,
  to: Address['to'],
  message: Message,
  locale: Locale,
  replaces: Address['replaces'] = null,
) {
  const [payload] = desk.adapter.render(message, locale)
  if (payload === undefined) throw new Error('nothing rendered')
  sent += 1
  const delivery = {
    key: `preview:${sent}`,
    unsure: false,
    signal: new AbortController().signal,
    file: async () => new Uint8Array(),
  }
  return desk.adapter.send(payload, { install: 'web', to, replaces }, delivery)
}

function ticketCard(locale: Locale, state: 'new' | 'open' | 'resolved', number: number, words: string): Card {
  const zh = locale === 'zh'
  const tone = state === 'resolved' ? 'done' : number === 1 ? 'urgent' : 'waiting'
  return {
    blocks: [
      { type: 'heading', tone, text: zh ? `IT-${number} VPN 无法连接` : `IT-${number} Laptop does not boot` },
      { type: 'text', quote: true, text: words },
      {
        type: 'facts',
        facts: [
          {
            label: zh ? '状态' : 'Status',
            value: zh
              ? { new: '待认领', open: '处理中', resolved: '已解决' }[state]
              : { new: 'Unclaimed', open: 'In progress', resolved: 'Resolved' }[state],
          },
          { label: zh ? '优先级' : 'Priority', value: zh ? '紧急（85）' : 'High (64)' },
          { label: zh ? '提单人' : 'Requester', value: zh ? '王小明' : 'Ana Ortiz' },
          { label: zh ? '处理人' : 'Assignee', value: state === 'new' ? '—' : '李雷' },
          { label: zh ? '首次响应' : 'First reply due', value: '09:45' },
          { label: zh ? '解决时限' : 'Resolve by', value: '13:30' },
        ],
      },
      {
        type: 'note',
        text: zh
          ? '原因：「十分钟后要开会」时间紧迫；情绪焦急；VPN 类问题影响办公。'
          : 'Why: a deadline today (“I present at 3”); hardware; a single person affected.',
      },
      {
        type: 'buttons',
        buttons:
          state === 'new'
            ? [
                { label: zh ? '认领' : 'Claim', action: `claim:${number}:1`, style: 'primary' },
                { label: zh ? '回复' : 'Reply', action: `reply:${number}:1` },
                { label: zh ? '更多…' : 'More…', action: `more:${number}:1` },
              ]
            : [
                { label: zh ? '回复' : 'Reply', action: `reply:${number}:2`, style: 'primary' },
                { label: zh ? '解决' : 'Resolve', action: `resolve:${number}:2` },
                { label: zh ? '取消' : 'Cancel', action: `cancel:${number}:2`, style: 'danger' },
              ],
      },
      {
        type: 'choice',
        label: zh ? '优先级' : 'Priority',
        action: `priority:${number}:1`,
        options: ['urgent', 'high', 'normal', 'low'].map((value) => ({ value, label: value })),
      },
    ],
  }
}

function form(action: string): Form {
  return {
    id: action,
    title: '处理结果与评价',
    intro: '请补充这张工单的信息。',
    submit: '提交',
    fields: [
      { type: 'text', id: 'subject', label: '标题', required: true, max: 100, value: 'VPN 无法连接' },
      {
        type: 'long',
        id: 'text',
        label: '回复内容',
        required: true,
        max: 4000,
        hint: '提单人会看到这段话。',
      },
      {
        type: 'choice',
        id: 'category',
        label: '分类',
        required: false,
        options: [
          { value: 'net', label: '网络' },
          { value: 'hw', label: '硬件' },
        ],
      },
      { type: 'rating', id: 'rating', label: '满意度', required: true, max: 5 },
      { type: 'file', id: 'files', label: '附件', required: false },
    ],
  }
}

async function script(desk: WebDesk): Promise<void> {
  const { room } = desk
  const post = (
    id: string,
    channel: string,
    thread: string | null,
    author: string,
    text: string,
    minute: number,
  ) =>
    room.put(WORKSPACE, {
      id,
      channel,
      thread,
      author,
      visibleTo: null,
      body: { text },
      at: new Date(AT - (45 - minute) * 60_000),
      editedAt: null,
      deletedAt: null,
    })
  const icon = await readFile(new URL('./chart.png', import.meta.url)).catch(() => null)

  await post('m0', 'dm:xiaoming', null, 'xiaoming', '早上好', 0)
  await post(
    'm1',
    'dm:xiaoming',
    null,
    'xiaoming',
    'VPN 连不上了，十分钟后要开会！！\n错误 809,详见 https://intranet.example.com/vpn/809 。',
    1,
  )
  const dm: Address['to'] = { kind: 'channel', channel: 'dm:xiaoming', thread: 'm1' }
  await say(
    desk,
    dm,
    {
      text: '收到，已建单 IT-1。首次响应时限 09:45。',
      card: {
        blocks: [
          { type: 'heading', tone: 'urgent', text: 'IT-1 VPN 无法连接' },
          {
            type: 'facts',
            facts: [
              { label: '状态', value: '处理中' },
              { label: '处理人', value: '李雷' },
            ],
          },
          {
            type: 'buttons',
            buttons: [
              { label: '补充信息', action: 'details:1:1', style: 'primary' },
              { label: '撤回', action: 'cancel:1:1', style: 'danger' },
            ],
          },
        ],
      },
    },
    'zh',
  )
  await say(desk, dm, { text: '已经重置了你的 VPN 证书，请重新连接试一下。', author: '李雷' }, 'zh')
  await post('m2', 'dm:xiaoming', 'm1', 'xiaoming', '可以了，谢谢！', 6)

  await post('a1', 'dm:ana', null, 'ana', 'my laptop won’t boot and I present at 3', 8)
  await say(
    desk,
    { kind: 'channel', channel: 'dm:ana', thread: 'a1' },
    { card: ticketCard('en', 'open', 2, 'my laptop won’t boot and I present at 3') },
    'en',
  )

  const first = await say(
    desk,
    { kind: 'channel', channel: 'it', thread: null },
    { card: ticketCard('zh', 'open', 1, 'VPN 连不上了，十分钟后要开会！！') },
    'zh',
  )
  const thread = { kind: 'channel', channel: 'it', thread: first.message } as const
  await say(desk, thread, { text: 'VPN 连不上了，十分钟后要开会！！', author: '王小明' }, 'zh')
  await post('t1', 'it', first.message, 'li', '证书昨晚过期了，我来重置。', 3)
  for (let n = 0; n < 14; n += 1)
    await post(
      `t2-${n}`,
      'it',
      first.message,
      n % 3 === 0 ? 'sam' : 'li',
      n % 3 === 0
        ? 'Same for two people in finance, I think the whole gateway renewed its certificate last night.'
        : '网关日志里有 12 条 809,都是同一时间段。',
      4 + n,
    )
  await say(
    desk,
    { kind: 'private', channel: 'it', thread: first.message, person: 'li' },
    { text: '回复提单人请点「回复」，或以「@工单 回复」开头。' },
    'zh',
  )
  await say(
    desk,
    { kind: 'channel', channel: 'it', thread: null },
    { card: ticketCard('en', 'new', 2, 'my laptop won’t boot and I present at 3') },
    'en',
  )

  const managers: Address['to'] = { kind: 'channel', channel: 'managers', thread: null }
  const chart =
    icon === null
      ? null
      : await desk.files.put(
          WORKSPACE,
          { id: 'chart', name: 'week.png', mime: 'image/png', bytes: icon },
          new Date(AT),
        )
  await say(
    desk,
    managers,
    {
      card: {
        blocks: [
          { type: 'heading', tone: 'neutral', text: '日报 · 3 月 2 日' },
          {
            type: 'facts',
            facts: [
              { label: '新建', value: '14' },
              { label: '解决', value: '11' },
              { label: '首次响应（中位）', value: '6 分钟' },
              { label: 'SLA 达成', value: '92%' },
              { label: '满意度', value: '4.6 / 5' },
            ],
          },
          ...(chart === null ? [] : [{ type: 'image' as const, file: chart, alt: '一周工单量' }]),
          { type: 'divider' },
          { type: 'text', text: '一线：网络 6,硬件 4,权限 4。' },
          { type: 'note', text: '数据截至 09:30(工作时间口径)' },
        ],
      },
    },
    'zh',
  )
  await say(
    desk,
    managers,
    {
      card: {
        blocks: [
          { type: 'heading', tone: 'waiting', text: '升级提醒：IT-2 即将超时' },
          { type: 'text', text: '首次响应还剩 5 分钟，目前无人认领。' },
          { type: 'buttons', buttons: [{ label: '指派', action: 'assign:2:1', style: 'primary' }] },
        ],
      },
    },
    'zh',
  )
}

async function handle(event: InboundEvent, desk: WebDesk): Promise<Outcome> {
  const at = event.place
  if (event.type === 'action' && /^(reply|resolve|details)/u.test(event.action))
    return { kind: 'form', form: form(event.action), locale: 'zh' }
  if (event.type === 'form' && (event.values.text ?? '').length < 5)
    return { kind: 'invalid', errors: { text: '请至少写五个字。' }, locale: 'zh' }
  if (event.type === 'action' || event.type === 'command') {
    const what =
      event.type === 'action'
        ? `${event.action}${event.value === null ? '' : ` = ${event.value}`}`
        : event.text
    return { kind: 'note', message: { text: `收到 ${what}` }, locale: 'zh' }
  }
  if (event.type === 'home') {
    await say(
      desk,
      { kind: 'home', person: event.from.id },
      {
        card: {
          blocks: [
            { type: 'heading', tone: 'neutral', text: '我的工单' },
            { type: 'text', text: 'IT-1 VPN 无法连接 · 处理中' },
            { type: 'buttons', buttons: [{ label: '新建工单', action: 'open::0', style: 'primary' }] },
          ],
        },
      },
      'zh',
    )
  }
  if (event.type === 'message') {
    const thread = at.thread ?? event.messageId
    await say(
      desk,
      { kind: 'channel', channel: at.channel, thread },
      { text: `收到：${event.text}`, card: ticketCard('zh', 'new', 3, event.text) },
      'zh',
    )
  }
  return { kind: 'accepted' }
}

const desk = await makeWebDesk({ handle })
if (!process.argv.includes('--empty')) await script(desk)
await desk.app.listen({ port: Number(process.argv[2] ?? 3999), host: '127.0.0.1' })
