import { encodeAction } from '../action.ts'
import type { Verb } from '../command.ts'
import { PRIORITIES } from '../command.ts'
import type { Field, Form } from '../message.ts'
import type { Person } from '../person.ts'
import { holds, nameOf } from '../person.ts'
import { say } from '../text/say.ts'
import type { Ticket } from '../ticket/ticket.ts'
import { label } from '../ticket/ticket.ts'
import type { Reader } from './reader.ts'

/** Verbs that need something to be filled in first; all others are carried out at once. */
const FORMED = [
  'open',
  'reply',
  'note',
  'ask',
  'assign',
  'transfer',
  'priority',
  'hold',
  'wait',
  'resolve',
  'details',
  'link',
  'merge',
  'collaborate',
] as const
export type FormVerb = (typeof FORMED)[number]

export function needsForm(verb: Verb): verb is FormVerb {
  return (FORMED as readonly Verb[]).includes(verb)
}

/** The form of a verb on a ticket (null: `open`). `staff` are those who may be chosen. */
export function formFor(
  verb: FormVerb,
  ticket: Ticket | null,
  reader: Reader,
  staff: readonly Person[],
): Form {
  const { locale } = reader
  return {
    id: encodeAction({ verb, ticket: ticket?.number ?? null, version: ticket?.version ?? 0, argument: null }),
    title:
      ticket === null
        ? say(locale, 'form.open')
        : `${say(locale, `verb.${verb as Exclude<FormVerb, 'open'>}`).replace('…', '')} · ${label(ticket)}`,
    ...(verb === 'reply' || verb === 'ask' ? { intro: say(locale, 'form.goes-to-requester') } : {}),
    fields: fieldsOf(verb, ticket, reader, staff),
    submit: say(locale, verb === 'reply' || verb === 'ask' ? 'form.send' : 'form.submit'),
  }
}

function fieldsOf(
  verb: FormVerb,
  ticket: Ticket | null,
  reader: Reader,
  staff: readonly Person[],
): readonly Field[] {
  const { locale } = reader
  const text = (
    key: 'form.text' | 'form.reason' | 'form.summary' | 'form.question' | 'form.describe' | 'form.note',
    required: boolean,
  ): Field => ({
    type: 'long',
    id: 'text',
    label: say(locale, key),
    required,
    max: 3000,
  })
  const file: Field = { type: 'file', id: 'file', label: say(locale, 'form.file'), required: false }
  const people = (among: readonly Person[]): Field => ({
    type: 'choice',
    id: 'choice',
    label: say(locale, 'form.who'),
    required: true,
    options: among
      .filter((person) => person.name !== null && !person.key?.startsWith('@'))
      .slice(0, 100)
      .map((person) => ({ value: person.key ?? person.id, label: nameOf(person) })),
  })
  switch (verb) {
    case 'open':
      return [
        { type: 'text', id: 'title', label: say(locale, 'form.title'), required: false, max: 80 },
        text('form.describe', true),
        {
          type: 'choice',
          id: 'queue',
          label: say(locale, 'form.queue'),
          hint: say(locale, 'form.queue-hint'),
          required: false,
          options: reader.policy.queues
            .slice(0, 100)
            .map((queue) => ({ value: queue.key, label: queue.name[locale] })),
        },
        file,
      ]
    case 'reply':
      return [text('form.text', true), file]
    case 'details':
      return [text('form.describe', true), file]
    case 'note':
      return [text('form.note', true), file]
    case 'ask':
      return [text('form.question', true)]
    case 'resolve':
      return [text('form.summary', true)]
    case 'hold':
    case 'wait':
      return [text('form.reason', false)]
    case 'assign':
      return [
        people(staff.filter((person) => ticket !== null && holds(person, ['agent', 'lead'], ticket.queue))),
      ]
    case 'collaborate':
      return [people(staff)]
    case 'transfer':
      return [
        {
          type: 'choice',
          id: 'choice',
          label: say(locale, 'form.queue'),
          required: true,
          options: reader.policy.queues
            .filter((queue) => queue.key !== ticket?.queue)
            .slice(0, 100)
            .map((queue) => ({ value: queue.key, label: queue.name[locale] })),
        },
        text('form.reason', true),
      ]
    case 'priority':
      return [
        {
          type: 'choice',
          id: 'choice',
          label: say(locale, 'form.priority'),
          required: true,
          options: PRIORITIES.map((priority) => ({
            value: priority,
            label: say(locale, `priority.${priority}`),
          })),
        },
        text('form.reason', true),
      ]
    case 'link':
    case 'merge':
      return [
        {
          type: 'text',
          id: 'text',
          label: say(locale, 'form.other-number'),
          hint: 'IT-42',
          required: true,
          max: 20,
        },
      ]
  }
}

/** What is wrong with what was filled in, a sentence per field; empty if nothing is. */
export function checkForm(
  form: Form,
  values: Readonly<Record<string, string>>,
  reader: Reader,
): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {}
  for (const field of form.fields) {
    const value = values[field.id]?.trim() ?? ''
    if (field.type === 'file') continue
    if (value === '') {
      if (field.required) errors[field.id] = say(reader.locale, 'form.required')
    } else if ((field.type === 'text' || field.type === 'long') && [...value].length > field.max) {
      errors[field.id] = say(reader.locale, 'form.too-long', { max: field.max })
    } else if (field.type === 'choice' && !field.options.some((option) => option.value === value)) {
      errors[field.id] = say(reader.locale, 'form.choose')
    } else if (
      field.id === 'text' &&
      (form.id.startsWith('link:') || form.id.startsWith('merge:')) &&
      !/\d/u.test(value)
    ) {
      errors[field.id] = say(reader.locale, 'form.number')
    }
  }
  return errors
}
