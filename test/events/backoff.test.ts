import { expect, test } from 'vitest'
import { pauseAfter } from '../../src/events/backoff.ts'

const HOUR_MS = 3_600_000

test('pauses grow threefold to six hours and end after about a day', () => {
  const pauses: number[] = []
  for (let attempts = 1; ; attempts++) {
    const pause = pauseAfter(attempts, 0.5)
    if (pause === undefined) break
    pauses.push(pause)
  }
  expect(pauses.slice(0, 4)).toEqual([15_000, 45_000, 135_000, 405_000])
  expect(pauses).toHaveLength(10)
  expect(Math.max(...pauses)).toBe(6 * HOUR_MS)
  const total = pauses.reduce((sum, pause) => sum + pause, 0)
  expect(total).toBeGreaterThan(20 * HOUR_MS)
  expect(total).toBeLessThan(26 * HOUR_MS)
})

test('pauses differ by a fifth at most', () => {
  expect(pauseAfter(1, 0)).toBe(12_000)
  expect(pauseAfter(1, 0.999_999)).toBe(18_000)
})
