import type { Policy, PolicyPerson } from '../../core/policy.ts'
import type { Directory, WebChannel } from './directory.ts'
import { directChannel } from './directory.ts'

/** The web chat's directory as the policy has it: everybody with a web identity, in the channels of his roles. */
export function directoryOf(policy: Policy): Directory {
  return {
    zone: policy.zone,
    people: policy.people.flatMap((person) => {
      const id = person.identities.web
      if (id === undefined) return []
      return [
        {
          id,
          name: person.name,
          roles: rolesOf(person),
          locale: person.locale ?? null,
          mail: person.mail?.toLowerCase() ?? null,
          channels: channelsOf(policy, person, id),
        },
      ]
    }),
  }
}

function rolesOf(person: PolicyPerson): readonly string[] {
  const roles = person.roles.flatMap((grant) => Object.keys(grant))
  return roles.length === 0 ? ['requester'] : [...new Set(roles)]
}

function channelsOf(policy: Policy, person: PolicyPerson, id: string): readonly WebChannel[] {
  const grants = person.roles.flatMap((grant) => Object.entries(grant))
  const works = (queue: string) => grants.some(([, of]) => of === queue || of === '*')
  const queues: WebChannel[] = policy.queues.flatMap((queue) =>
    queue.channels.web !== undefined && works(queue.key)
      ? [{ id: queue.channels.web, title: queue.name, kind: 'queue' as const }]
      : [],
  )
  const managers = policy.managers.web
  const manages = grants.some(([role]) => role === 'manager' || role === 'admin')
  return [
    { id: directChannel(id), title: { en: 'Service desk', zh: '服务台' }, kind: 'direct' },
    ...(managers !== undefined && manages
      ? [{ id: managers, title: { en: 'Managers', zh: '主管' }, kind: 'managers' as const }]
      : []),
    ...queues,
  ]
}
