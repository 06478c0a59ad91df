import type { Finding } from '../../core/adapter.ts'
import { Fault } from '../../core/adapter.ts'
import type { Access } from './client.ts'
import { call } from './client.ts'
import { fieldIn, stringIn } from './files.ts'

/** What the manifest in docs/setup/slack-manifest.yaml asks for, and what stops without each. */
export const SCOPES: Readonly<
  Record<string, { readonly level: 'error' | 'warning'; readonly loss: string }>
> = {
  'chat:write': { level: 'error', loss: 'the desk cannot post' },
  commands: { level: 'error', loss: '/ticket and the shortcuts do not work' },
  'im:history': { level: 'error', loss: 'direct messages do not arrive' },
  'im:write': { level: 'error', loss: 'nobody can be written to directly' },
  'users:read': { level: 'error', loss: 'names and languages are unknown' },
  'app_mentions:read': { level: 'warning', loss: 'mentions do not arrive where the bot is no member' },
  'channels:history': { level: 'warning', loss: 'messages of public channels do not arrive' },
  'groups:history': { level: 'warning', loss: 'messages of private channels do not arrive' },
  'channels:read': { level: 'warning', loss: 'the membership of public channels cannot be checked' },
  'groups:read': { level: 'warning', loss: 'the membership of private channels cannot be checked' },
  'files:read': { level: 'warning', loss: 'attachments cannot be fetched' },
  'files:write': { level: 'warning', loss: 'files and charts cannot be sent' },
  'reactions:read': { level: 'warning', loss: 'a :ticket: reaction makes no ticket' },
  'users:read.email': { level: 'warning', loss: 'people are not recognised across platforms' },
}

export interface Settings {
  readonly signingSecret: string | null
  readonly appToken: string | null
}

/** What is missing for Slack to work, each with its remedy; good news is said too. Never throws, names no secret. */
export async function examine(
  access: Access,
  settings: Settings,
  channels: readonly string[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings = [...entrances(settings)]
  if (access.token === null) {
    return [
      ...findings,
      bad(
        'SLACK_BOT_TOKEN is not set: copy the Bot User OAuth Token of the app’s “OAuth & Permissions” page.',
      ),
    ]
  }
  if (!access.token.startsWith('xoxb-')) {
    findings.push(
      warn(
        'SLACK_BOT_TOKEN does not begin with xoxb-: it should be the Bot User OAuth Token, not a person’s.',
      ),
    )
  }
  const identity = await ask(() => call(access, 'auth.test', {}, { signal }))
  if (identity instanceof Fault) return [...findings, unreachable(identity)]
  findings.push(
    good(
      `Slack knows the bot as ${stringIn(identity, 'user_id') ?? 'a user'} in ${stringIn(identity, 'team_id') ?? 'its workspace'}.`,
    ),
  )
  findings.push(...scopes(identity))
  for (const channel of channels) findings.push(await membership(access, channel, signal))
  return findings
}

function entrances({ signingSecret, appToken }: Settings): readonly Finding[] {
  if (appToken !== null) {
    return appToken.startsWith('xapp-')
      ? [good('Socket Mode is on: no public address is needed.')]
      : [
          bad(
            'SLACK_APP_TOKEN does not begin with xapp-: make an App-Level Token with the scope connections:write.',
          ),
        ]
  }
  if (signingSecret === null) {
    return [
      bad(
        'SLACK_SIGNING_SECRET is not set, so every request is refused: copy it from the app’s “Basic Information” page, or set SLACK_APP_TOKEN for Socket Mode.',
      ),
    ]
  }
  return /^[0-9a-f]{32}$/u.test(signingSecret)
    ? [good('The signing secret is set.')]
    : [
        warn(
          'SLACK_SIGNING_SECRET does not look like one (32 hexadecimal digits): every request may be refused.',
        ),
      ]
}

function scopes(identity: unknown): readonly Finding[] {
  const list = fieldIn(fieldIn(identity, 'response_metadata'), 'scopes')
  if (!Array.isArray(list))
    return [warn('Slack did not say which scopes the token has, so they could not be checked.')]
  const missing = Object.entries(SCOPES).filter(([scope]) => !list.includes(scope))
  if (missing.length === 0) return [good('The bot token has every scope that the desk uses.')]
  return missing.map(([scope, { level, loss }]) => ({
    level,
    sentence: `The scope ${scope} is missing (${loss}): add it under “OAuth & Permissions” and reinstall the app.`,
  }))
}

async function membership(access: Access, channel: string, signal: AbortSignal): Promise<Finding> {
  const answer = await ask(() => call(access, 'conversations.info', { channel }, { signal }))
  if (answer instanceof Fault) {
    return answer.kind === 'gone'
      ? bad(
          `The channel ${channel} cannot be seen (${answer.code}): check its id, and invite the bot if it is private.`,
        )
      : warn(`The channel ${channel} could not be checked (${answer.code}).`)
  }
  const found = answer.channel
  if (fieldIn(found, 'is_archived') === true)
    return bad(`The channel ${channel} is archived: choose another one.`)
  if (fieldIn(found, 'is_member') === true || fieldIn(found, 'is_im') === true) {
    return good(`The bot is a member of the channel ${channel}.`)
  }
  return bad(`The bot is not a member of the channel ${channel}: write “/invite @gongdan” there.`)
}

function unreachable(fault: Fault): Finding {
  return fault.kind === 'reconnect'
    ? bad(
        `Slack refuses the bot token (${fault.code}): reinstall the app and copy the new token into SLACK_BOT_TOKEN.`,
      )
    : bad(`Slack could not be reached (${fault.code}): check the network and SLACK_API_URL.`)
}

async function ask<T>(question: () => Promise<T>): Promise<T | Fault> {
  try {
    return await question()
  } catch (error) {
    if (error instanceof Fault) return error
    return new Fault('bug', 'unknown', { cause: error })
  }
}

function good(sentence: string): Finding {
  return { level: 'ok', sentence }
}

function warn(sentence: string): Finding {
  return { level: 'warning', sentence }
}

function bad(sentence: string): Finding {
  return { level: 'error', sentence }
}
