import { createServer } from 'node:http'

/** A Slack that agrees at once to everything, so that what is measured is the desk. */
let posted = 0

function answer(method: string, args: URLSearchParams): Record<string, unknown> {
  const user = args.get('user') ?? args.get('users') ?? 'U0BENCH'
  switch (method) {
    case 'auth.test':
      return {
        url: 'https://bench.slack.com/',
        team: 'Bench',
        team_id: 'T0BENCH',
        user_id: 'U0BOT',
        bot_id: 'B0BOT',
      }
    case 'users.info':
      return {
        user: {
          id: user,
          name: user.toLowerCase(),
          real_name: `Person ${user}`,
          locale: 'en-US',
          tz: 'Etc/UTC',
          profile: { email: `${user.toLowerCase()}@example.com`, display_name: user },
        },
      }
    case 'conversations.open':
      return { channel: { id: `D${user.slice(1)}` } }
    default:
      posted += 1
      return {
        channel: args.get('channel') ?? 'C0BENCH',
        ts: `1800000000.${String(posted).padStart(6, '0')}`,
      }
  }
}

const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  request.on('end', () => {
    const method = (request.url ?? '').replace('/api/', '')
    const json = request.headers['content-type']?.startsWith('application/json')
    const args = new URLSearchParams(json ? JSON.parse(text) : text)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ok: true, ...answer(method, args) }))
  })
})
server.listen(Number(process.env.PORT), '127.0.0.1')
