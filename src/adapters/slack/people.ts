import { z } from 'zod'
import type { PastMessage, Profile } from '../../core/adapter.ts'
import { Fault } from '../../core/adapter.ts'
import type { Place } from '../../core/event.ts'
import type { Access } from './client.ts'
import { call } from './client.ts'
import { bounded, dateOf, filesOf, personOf } from './parts.ts'
import { pastMessage } from './payload.ts'
import { clean, cut, plain } from './text.ts'

const text = z.string().nullish()

const user = z.object({
  team_id: text,
  name: text,
  real_name: text,
  deleted: z.boolean().nullish(),
  is_bot: z.boolean().nullish(),
  is_stranger: z.boolean().nullish(),
  is_email_confirmed: z.boolean().nullish(),
  locale: text,
  tz: text,
  enterprise_user: z
    .object({ enterprise_id: text, teams: z.array(z.string()).nullish() })
    .nullish()
    .catch(null),
  profile: z.object({ display_name: text, real_name: text, email: text }).nullish().catch(null),
})
type User = z.infer<typeof user>

/** Words for "Slack will not say who that is". */
const UNKNOWN: ReadonlySet<string> = new Set(['user_not_found', 'user_not_visible', 'users_not_found'])

/** Who somebody is. The mail address only if Slack and the app's own company vouch for it. Throws a Fault. */
export async function profile(
  access: Access,
  person: string,
  install: string,
  signal: AbortSignal,
): Promise<Profile | null> {
  const found = await userOf(access, person, signal)
  if (found === null) return null
  const name = found.profile?.display_name || found.profile?.real_name || found.real_name || found.name
  return {
    name: name ? cut(clean(name).trim(), 200) : null,
    mail: mailOf(found, install),
    locale: found.locale || null,
    zone: found.tz || null,
  }
}

async function userOf(access: Access, person: string, signal: AbortSignal): Promise<User | null> {
  try {
    const answer = await call(access, 'users.info', { user: person, include_locale: true }, { signal })
    return user.safeParse(answer.user).data ?? null
  } catch (error) {
    if (error instanceof Fault && UNKNOWN.has(error.code)) return null
    throw error
  }
}

/**
 * Tickets of one person are joined over platforms by this address, so it must be proved: not of bots or removed
 * accounts, not unconfirmed, and not of guests from another company, whose own administrators can set any address.
 */
function mailOf(found: User, install: string): string | null {
  const mail = found.profile?.email?.trim().toLowerCase()
  if (!mail || found.is_bot || found.deleted || found.is_stranger || found.is_email_confirmed === false)
    return null
  const home =
    !found.team_id ||
    found.team_id === install ||
    found.enterprise_user?.enterprise_id === install ||
    found.enterprise_user?.teams?.includes(install)
  return home ? mail : null
}

/** What one `captured` event can hold. */
const MOST_MESSAGES = 200

/**
 * The thread that a message stands in, or the message alone, oldest first. A reaction names a message and not its
 * thread: Slack answers for a reply with the reply alone, whose `thread_ts` then leads to the whole. Throws a Fault.
 */
export async function history(
  access: Access,
  at: Place,
  messageId: string,
  signal: AbortSignal,
): Promise<readonly PastMessage[]> {
  const found = await replies(access, at.channel, at.thread ?? messageId, signal)
  const root = found.find((message) => message.ts === messageId)?.thread_ts
  const whole =
    root && !found.some((message) => message.ts === root)
      ? await replies(access, at.channel, root, signal)
      : found
  // What bots say is no part of a conversation, this one's own card least of all; but an alert may be made a ticket.
  const said = whole.filter((message) => !message.bot_id || message.ts === messageId)
  return said.map((message) => ({
    messageId: message.ts,
    at: dateOf(message.ts),
    author: personOf(message.user || message.bot_id || 'unknown', null),
    text: bounded(plain(message.text ?? '')),
    files: filesOf(message.files),
  }))
}

async function replies(access: Access, channel: string, ts: string, signal: AbortSignal) {
  const answer = await call(
    access,
    'conversations.replies',
    { channel, ts, limit: MOST_MESSAGES },
    { signal },
  )
  const list: readonly unknown[] = Array.isArray(answer.messages) ? answer.messages : []
  return list.flatMap((entry) => pastMessage.safeParse(entry).data ?? []).slice(0, MOST_MESSAGES)
}
