import type { TicketCommand } from './command.ts'
import { deskOf } from './desk.ts'
import type { Handling } from './handle.ts'
import { open } from './open.ts'
import { perform } from './perform.ts'
import type { Person } from './person.ts'
import type { Refusal } from './refusal.ts'
import { refuse } from './refusal.ts'
import type { Scene } from './scene.ts'
import type { Needs } from './store.ts'
import type { Ticket } from './ticket/ticket.ts'

/**
 * The desk for callers that wait for the result: the REST interface. The same decisions as for a message in chat, in one
 * transaction, without the inbox: what was answered is committed.
 */

/** Who is meant: by verified mail address or by the desk's own id of the person. */
export type Who = { readonly mail: string } | { readonly id: string }

export type Served<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal }

export interface TicketRequest {
  readonly requester: Who
  readonly title: string | null
  readonly body: string
  readonly queue: string | null
}

/** The desk's own person for calls that name nobody; an administrator, made with the first policy. No policy can name it. */
export const API_KEY = '@api'

/**
 * Opens a ticket for somebody. A mail address that is new becomes a new person; he is reached on a platform as soon as
 * one vouches for that address. `key` is the call's name in the journal.
 */
export function serveOpen(
  handling: Handling,
  workspace: string,
  request: TicketRequest,
  key: string,
): Promise<Served<Ticket>> {
  return inScene(handling, workspace, needs(request.requester, []), true, (scene) => {
    const requester = find(scene, request.requester) ?? invite(scene, request.requester)
    if (requester === null)
      return no(
        refuse('refused.no-such-person', {
          name: 'id' in request.requester ? request.requester.id : request.requester.mail,
        }),
      )
    if (request.queue !== null && !scene.desk.policy.queues.some((queue) => queue.key === request.queue)) {
      return no(refuse('refused.no-such-queue', { queue: request.queue }))
    }
    const first = scene.live.keys().next().value ?? 'web'
    const identity = scene.desk.identityOf(requester.id, first, scene.live)
    const ticket = open(
      scene,
      { key },
      {
        requester,
        text: request.body,
        title: request.title,
        queue: request.queue,
        platform: 'api',
        at: scene.now,
        written: null,
        reach:
          identity === null
            ? null
            : {
                place: {
                  platform: identity.platform,
                  install: identity.install,
                  channel: `@${identity.externalId}`,
                  direct: true,
                  thread: null,
                },
                person: identity.externalId,
              },
        files: [],
      },
    )
    return { ok: true, value: ticket }
  })
}

/** Carries out a command on a ticket as `actor` (null: the interface itself), and answers with the ticket after it. */
export function serveCommand(
  handling: Handling,
  workspace: string,
  number: number,
  actor: Who | null,
  command: (nextId: () => string) => TicketCommand,
  key: string,
): Promise<Served<Ticket>> {
  const asked = command(() => handling.ids.next())
  const numbers = 'other' in asked ? [number, asked.other] : [number]
  return inScene(
    handling,
    workspace,
    needs(actor, numbers, 'personId' in asked ? [asked.personId] : []),
    false,
    (scene) => {
      const ticket = scene.desk.ticketByNumber(number)
      if (ticket === null) return no(refuse('refused.no-such-ticket', { number }))
      const person = actor === null ? itself(scene) : find(scene, actor)
      if (person === null)
        return no(
          refuse('refused.no-such-person', { name: actor !== null && 'mail' in actor ? actor.mail : '' }),
        )
      const decision = perform(
        scene,
        { key, at: scene.now, place: null, messageId: null, files: [] },
        person,
        ticket,
        asked,
      )
      return decision.ok ? { ok: true, value: scene.desk.ticket(ticket.id) ?? ticket } : no(decision.refusal)
    },
  )
}

function inScene<T>(
  handling: Handling,
  workspace: string,
  wanted: Needs,
  opens: boolean,
  think: (scene: Scene) => Served<T>,
): Promise<Served<T>> {
  const { store, ids, clock, live } = handling
  return store.transact(workspace, wanted, opens, (loaded, first) => {
    const desk = deskOf(loaded, () => ids.next())
    let number = first
    const result = think({
      desk,
      now: clock.now(),
      nextId: () => ids.next(),
      nextNumber: () => number++,
      live,
    })
    return { writes: desk.writes(), numbersUsed: number - first, result }
  })
}

function needs(who: Who | null, numbers: readonly number[], personIds: readonly string[] = []): Needs {
  return {
    identities: [],
    threads: [],
    messages: [],
    recent: [],
    messageIds: [],
    ticketIds: [],
    numbers,
    mails: who !== null && 'mail' in who ? [who.mail.toLowerCase()] : [],
    personIds: [...(who !== null && 'id' in who ? [who.id] : []), ...personIds],
  }
}

function find(scene: Scene, who: Who): Person | null {
  return 'mail' in who ? scene.desk.personByMail(who.mail.toLowerCase()) : scene.desk.person(who.id)
}

function invite(scene: Scene, who: Who): Person | null {
  if (!('mail' in who)) return null
  const person: Person = {
    id: scene.nextId(),
    key: null,
    name: null,
    mail: who.mail.toLowerCase(),
    locale: null,
    zone: null,
    vip: false,
    grants: [],
    skills: [],
  }
  scene.desk.putPerson(person)
  return person
}

function itself(scene: Scene): Person {
  const known = scene.desk.staff().find((person) => person.key === API_KEY)
  if (known !== undefined) return known
  const person: Person = {
    id: scene.nextId(),
    key: API_KEY,
    name: 'API',
    mail: null,
    locale: null,
    zone: null,
    vip: false,
    grants: [{ role: 'admin', queue: null }],
    skills: [],
  }
  scene.desk.putPerson(person)
  return person
}

const no = (refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } => ({ ok: false, refusal })
