import { createHmac } from 'node:crypto'
import type { Shot } from './load.ts'

export const SIGNING_SECRET = 'bench-signing-secret'
export const TEAM_ID = 'T0BENCH'

const REQUESTS = [
  'The printer on the third floor jams with every second page, could somebody have a look?',
  'VPN 连不上，从今天早上开始一直提示超时',
  'Please give Ann access to the finance share until the end of the month',
  '新同事下周一入职，需要一台笔记本电脑和门禁卡',
]

/**
 * A Slack `message` event in a direct conversation, as Slack posts it (https://docs.slack.dev/apis/events-api/):
 * the n-th person says something in his own conversation, in a thread of its own. Equal n, equal message and
 * equal `event_id`. `at` is the signature's instant in ms: it holds for five minutes.
 */
export function messageEvent(run: string, n: number, at: number): Shot {
  const ts = `${1_700_000_000 + n}.${String(n % 1_000_000).padStart(6, '0')}`
  const code = n.toString(36).toUpperCase().padStart(6, '0')
  const body = JSON.stringify({
    token: 'unused',
    team_id: TEAM_ID,
    context_team_id: TEAM_ID,
    api_app_id: 'A0BENCH',
    event: {
      type: 'message',
      user: `U${run}${code}`,
      text: `${REQUESTS[n % REQUESTS.length]} (${run} ${n})`,
      ts,
      client_msg_id: `${run}-${n}`,
      team: TEAM_ID,
      channel: `D${run}${code}`,
      channel_type: 'im',
      event_ts: ts,
    },
    type: 'event_callback',
    event_id: `Ev${run}${code}`,
    event_time: 1_700_000_000 + n,
    authorizations: [
      {
        enterprise_id: null,
        team_id: TEAM_ID,
        user_id: 'U0BOT',
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
  })
  return sign(body, at)
}

/** The same delivery again, as Slack marks a retry. */
export function retried(shot: Shot): Shot {
  const marks = { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' }
  return { ...shot, headers: { ...shot.headers, ...marks } }
}

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
function sign(body: string, at: number): Shot {
  const timestamp = String(Math.floor(at / 1_000))
  const mac = createHmac('sha256', SIGNING_SECRET).update(`v0:${timestamp}:${body}`)
  return {
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${mac.digest('hex')}`,
    },
    body,
  }
}
