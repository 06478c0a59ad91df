import type { Priority } from '../command.ts'
import type { Policy } from '../policy.ts'
import { durationMs, queueOf } from '../policy.ts'
import { addBusinessTime } from './calendar.ts'

/** When the first answer by a person is due: the queue's target for the priority, in its business time. */
export function firstResponseDue(
  policy: Policy,
  queueKey: string,
  priority: Priority,
  openedAt: Date,
): Date | null {
  const queue = queueOf(policy, queueKey)
  const calendar = policy.calendars[queue.calendar]
  if (calendar === undefined) return null
  return addBusinessTime(calendar, openedAt, durationMs(queue.first_response[priority]))
}
