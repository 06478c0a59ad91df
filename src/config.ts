import { z } from 'zod'

/** What the environment says, checked together at the start. Every setting is optional. */

const flag = z
  .enum(['1', 'true', 'yes', '0', 'false', 'no'])
  .transform((text) => ['1', 'true', 'yes'].includes(text))
const url = z.url({ protocol: /^https?$/u })

const settings = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('.gongdan'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/u }).optional(),
  /** Keys of 32 bytes in base64, separated by commas, the current one first. */
  GONGDAN_KEYS: z.string().min(1).optional(),
  ADMIN_TOKEN: z.string().min(16, 'at least 16 characters').optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  /** The web chat with its demo people. On by default only where nobody else can reach it. */
  WEB_CHAT: flag.optional(),
  SLACK_BOT_TOKEN: z.string().startsWith('xoxb-').optional(),
  SLACK_SIGNING_SECRET: z.string().min(8).optional(),
  SLACK_APP_TOKEN: z.string().startsWith('xapp-').optional(),
  SLACK_API_URL: url.default('https://slack.com/api/'),
})

export type Config = Readonly<Omit<z.infer<typeof settings>, 'WEB_CHAT'>> & { readonly WEB_CHAT: boolean }

/** Reads the settings; every problem is listed, without the value (it may be a secret). */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
): { ok: true; config: Config } | { ok: false; problems: readonly string[] } {
  // An empty variable is one that was left out: that is how compose files and shells write it.
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = settings.safeParse(given)
  if (!parsed.success) {
    return {
      ok: false,
      problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    }
  }
  const config = parsed.data
  const problems: string[] = []
  const slack = [config.SLACK_SIGNING_SECRET, config.SLACK_APP_TOKEN].some((one) => one !== undefined)
  if (slack && config.SLACK_BOT_TOKEN === undefined)
    problems.push('SLACK_BOT_TOKEN: needed as well, since other Slack settings are there')
  if (config.SLACK_BOT_TOKEN !== undefined && !slack) {
    problems.push('SLACK_SIGNING_SECRET: needed to receive from Slack (or SLACK_APP_TOKEN for Socket Mode)')
  }
  const local = ['127.0.0.1', 'localhost', '::1'].includes(config.HOST)
  if (config.WEB_CHAT === true && !local) {
    problems.push(
      'WEB_CHAT: only with a HOST of this machine, such as 127.0.0.1, since everybody who reaches it may play any person',
    )
  }
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    config: { ...config, WEB_CHAT: config.WEB_CHAT ?? (local && config.DATABASE_URL === undefined) },
  }
}
