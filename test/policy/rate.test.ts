import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeRate, rateOf } from '../../src/policy/rate.ts'

const NOW = 1_800_000_000_000

/** A bucket that is asked at the times the test says. */
function createBucket(perSecond: number) {
  let rate = rateOf(perSecond)
  let state: number | undefined
  const ask = (ms: number): number => {
    const verdict = judgeRate(rate, state, NOW + ms)
    if (!verdict.allowed) return verdict.retryAfterMs
    state = verdict.busyUntilUs
    return 0
  }
  /** How many of many requests at once are allowed. */
  const drain = (ms: number): number => {
    let count = 0
    while (count < 100_000 && ask(ms) === 0) count++
    return count
  }
  const change = (next: number): void => {
    rate = rateOf(next)
  }
  return { ask, drain, change }
}

describe('a rate', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [7, 7],
    [30, 30],
    [999, 999],
    [2.5, 2],
    [1.999, 1],
    [0.5, 1],
    [0.001, 1],
  ])('of %d a second allows %d at once, and no more', (perSecond, burst) => {
    const { drain } = createBucket(perSecond)
    const pause = Math.max(1_000, 1_000 / perSecond)
    for (let turn = 0; turn < 100; turn++) expect(drain(turn * pause)).toBe(burst)
  })

  test.each([1, 3, 7, 2.5, 0.3, 999])('of %d a second is kept on average', (perSecond) => {
    const { ask } = createBucket(perSecond)
    let count = 0
    const seconds = 200
    for (let ms = 0; ms < seconds * 1_000; ms++) if (ask(ms) === 0) count++
    expect(count).toBeGreaterThanOrEqual(Math.floor(perSecond * seconds * 0.999))
    expect(count).toBeLessThanOrEqual(Math.ceil(perSecond * seconds) + Math.max(1, Math.floor(perSecond)))
  })

  test.each([
    [1, 1_000],
    [4, 250],
    [3, 334],
    [0.5, 2_000],
    [5_000, 1],
  ])('of %d a second tells that the next fits after %d ms, and then it does', (perSecond, waitMs) => {
    const { ask, drain } = createBucket(perSecond)
    drain(0)
    expect(ask(0)).toBe(waitMs)
    expect(ask(waitMs - 1)).toBe(1)
    expect(ask(waitMs)).toBe(0)
  })

  test.each([0, -1, -Infinity, Number.NaN])('of %d allows nothing', (perSecond) => {
    const { ask } = createBucket(perSecond)
    expect([ask(0), ask(86_400_000)]).toEqual([3_600_000, 3_600_000])
  })

  test.each([1e-300, 1e300, Infinity, Number.MAX_SAFE_INTEGER])(
    'of %d keeps a state that is a whole number',
    (perSecond) => {
      let state: number | undefined
      for (let ms = 0; ms < 5; ms++) {
        const verdict = judgeRate(rateOf(perSecond), state, NOW + ms)
        if (verdict.allowed) state = verdict.busyUntilUs
        expect(Number.isSafeInteger(state)).toBe(true)
      }
    },
  )

  test('that was raised is felt at once', () => {
    const { ask, drain, change } = createBucket(0.01)
    expect(ask(0)).toBe(0)
    expect(ask(1)).toBeGreaterThan(90_000)
    change(10)
    expect(drain(1)).toBe(10)
  })

  test('that was lowered allows nothing more than its own second after the requests before', () => {
    const { ask, drain, change } = createBucket(100)
    drain(0)
    change(1)
    expect(drain(1)).toBe(0)
    expect(ask(1_000)).toBe(0)
    expect(ask(1_001)).toBe(999)
  })
})

describe('clocks', () => {
  test('that differ a little share the bucket', () => {
    const { drain } = createBucket(10)
    expect(drain(3_000)).toBe(10)
    expect(drain(0)).toBe(0)
    expect(drain(2_999)).toBe(0)
  })

  test('that were an hour ahead do not close the bucket for an hour', () => {
    const { drain } = createBucket(10)
    expect(drain(3_600_000)).toBe(10)
    expect(drain(0)).toBe(10)
    expect(drain(0)).toBe(0)
  })
})

test('any requests are allowed no more than the rate and one burst, in any window', () => {
  const gaps = fc.array(fc.nat(1_500), { minLength: 1, maxLength: 80 })
  const property = fc.property(fc.double({ min: 0.1, max: 20, noNaN: true }), gaps, (perSecond, waits) => {
    const { ask } = createBucket(perSecond)
    const allowed: number[] = []
    let ms = 0
    for (const wait of waits) {
      ms += wait
      if (ask(ms) === 0) allowed.push(ms)
    }
    const burst = Math.max(1, Math.floor(perSecond))
    for (const [first, start] of allowed.entries()) {
      for (let last = first; last < allowed.length; last++) {
        const span = ((allowed[last] ?? 0) - start) / 1_000
        expect(last - first + 1).toBeLessThanOrEqual(burst + span * perSecond * 1.000_1)
      }
    }
  })
  fc.assert(property, { numRuns: 500 })
})
