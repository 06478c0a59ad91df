import { freePort } from '../../test/support/postgres.ts'
import { type Child, startChild } from './child.ts'
import { SIGNING_SECRET } from './slack-event.ts'

export interface Desk extends Child {
  readonly eventsUrl: string
}

/**
 * Starts the built desk (`dist/main.js`) as in production, with Slack switched on and pointed at `slackOrigin`.
 * `env` adds the database: `DATABASE_URL`, or `DATA_DIR` for the embedded one. Waits for `/readyz` unless told not to.
 */
export async function startDesk(
  slackOrigin: string,
  env: Record<string, string>,
  options: { waitReady?: boolean } = {},
): Promise<Desk> {
  const port = await freePort()
  const desk = await startChild('dist/main.js', port, {
    env: {
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_BOT_TOKEN: 'xoxb-bench',
      SLACK_API_URL: `${slackOrigin}/api/`,
      ...env,
    },
    health: '/readyz',
    withinMs: 60_000,
    waitReady: options.waitReady ?? true,
  })
  return { ...desk, eventsUrl: `${desk.origin}/slack/events` }
}
