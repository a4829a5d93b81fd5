import { describe, expect, test } from 'vitest'
import { pubOrder } from '../../../src/policy/versions/pub.ts'
import { compareTexts, findDisorder, semanticVersions } from './generated.ts'

describe('the order of pub', () => {
  test('is total', () => {
    expect(findDisorder(pubOrder, semanticVersions)).toBeNull()
  })

  test.each([
    ['1.0.0', '1.0.0+1', -1],
    ['1.0.0+1', '1.0.0+2', -1],
    ['1.0.0+9', '1.0.0+10', -1],
    ['1.0.0-rc.1+5', '1.0.0', -1],
    ['1.0.0+5', '1.0.1-rc.1', -1],
  ])('%s and %s: %i', (a, b, expected) => {
    expect(compareTexts(pubOrder, a, b)).toBe(expected)
  })
})
