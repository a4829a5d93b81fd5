import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rawOrder } from '../../../src/policy/versions/raw.ts'
import { compareTexts, findDisorder, generateVersions, semanticVersions } from './generated.ts'

const any = generateVersions(rawOrder, ['0', '1', '.', '.0', '-rc', '~', '+', 'a'])

describe('the order of versions of plain files', () => {
  test('is total among semantic versions', () => {
    expect(findDisorder(rawOrder, semanticVersions)).toBeNull()
  })

  test('is total among other versions', () => {
    expect(
      findDisorder(
        rawOrder,
        any.filter((text) => rawOrder.parse(text)?.semver === undefined),
      ),
    ).toBeNull()
  })

  test('is the same from both sides among mixed versions', () => {
    const property = fc.property(any, any, (a, b) => {
      expect(compareTexts(rawOrder, a, b) + compareTexts(rawOrder, b, a)).toBe(0)
    })
    fc.assert(property)
  })

  test.each([
    ['1.0.0-rc1', '1.0.0', -1],
    ['1.0-rc1', '1.0', 1],
    ['2024.01', '2024.2', -1],
    ['2024.01', '2023.12.0', 1],
    ['v1.2', '1.2', 0],
    ['v1.2.3', '1.10.0', -1],
  ])('%s against %s gives %i', (a, b, sign) => {
    expect(compareTexts(rawOrder, a, b)).toBe(sign)
  })
})
