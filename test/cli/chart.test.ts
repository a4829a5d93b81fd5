import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderBars } from '../../src/cli/chart.ts'
import { widthOf } from '../../src/cli/text.ts'

const EIGHTHS = [...'▏▎▍▌▋▊▉█']

test('the longest bar fills the width, others are as long as their values', () => {
  const bars = [8, 4, 1, 0].map((value) => ({ label: `d${value}`, value, text: String(value) }))
  expect(renderBars(bars, { width: 15, parts: ['#'] })).toBe(
    ['d8  ########  8', 'd4  ####      4', 'd1  #         1', 'd0            0', ''].join('\n'),
  )
})

test('parts of a column are drawn where the screen can show them', () => {
  const bars = [16, 1, 5].map((value) => ({ label: '', value, text: '' }))
  const lines = renderBars(bars, { width: 12, parts: EIGHTHS }).split('\n')
  expect(lines.map((line) => line.trim())).toEqual(['████████', '▌', '██▌', ''])
})

test('what is not nothing is seen beside the largest', () => {
  const bars = [1_000_000, 1, 0, -5].map((value) => ({ label: '', value, text: String(value) }))
  const lines = renderBars(bars, { width: 40, parts: ['#'] }).split('\n')
  expect(lines.map((line) => line.includes('#'))).toEqual([true, true, false, false, false])
})

test('no line is wider than the screen, where that is not too narrow', () => {
  const bar = fc.record({
    label: fc.string({ maxLength: 16 }),
    value: fc.oneof(fc.nat(), fc.constant(2 ** 53), fc.integer({ min: -5, max: 0 })),
    text: fc.string({ maxLength: 9 }),
  })
  fc.assert(
    fc.property(
      fc.array(bar, { minLength: 1 }),
      fc.integer({ min: 60, max: 300 }),
      fc.constantFrom(['#'], EIGHTHS),
      (bars, width, parts) => {
        const lines = renderBars(bars, { width, parts }).split('\n').slice(0, -1)
        expect(lines).toHaveLength(bars.length)
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width)
      },
    ),
  )
})

test('nothing at all is no line', () => {
  expect(renderBars([], { width: 80, parts: ['#'] })).toBe('')
})
