import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { durationText, secondsOf } from '../../../src/console/words/durations.ts'

test('reads what people write', () => {
  expect(['30d', '12 H', '90m', '45s', '2w', '60'].map(secondsOf)).toEqual([
    2_592_000, 43_200, 5_400, 45, 1_209_600, 60,
  ])
  expect(['', 'soon', '1.5h', '-1d', '1 month'].map(secondsOf)).toEqual(Array(5).fill(undefined))
})

test('reads back whatever it wrote', () => {
  const readsBack = fc.property(fc.nat(), (seconds) => {
    expect(secondsOf(durationText(seconds))).toBe(seconds)
  })
  fc.assert(readsBack)
})
