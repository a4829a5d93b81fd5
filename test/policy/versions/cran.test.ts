import { describe, expect, test } from 'vitest'
import { cranOrder } from '../../../src/policy/versions/cran.ts'
import { compareTexts, findDisorder, generateVersions } from './generated.ts'

describe('the order of R packages', () => {
  test('is total', () => {
    const versions = generateVersions(cranOrder, ['0', '1', '10', '.1', '-2', '.0', '-05'])
    expect(findDisorder(cranOrder, versions)).toBeNull()
  })

  test.each([
    ['1.2', '1.10', -1],
    ['1.2', '1.2.0', -1],
    ['1.2-3', '1.2.3', 0],
    ['1.02', '1.2', 0],
    ['1.2.0.9000', '1.2.1', -1],
    ['99999999999999999999', '100000000000000000000', -1],
  ])('%s and %s: %i', (a, b, expected) => {
    expect(compareTexts(cranOrder, a, b)).toBe(expected)
  })

  test.each(['', '1.', '1..2', '1.2rc1', 'v1.2', '1.2_3', '-1'])('%j is no version', (text) => {
    expect(cranOrder.parse(text)).toBeUndefined()
  })
})
