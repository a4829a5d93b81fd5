import { describe, expect, test } from 'vitest'
import { versionRange } from '../../../src/policy/versions/versions.ts'
import { goOrder, isCanonicalGoVersion } from '../../../src/policy/versions/go.ts'
import { compareTexts, findDisorder, generateVersions } from './generated.ts'

describe('the order of Go', () => {
  test('is total', () => {
    const pieces = 'v|1|0|.|-|rc|2|+incompatible|-0.20260101000000-0123456789ab'.split('|')
    expect(findDisorder(goOrder, generateVersions(goOrder, pieces))).toBeNull()
  })

  test.each([
    ['v1.9.0', 'v1.10.0', -1],
    ['v1.0.0-rc.1', 'v1.0.0', -1],
    ['v0.0.0-20240119083558-1b970713d09a', 'v0.0.0-20250119083558-1b970713d09a', -1],
    ['v1.2.4-0.20240119083558-1b970713d09a', 'v1.2.3', 1],
    ['v2.0.0+incompatible', 'v2.0.0', 0],
    ['1.2', 'v1.2.0', 0],
  ])('%s and %s: %i', (a, b, expected) => {
    expect(Math.sign(compareTexts(goOrder, a, b))).toBe(expected)
  })
})

test.each([
  ['^1.2', 'v1.9.0', true],
  ['^v1.2', 'v1.9.0', true],
  ['~1.2.0', 'v1.3.0', false],
  ['v1.2.*', 'v1.2.7', true],
  ['1.2.*', 'v1.2.7', true],
  ['>=1 <2', 'v1.5.0-rc.1', true],
  ['<2.0.0', 'v2.0.0+incompatible', false],
])('%j for %s: %j', (range, version, expected) => {
  const compiled = versionRange('go', range)
  expect(typeof compiled === 'function' && compiled(version)).toBe(expected)
})

test.each([
  ['v1.0.0', true],
  ['v1.0.0-rc.1', true],
  ['v2.0.0+incompatible', true],
  ['v1.0', false],
  ['1.0.0', false],
  ['v01.0.0', false],
  ['v1.0.0+other', false],
  ['v1.0.0+incompatible+incompatible', false],
  ['vv1.0.0', false],
  ['v1.0.0 ', false],
])('%j is canonical: %j', (text, expected) => {
  expect(isCanonicalGoVersion(text)).toBe(expected)
})
