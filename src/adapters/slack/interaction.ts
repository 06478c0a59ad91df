import type { InboundEvent, IncomingFile, Place } from '../../core/event.ts'
import type { Context } from './parts.ts'
import { bounded, dateOf, filesOf, personOf, placeOf, threadOf, typeOf } from './parts.ts'
import type { FormMemory, SlackView } from './payload.ts'
import * as wire from './payload.ts'
import { clean, plain } from './text.ts'

/** `callback_id`s of the manifest's shortcuts. */
export const MAKE_TICKET = 'make_ticket'
export const NEW_TICKET = 'new_ticket'

/** The action behind every way of asking for an empty form. */
const OPEN = 'open::0'

/** A select carries its action in `action_id`, behind a number that keeps the ids of one message apart. */
export const CHOICE = /^choice-\d+\|(.*)$/su

/** Buttons, choices, forms, shortcuts and slash commands as events; nothing for what the desk did not make. */
export function decodeInteraction(payload: unknown, context: Context): readonly InboundEvent[] {
  switch (typeOf(payload)) {
    case 'block_actions':
      return decodeActions(payload)
    case 'view_submission':
      return decodeSubmission(payload, context)
    case 'message_action':
      return decodeMessageShortcut(payload)
    case 'shortcut':
      return decodeGlobalShortcut(payload)
    case '':
      return decodeCommand(payload, context)
    default:
      return []
  }
}

function decodeActions(payload: unknown): readonly InboundEvent[] {
  const pressed = wire.blockActions.safeParse(payload).data
  if (!pressed) return []
  const install = installOf(pressed)
  if (install === null) return []
  const place = placeOfPress(install, pressed)
  return pressed.actions.flatMap((press): InboundEvent[] => {
    const choice = CHOICE.exec(press.action_id)?.[1]
    const action = press.type === 'button' ? press.value : choice
    const value = press.type === 'button' ? null : press.selected_option?.value
    if (!action || value === undefined) return []
    return [
      {
        type: 'action',
        // Slack does not number presses; who pressed what at which microsecond is the same in every redelivery.
        key: `action:slack:${install}:${press.action_ts}:${pressed.user.id}:${press.action_id}`,
        at: dateOf(press.action_ts),
        place,
        from: personOf(pressed.user.id, pressed.user.name ?? pressed.user.username),
        action,
        value,
      },
    ]
  })
}

function decodeSubmission(payload: unknown, context: Context): readonly InboundEvent[] {
  const submitted = wire.viewSubmission.safeParse(payload).data
  if (!submitted) return []
  const { view, user } = submitted
  const install = installOf(submitted)
  const memory = memoryOf(view)
  if (install === null || memory === null) return []

  const values: Record<string, string> = {}
  const files: IncomingFile[] = []
  for (const [field, elements] of Object.entries(view.state?.values ?? {})) {
    const state = wire.fieldState.safeParse(Object.values(elements)[0]).data
    if (state?.type === 'file_input') files.push(...filesOf(state.files))
    else if (state?.type === 'plain_text_input') values[field] = bounded(clean(state.value ?? ''))
    else if (state?.selected_option) values[field] = state.selected_option.value
  }
  return [
    {
      type: 'form',
      // A refused form stays open and comes again from the same view: only the trigger tells the submissions apart.
      key: `form:slack:${install}:${view.id}:${submitted.trigger_id ?? view.hash ?? ''}`,
      at: context.at,
      place: placeOfMemory(install, memory),
      from: personOf(user.id, user.name ?? user.username),
      form: memory.form,
      values,
      files: files.slice(0, 20),
    },
  ]
}

function decodeMessageShortcut(payload: unknown): readonly InboundEvent[] {
  const shortcut = wire.messageShortcut.safeParse(payload).data
  if (!shortcut) return []
  const install = installOf(shortcut)
  if (install === null || shortcut.callback_id !== MAKE_TICKET) return []
  const { message, channel, user } = shortcut
  return [
    {
      type: 'capture',
      key: `capture:slack:${install}:${channel.id}:${message.ts}:${user.id}:${shortcut.action_ts}`,
      at: dateOf(shortcut.action_ts),
      place: placeOf(install, channel.id, null, threadOf(message)),
      from: personOf(user.id, user.name ?? user.username),
      messageId: message.ts,
      message: {
        author: personOf(message.user || message.bot_id || 'unknown', null),
        text: bounded(plain(message.text ?? '')),
        files: filesOf(message.files),
      },
    },
  ]
}

/** A global shortcut knows no channel: the conversation with whoever used it stands in. */
function decodeGlobalShortcut(payload: unknown): readonly InboundEvent[] {
  const shortcut = wire.globalShortcut.safeParse(payload).data
  if (!shortcut) return []
  const install = installOf(shortcut)
  if (install === null || shortcut.callback_id !== NEW_TICKET) return []
  const { user } = shortcut
  return [
    {
      type: 'action',
      key: `action:slack:${install}:${shortcut.action_ts}:${user.id}:${NEW_TICKET}`,
      at: dateOf(shortcut.action_ts),
      place: placeOf(install, user.id, 'im', null),
      from: personOf(user.id, user.name ?? user.username),
      action: OPEN,
      value: null,
    },
  ]
}

function decodeCommand(payload: unknown, context: Context): readonly InboundEvent[] {
  const command = wire.slashCommand.safeParse(payload).data
  if (!command) return []
  const install = command.is_enterprise_install ? command.enterprise_id : command.team_id
  if (!install) return []
  const text = plain(command.text ?? '', 'id').trim()
  const base = {
    at: context.at,
    place: placeOf(install, command.channel_id, null, null),
    from: personOf(command.user_id, command.user_name),
  }
  const identity = `slack:${install}:${command.trigger_id ?? `${command.user_id}:${context.at.getTime()}`}`
  if (text === '' || /^new$/iu.test(text)) {
    return [{ type: 'action', key: `action:${identity}`, ...base, action: OPEN, value: null }]
  }
  return [{ type: 'command', key: `command:${identity}`, ...base, text: bounded(text) }]
}

/**
 * What the answer to a request needs to know of it. Read from the payload and not from the events, because an answer is
 * owed for a payload that means several things, or nothing.
 */
export interface Asker {
  readonly kind: 'event' | 'command' | 'press' | 'submission'
  readonly install: string
  readonly person: string
  /** Null where there is no channel (App Home, global shortcut). */
  readonly channel: string | null
  readonly thread: string | null
  readonly triggerId: string | null
  readonly responseUrl: string | null
  /** The fields of the submitted form, which alone can carry an error. */
  readonly fields: readonly string[]
  /** The place that a form opened now is remembered to come from. */
  readonly place: Place
}

/** Who has to be answered and through what; null when the payload is not an interaction with a known person. */
export function askerOf(payload: unknown): Asker | null {
  const command = wire.slashCommand.safeParse(payload).data
  if (command) {
    const install = (command.is_enterprise_install ? command.enterprise_id : command.team_id) ?? ''
    return {
      kind: 'command',
      install,
      person: command.user_id,
      channel: command.channel_id,
      thread: null,
      triggerId: command.trigger_id ?? null,
      responseUrl: command.response_url ?? null,
      fields: [],
      place: placeOf(install, command.channel_id, null, null),
    }
  }

  const submitted = wire.viewSubmission.safeParse(payload).data
  const pressed =
    submitted ??
    wire.blockActions.safeParse(payload).data ??
    wire.messageShortcut.safeParse(payload).data ??
    wire.globalShortcut.safeParse(payload).data
  if (!pressed) return null
  const install = installOf(pressed) ?? ''
  const memory = submitted ? memoryOf(submitted.view) : null
  const place = memory ? placeOfMemory(install, memory) : placeOfPress(install, pressed)
  return {
    kind: submitted ? 'submission' : 'press',
    install,
    person: pressed.user.id,
    channel: place.channel === pressed.user.id ? null : place.channel,
    thread: place.thread,
    triggerId: pressed.trigger_id ?? null,
    responseUrl: pressed.response_url ?? null,
    fields: Object.keys(submitted?.view.state?.values ?? {}),
    place,
  }
}

interface Pressed {
  readonly user: { readonly id: string }
  readonly channel?: { readonly id: string } | null | undefined
  readonly message?:
    | { readonly ts: string; readonly thread_ts?: string | null | undefined }
    | null
    | undefined
  readonly container?:
    | { readonly channel_id?: string | null | undefined; readonly thread_ts?: string | null | undefined }
    | null
    | undefined
}

/** Where something was pressed: the message's place, or the conversation with the presser for App Home. */
function placeOfPress(install: string, pressed: Pressed): Place {
  const channel = pressed.channel?.id ?? pressed.container?.channel_id
  if (!channel) return placeOf(install, pressed.user.id, 'im', null)
  // A message for one person alone comes without `message`; its thread stands in the container.
  const thread = pressed.message ? threadOf(pressed.message) : (pressed.container?.thread_ts ?? null)
  return placeOf(install, channel, null, thread)
}

function placeOfMemory(install: string, memory: FormMemory): Place {
  return { platform: 'slack', install, channel: memory.channel, direct: memory.direct, thread: memory.thread }
}

/** What the desk wrote into the view when it opened the form; null for somebody else's view. */
function memoryOf(view: SlackView): FormMemory | null {
  try {
    return wire.formMemory.safeParse(JSON.parse(view.private_metadata || 'null')).data ?? null
  } catch {
    // A SyntaxError: the view is not one of ours, which is all there is to know.
    return null
  }
}

/** Installs that cover an organisation are known by the enterprise, all others by the team. */
function installOf(payload: {
  readonly team?: { readonly id: string } | null | undefined
  readonly enterprise?: { readonly id: string } | null | undefined
  readonly is_enterprise_install?: boolean | null | undefined
  readonly view?: { readonly app_installed_team_id?: string | null | undefined } | null | undefined
}): string | null {
  if (payload.is_enterprise_install) return payload.enterprise?.id ?? null
  // In a channel shared with another company the form's team is the presser's, not the one the app is installed in.
  return payload.view?.app_installed_team_id ?? payload.team?.id ?? null
}
