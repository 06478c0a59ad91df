import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PolicyCalendar } from '../../src/core/policy.ts'
import { addBusinessTime, businessTimeBetween, nextBusinessDay } from '../../src/core/sla/calendar.ts'
import { demoPolicy } from './people.ts'

const office = demoPolicy.calendars.office!
const none = { ...office.week, mon: [], tue: [], wed: [], thu: [], fri: [] }
const empty: PolicyCalendar = { zone: 'Asia/Shanghai', week: none }
const always: PolicyCalendar = {
  zone: 'America/New_York',
  week: {
    mon: ['00:00-24:00'],
    tue: ['00:00-24:00'],
    wed: ['00:00-24:00'],
    thu: ['00:00-24:00'],
    fri: ['00:00-24:00'],
    sat: ['00:00-24:00'],
    sun: ['00:00-24:00'],
  },
}
const nights: PolicyCalendar = { ...always, week: { ...none, sat: ['22:00-24:00'], sun: ['00:00-06:00'] } }
const HOUR = 3_600_000

describe('business time', () => {
  it.each([
    ['within a window', '2026-11-23T09:30+08:00', 1, '2026-11-23T10:30+08:00'],
    ['over lunch', '2026-11-23T11:30+08:00', 1, '2026-11-23T13:30+08:00'],
    ['over night', '2026-11-23T17:30+08:00', 1, '2026-11-24T09:30+08:00'],
    ['over the week-end', '2026-11-20T17:30+08:00', 1, '2026-11-23T09:30+08:00'],
    ['from a Saturday', '2026-11-21T12:00+08:00', 4, '2026-11-23T14:00+08:00'],
    ['to the very end of a window', '2026-11-23T17:00+08:00', 1, '2026-11-23T18:00+08:00'],
    ['a whole week', '2026-11-23T09:00+08:00', 40, '2026-11-27T18:00+08:00'],
  ])('is added %s', (_, from, hours, to) => {
    expect(addBusinessTime(office, new Date(from), hours * HOUR)?.toISOString()).toBe(
      new Date(to).toISOString(),
    )
  })

  it('knows that a day of 24 hours may have 23 or 25', () => {
    const short = new Date('2026-03-08T05:00:00Z')
    expect(businessTimeBetween(always, short, new Date('2026-03-09T04:00:00Z'))).toBe(23 * HOUR)
    const long = new Date('2026-11-01T04:00:00Z')
    expect(businessTimeBetween(always, long, new Date('2026-11-02T05:00:00Z'))).toBe(25 * HOUR)
    // The window from midnight to six of the Sunday on which clocks go back lasts seven hours.
    expect(
      businessTimeBetween(nights, new Date('2026-11-01T00:00:00Z'), new Date('2026-11-02T00:00:00Z')),
    ).toBe(9 * HOUR)
  })

  it('has no deadline without windows', () => {
    expect(addBusinessTime(empty, new Date(), HOUR)).toBeNull()
    expect(nextBusinessDay(empty, new Date())).toBeNull()
    expect(businessTimeBetween(empty, new Date(0), new Date(1e10))).toBe(0)
  })

  it('knows when the next day of business begins', () => {
    expect(nextBusinessDay(office, new Date('2026-11-20T18:30+08:00'))?.toISOString()).toBe(
      '2026-11-23T01:00:00.000Z',
    )
    expect(nextBusinessDay(office, new Date('2026-11-23T09:00+08:00'))?.toISOString()).toBe(
      '2026-11-24T01:00:00.000Z',
    )
  })

  const moment = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true })
  const calendar = fc.constantFrom(office, always, nights)
  it('adding and measuring are inverse, and later starts never end earlier', () => {
    fc.assert(
      fc.property(
        calendar,
        moment,
        fc.integer({ min: 1, max: 200 * HOUR }),
        fc.integer({ min: 0, max: 10 * HOUR }),
        (of, from, duration, shift) => {
          const to = addBusinessTime(of, from, duration)!
          expect(businessTimeBetween(of, from, to)).toBe(duration)
          const later = addBusinessTime(of, new Date(from.getTime() + shift), duration)!
          expect(later.getTime()).toBeGreaterThanOrEqual(to.getTime())
        },
      ),
      { numRuns: 150 },
    )
  })
})
