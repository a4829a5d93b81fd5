import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  nextPeriodStart,
  periodStart,
  RESET_PERIODS,
  type ResetPeriod,
  type ResetSchedule,
} from '../../src/policy/reset.ts'

const DAY_MS = 86_400_000

function at(text: string): number {
  return Date.parse(text)
}

/** Start of the period and of the next one, as text. */
function periodOf(period: ResetPeriod, anchor: string, now: string): (string | null)[] {
  const schedule = { period, anchor: at(anchor) }
  return [periodStart(schedule, at(now)), nextPeriodStart(schedule, at(now))].map((instant) =>
    instant === null ? null : new Date(instant).toISOString().replace('.000Z', 'Z'),
  )
}

describe('a period', () => {
  test.each<[ResetPeriod, string, string]>([
    ['Daily', '2026-05-19T10:30:00Z', '2026-05-20T10:30:00Z'],
    ['Weekly', '2026-05-15T10:30:00Z', '2026-05-22T10:30:00Z'],
    ['Fortnightly', '2026-05-08T10:30:00Z', '2026-05-22T10:30:00Z'],
    ['Monthly', '2026-05-13T10:30:00Z', '2026-06-13T10:30:00Z'],
    ['Bi-Monthly', '2026-05-13T10:30:00Z', '2026-07-13T10:30:00Z'],
    ['Quarterly', '2026-04-13T10:30:00Z', '2026-07-13T10:30:00Z'],
    ['Every 6 months', '2026-01-13T10:30:00Z', '2026-07-13T10:30:00Z'],
    ['Annual', '2026-01-13T10:30:00Z', '2027-01-13T10:30:00Z'],
  ])('%s is counted from its anchor', (period, start, next) => {
    const anchor = period === 'Weekly' || period === 'Fortnightly' ? '2026-01-02' : '2026-01-13'
    expect(periodOf(period, `${anchor}T10:30:00Z`, '2026-05-20T10:29:59.999Z')).toEqual([start, next])
  })

  test.each(RESET_PERIODS)('of %s begins at the anchor', (period) => {
    const schedule = { period, anchor: at('2026-01-31T23:59:59.999Z') }
    const expected = period === 'Never Reset' ? null : schedule.anchor
    expect(periodStart(schedule, schedule.anchor)).toBe(expected)
    expect(periodStart(schedule, schedule.anchor - 1)).toBeNull()
    expect(nextPeriodStart(schedule, schedule.anchor - 1)).toBe(expected)
  })

  test('changes at the first instant of the next one', () => {
    const [anchor, edge] = ['2026-01-13T10:30:00Z', '2026-02-13T10:30:00Z']
    expect(periodOf('Monthly', anchor, '2026-02-13T10:29:59.999Z')).toEqual([anchor, edge])
    expect(periodOf('Monthly', anchor, edge)).toEqual([edge, '2026-03-13T10:30:00Z'])
  })

  test.each<[string, ResetPeriod, string, string, string, string]>([
    ['February', 'Monthly', '2026-01-31', '2026-03-01', '2026-02-28', '2026-03-31'],
    ['February of a leap year', 'Monthly', '2024-01-31', '2024-03-01', '2024-02-29', '2024-03-31'],
    ['February of a century', 'Monthly', '2099-12-30', '2100-03-29', '2100-02-28', '2100-03-30'],
    ['April', 'Monthly', '2026-01-31', '2026-04-30', '2026-04-30', '2026-05-31'],
    ['the day before it', 'Monthly', '2026-01-31', '2026-04-29', '2026-03-31', '2026-04-30'],
    ['a year without a leap day', 'Annual', '2024-02-29', '2025-03-01', '2025-02-28', '2026-02-28'],
    ['the next leap day', 'Annual', '2024-02-29', '2028-02-29', '2028-02-29', '2029-02-28'],
    ['half a year', 'Every 6 months', '2026-08-31', '2027-03-05', '2027-02-28', '2027-08-31'],
    ['the end of a year', 'Bi-Monthly', '2026-12-31', '2027-03-01', '2027-02-28', '2027-04-30'],
  ])('begins on the last day of a month that is too short: %s', (_what, period, anchor, now, start, next) => {
    const midnight = (day: string): string => `${day}T00:00:00Z`
    expect(periodOf(period, midnight(anchor), midnight(now))).toEqual([midnight(start), midnight(next)])
  })

  test('keeps its time of day when clocks are put forward or back', () => {
    const anchor = '2026-03-01T01:30:00Z'
    expect(periodOf('Daily', anchor, '2026-03-29T12:00:00Z')).toEqual([
      '2026-03-29T01:30:00Z',
      '2026-03-30T01:30:00Z',
    ])
    expect(periodOf('Monthly', anchor, '2026-11-01T12:00:00Z')[0]).toBe('2026-11-01T01:30:00Z')
  })

  test('may be anchored before 1970, in year 99, and centuries away', () => {
    expect(periodOf('Monthly', '1969-12-31T12:00:00Z', '1970-02-28T12:00:00Z')[0]).toBe(
      '1970-02-28T12:00:00Z',
    )
    expect(periodOf('Annual', '0099-02-28T00:00:00Z', '2026-05-01T00:00:00Z')[0]).toBe('2026-02-28T00:00:00Z')
    expect(periodOf('Monthly', '1600-01-31T00:00:00Z', '9999-12-31T00:00:00Z')[0]).toBe(
      '9999-12-31T00:00:00Z',
    )
  })
})

describe('any schedule', () => {
  const instant = fc.integer({ min: at('1970-01-01'), max: at('2200-01-01') })
  const schedule: fc.Arbitrary<ResetSchedule> = fc.record({
    period: fc.constantFrom(...RESET_PERIODS.filter((period) => period !== 'Never Reset')),
    anchor: instant,
  })
  /** Anchors at the ends of months meet the instants around them more often than chance would. */
  const nearEdge = fc
    .tuple(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: -2, max: 2 }))
    .map(([months, ms]) => Date.UTC(1970, months + 1, 0) + ms)
  const moment = fc.oneof(instant, nearEdge)

  test('has a period for each instant from its anchor on, and it lies between its bounds', () => {
    const property = fc.property(schedule, moment, moment, ({ period }, one, other) => {
      const [anchor, now] = [Math.min(one, other), Math.max(one, other)]
      const [start, next] = [periodStart({ period, anchor }, now), nextPeriodStart({ period, anchor }, now)]
      expect(start).toBeGreaterThanOrEqual(anchor)
      expect(start).toBeLessThanOrEqual(now)
      expect(next).toBeGreaterThan(now)
    })
    fc.assert(property, { numRuns: 3_000 })
  })

  test('goes from period to period without a gap or an overlap', () => {
    const property = fc.property(schedule, instant, (each, later) => {
      const now = Math.max(each.anchor, later)
      const next = nextPeriodStart(each, now) ?? 0
      expect(periodStart(each, next)).toBe(next)
      expect(periodStart(each, next - 1)).toBe(periodStart(each, now))
      expect(nextPeriodStart(each, next - 1)).toBe(next)
    })
    fc.assert(property, { numRuns: 3_000 })
  })

  test('never goes back', () => {
    const property = fc.property(schedule, moment, moment, (each, one, other) => {
      const [earlier, later] = [Math.min(one, other), Math.max(one, other)]
      const before = periodStart(each, earlier) ?? -Infinity
      expect(periodStart(each, later) ?? -Infinity).toBeGreaterThanOrEqual(before)
    })
    fc.assert(property, { numRuns: 3_000 })
  })

  test('has periods of their length, give or take the days that months differ by', () => {
    const days: Readonly<Record<ResetPeriod, readonly [number, number]>> = {
      'Never Reset': [0, 0],
      Daily: [1, 1],
      Weekly: [7, 7],
      Fortnightly: [14, 14],
      Monthly: [28, 31],
      'Bi-Monthly': [59, 62],
      Quarterly: [89, 92],
      'Every 6 months': [181, 184],
      Annual: [365, 366],
    }
    const property = fc.property(schedule, moment, (each, later) => {
      const now = Math.max(each.anchor, later)
      const length = ((nextPeriodStart(each, now) ?? 0) - (periodStart(each, now) ?? 0)) / DAY_MS
      const [shortest, longest] = days[each.period]
      expect(length).toBeGreaterThanOrEqual(shortest)
      expect(length).toBeLessThanOrEqual(longest)
    })
    fc.assert(property, { numRuns: 3_000 })
  })

  test('is found at once, however long ago it began', () => {
    const each: ResetSchedule = { period: 'Daily', anchor: at('0001-01-01') }
    const begin = performance.now()
    for (let turn = 0; turn < 10_000; turn++) periodStart(each, at('9999-01-01'))
    expect(performance.now() - begin).toBeLessThan(1_000)
  })
})
