import { z } from 'zod'

/**
 * The parts of Slack's payloads that mean something to the desk, each as lenient as it can be: Slack adds fields at any
 * time, and a field that is missing where it is not needed must not cost a message.
 *
 * - events: https://docs.slack.dev/reference/events
 * - interactivity: https://docs.slack.dev/reference/interaction-payloads
 * - slash commands: https://docs.slack.dev/interactivity/implementing-slash-commands
 */

const id = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}+$/u)
const text = z.string().nullish()
/** A message's time stamp is its identity: a string of digits, never a float. */
const ts = z.string().regex(/^\d{1,12}\.\d{1,9}$/u)
/** Form encoding turns booleans into words. */
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]).nullish()

const file = z.object({
  id,
  name: text,
  title: text,
  mimetype: text,
  size: z.number().nullish(),
  mode: text,
  url_private: text,
  url_private_download: text,
})
export type SlackFile = z.infer<typeof file>

/** A file may be a stub (deleted, hidden by the plan) or have no id at all: those are left out one by one. */
const files = z
  .array(z.unknown())
  .nullish()
  .transform((list) => (list ?? []).flatMap((entry) => file.safeParse(entry).data ?? []))

const attachments = z
  .array(z.object({ is_share: flag, is_msg_unfurl: flag, author_name: text, text, fallback: text }))
  .nullish()
  .catch(null)

const message = z.object({
  ts,
  user: id.nullish(),
  text,
  subtype: text,
  bot_id: text,
  thread_ts: ts.nullish(),
  files,
  attachments,
  edited: z.object({ ts }).nullish().catch(null),
})
export type SlackMessage = z.infer<typeof message>

/** A message as `conversations.replies` lists it. */
export const pastMessage = message

export const messageEvent = z.object({
  type: z.enum(['message', 'app_mention']),
  channel: id,
  channel_type: text,
  ...message.shape,
})

export const changedEvent = z.object({
  subtype: z.literal('message_changed'),
  channel: id,
  channel_type: text,
  event_ts: ts.nullish(),
  ts,
  message,
  previous_message: z.object({ text }).nullish().catch(null),
})

export const deletedEvent = z.object({
  subtype: z.literal('message_deleted'),
  channel: id,
  channel_type: text,
  event_ts: ts.nullish(),
  ts,
  deleted_ts: ts,
  previous_message: z.object({ user: text, bot_id: text, thread_ts: ts.nullish() }).nullish().catch(null),
})

export const reactionEvent = z.object({
  type: z.literal('reaction_added'),
  user: id,
  reaction: z.string(),
  item: z.object({ type: z.literal('message'), channel: id, ts }),
  event_ts: ts,
})

export const homeEvent = z.object({
  type: z.literal('app_home_opened'),
  user: id,
  channel: id,
  tab: z.literal('home'),
  event_ts: ts,
})

export const channelGoneEvent = z.object({
  type: z.enum([
    'channel_archive',
    'channel_deleted',
    'channel_left',
    'group_archive',
    'group_deleted',
    'group_left',
    'member_left_channel',
  ]),
  channel: id,
  user: text,
  event_ts: ts.nullish(),
})

export const installGoneEvent = z.union([
  z.object({ type: z.literal('app_uninstalled') }),
  // Only the bot's own token matters: a person's token may be revoked while the app lives on.
  z.object({ type: z.literal('tokens_revoked'), tokens: z.object({ bot: z.array(z.string()).min(1) }) }),
])

export const envelope = z.object({
  type: z.literal('event_callback'),
  team_id: id.nullish(),
  enterprise_id: id.nullish(),
  event_time: z.number().nullish(),
  authorizations: z
    .array(
      z.object({
        enterprise_id: id.nullish(),
        team_id: id.nullish(),
        user_id: id.nullish(),
        is_bot: flag,
        is_enterprise_install: flag,
      }),
    )
    .nullish()
    .catch(null),
  event: z.looseObject({ type: z.string() }),
})

/** What every interactive payload says about where and by whom. */
const interaction = {
  team: z.object({ id }).nullish(),
  enterprise: z.object({ id }).nullish(),
  is_enterprise_install: flag,
  user: z.object({ id, name: text, username: text }),
  trigger_id: text,
  response_url: text,
  channel: z.object({ id }).nullish(),
}

const view = z.object({
  id,
  hash: text,
  type: text,
  private_metadata: text,
  app_installed_team_id: id.nullish(),
  state: z
    .object({ values: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .nullish()
    .catch(null),
})
export type SlackView = z.infer<typeof view>

/** One field of a submitted view, by the kinds of element that our forms use. */
export const fieldState = z.union([
  z.object({ type: z.literal('plain_text_input'), value: text }),
  z.object({
    type: z.enum(['static_select', 'radio_buttons']),
    selected_option: z.object({ value: z.string() }).nullish(),
  }),
  z.object({ type: z.literal('file_input'), files }),
])

export const blockActions = z.object({
  type: z.literal('block_actions'),
  ...interaction,
  message: z.object({ ts, thread_ts: ts.nullish() }).nullish().catch(null),
  container: z.object({ channel_id: id.nullish(), thread_ts: ts.nullish() }).nullish().catch(null),
  view: view.nullish().catch(null),
  actions: z.array(
    z.object({
      type: z.string(),
      action_id: z.string(),
      value: text,
      selected_option: z.object({ value: z.string() }).nullish(),
      action_ts: ts,
    }),
  ),
})

export const viewSubmission = z.object({ type: z.literal('view_submission'), ...interaction, view })

export const messageShortcut = z.object({
  type: z.literal('message_action'),
  callback_id: z.string(),
  ...interaction,
  channel: z.object({ id }),
  action_ts: ts,
  message,
})

export const globalShortcut = z.object({
  type: z.literal('shortcut'),
  callback_id: z.string(),
  ...interaction,
  action_ts: ts,
})

export const slashCommand = z.object({
  command: z.string().startsWith('/'),
  text,
  team_id: id.nullish(),
  enterprise_id: id.nullish(),
  is_enterprise_install: flag,
  channel_id: id,
  user_id: id,
  user_name: text,
  trigger_id: text,
  response_url: text,
})

/** What a form carries through Slack: its own id, and where it had been opened from. */
export const formMemory = z.object({
  form: z.string().min(1).max(200),
  channel: id,
  direct: z.boolean(),
  thread: ts.nullable(),
})
export type FormMemory = z.infer<typeof formMemory>
