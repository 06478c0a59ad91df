import { nameOf } from '../person.ts'
import { say } from '../text/say.ts'
import type { JournalLine } from '../ticket/change.ts'
import type { Reader } from './reader.ts'
import { named, queueName } from './reader.ts'
import { moment } from './when.ts'

/** What a line of the journal says, in one sentence. `for` the requester it is addressed to him. */
export function sentence(line: JournalLine, reader: Reader, audience: 'staff' | 'requester'): string {
  const { change, cause } = line
  const { locale } = reader
  const actor = cause.actorId === null ? null : reader.person(cause.actorId)
  const name = actor === null ? say(locale, 'desk.itself') : nameOf(actor)
  const because = (text: string) => (text === '' ? '' : say(locale, 'because', { text }))
  if (audience === 'requester') {
    if (change.type === 'resolved') return say(locale, 'requester.resolved', { name, summary: change.text })
    if (change.type === 'reopened') return say(locale, 'requester.reopened', { name })
    if (change.type === 'closed') return say(locale, 'requester.closed')
    if (change.type === 'merged') return say(locale, 'requester.merged', { into: change.into })
  }
  switch (change.type) {
    case 'opened':
      return say(locale, 'line.opened', {
        name,
        queue: queueName(reader, change.ticket.queue),
        priority: say(locale, `priority.${change.ticket.priority}`),
      })
    case 'message-added':
      if (change.by === 'requester') return say(locale, 'line.wrote', { name })
      return change.visibility === 'public'
        ? say(locale, 'line.replied', { name })
        : say(locale, 'line.noted', { name })
    case 'message-edited':
      return say(locale, 'line.edited', { name })
    case 'message-deleted':
      return say(locale, 'line.deleted', { name })
    case 'retitled':
      return say(locale, 'line.retitled', { title: change.text })
    case 'claimed':
      return say(locale, 'line.claimed', { name })
    case 'unclaimed':
      return say(locale, 'line.unclaimed', { name })
    case 'assigned':
      return say(locale, 'line.assigned', { name, to: named(reader, change.assigneeId) })
    case 'transferred':
      return (
        say(locale, 'line.transferred', {
          name,
          from: queueName(reader, change.from),
          to: queueName(reader, change.to),
        }) + because(change.text)
      )
    case 'prioritised':
      return (
        say(locale, 'line.prioritised', {
          name,
          from: say(locale, `priority.${change.from}`),
          to: say(locale, `priority.${change.to}`),
        }) + because(change.text)
      )
    case 'status':
      return (
        say(locale, 'line.status', { name, to: say(locale, `status.${change.to}`) }) + because(change.text)
      )
    case 'first-response':
      return say(locale, 'line.first-response', { name })
    case 'first-response-breached':
      return say(locale, 'line.breached')
    case 'resolved':
      return say(locale, 'line.resolved', { name }) + because(change.text)
    case 'reopened':
      return say(locale, 'line.reopened', { name }) + because(change.text)
    case 'closed':
      return change.how === 'by-timer'
        ? say(locale, 'line.closed-by-timer')
        : say(locale, `line.closed-${change.how}`, { name })
    case 'linked':
      return say(locale, 'line.linked', { name, other: change.other })
    case 'merged':
      return say(locale, 'line.merged', { name, into: change.into })
    case 'absorbed':
      return say(locale, 'line.absorbed', { name, other: change.other })
    case 'collaborator-added':
      return say(locale, 'line.collaborator', { name, helper: named(reader, change.personId) })
    case 'watcher-added':
      return say(locale, 'line.watcher', { name, watcher: named(reader, change.personId) })
    case 'watcher-removed':
      return say(locale, 'line.unwatched', { name })
  }
}

/** The journal as a list, one line each, in the reader's zone. */
export function historyText(lines: readonly JournalLine[], reader: Reader): string {
  return lines
    .map(
      (line) =>
        `${moment(line.cause.at, reader.now, reader.locale, reader.zone)}  ${sentence(line, reader, 'staff')}`,
    )
    .join('\n')
}
