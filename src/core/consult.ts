import { decodeAction } from './action.ts'
import type { Outcome } from './adapter.ts'
import { isVerb } from './command.ts'
import type { InboundEvent } from './event.ts'
import type { Person } from './person.ts'
import type { Clock } from './ports.ts'
import type { Refusal } from './refusal.ts'
import { refuse } from './refusal.ts'
import type { ReadStore } from './store.ts'
import { localeOf, sayStored } from './text/say.ts'
import { object } from './ticket/decide.ts'
import { checkForm, formFor, needsForm } from './views/forms.ts'
import type { Reader } from './views/reader.ts'

/**
 * What can be answered at once, before anything is stored: opening a form, and saying what is wrong in one that came
 * back. Null: there is nothing to answer at once, the event goes the ordinary way. Reads only; who may do what is asked
 * again when the form comes back.
 */
export async function consult(
  workspace: string,
  event: InboundEvent,
  read: ReadStore,
  clock: Clock,
): Promise<Outcome | null> {
  if (event.type === 'action') {
    const action = decodeAction(event.action)
    if (action === null) return null
    const verb =
      action.verb === 'more' && event.value !== null && isVerb(event.value) ? event.value : action.verb
    if (!needsForm(verb)) return null
    const { person, reader } = await readerOf(workspace, event, read, clock)
    if (verb === 'open')
      return { kind: 'form', form: formFor('open', null, reader, []), locale: reader.locale }
    const ticket = action.ticket === null ? null : await read.ticket(workspace, { number: action.ticket })
    // A form cannot wait until it is known who pressed (Slack gives three seconds); who he is is asked when it comes back.
    const refusal =
      ticket === null
        ? refuse('refused.no-such-ticket', { number: action.ticket ?? 0 })
        : person === null
          ? null
          : object(ticket, verb, { actor: person, person: reader.person })
    if (refusal !== null) return note(refusal, reader)
    return {
      kind: 'form',
      form: formFor(verb, ticket, reader, await read.staff(workspace)),
      locale: reader.locale,
    }
  }
  if (event.type === 'command' && /^(?:new|新工单|提单|新建)?$/iu.test(event.text.trim())) {
    const { reader } = await readerOf(workspace, event, read, clock)
    return { kind: 'form', form: formFor('open', null, reader, []), locale: reader.locale }
  }
  if (event.type === 'form') {
    const action = decodeAction(event.form)
    if (action === null || !needsForm(action.verb)) return null
    const { reader } = await readerOf(workspace, event, read, clock)
    const ticket = action.ticket === null ? null : await read.ticket(workspace, { number: action.ticket })
    const errors = checkForm(
      formFor(action.verb, ticket, reader, await read.staff(workspace)),
      event.values,
      reader,
    )
    return Object.keys(errors).length === 0 ? null : { kind: 'invalid', errors, locale: reader.locale }
  }
  return null
}

async function readerOf(
  workspace: string,
  event: Extract<InboundEvent, { type: 'action' | 'form' | 'command' }>,
  read: ReadStore,
  clock: Clock,
): Promise<{ person: Person | null; reader: Reader }> {
  const [{ document: policy }, person, staff] = await Promise.all([
    read.policy(workspace),
    read.person(workspace, { platform: event.place.platform, externalId: event.from.id }),
    read.staff(workspace),
  ])
  const known = new Map(staff.map((one) => [one.id, one]))
  const reader: Reader = {
    locale: person?.locale ?? localeOf(event.from.locale) ?? policy.locale,
    zone: person?.zone ?? policy.zone,
    now: clock.now(),
    policy,
    person: (id) => known.get(id) ?? null,
  }
  return { person, reader }
}

function note(refusal: Refusal, reader: Reader): Outcome {
  return {
    kind: 'note',
    message: { text: sayStored(reader.locale, refusal.code, refusal.params) },
    locale: reader.locale,
  }
}
