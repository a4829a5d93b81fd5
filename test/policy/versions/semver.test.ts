import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileNpmRange, isSemver, semverOrder } from '../../../src/policy/versions/semver.ts'
import { compareTexts, findDisorder, semanticVersions } from './generated.ts'

describe('the order of semantic versions', () => {
  test('is total', () => {
    expect(findDisorder(semverOrder, semanticVersions)).toBeNull()
  })

  test.each([
    ['1.0.0-rc.1', '1.0.0', -1],
    ['1.0.0-rc.2', '1.0.0-rc.10', -1],
    ['1.0.0-1', '1.0.0-alpha', -1],
    ['1.0.0+a', '1.0.0+b', 0],
    ['1.10.0', '1.9.0', 1],
  ])('%s against %s gives %i', (a, b, sign) => {
    expect(compareTexts(semverOrder, a, b)).toBe(sign)
  })
})

describe('a semantic version in a file name', () => {
  test.each(['1.0.0', '0.0.1-rc.1', '1.2.3+build.5'])('can be %j', (text) => {
    expect(isSemver(text)).toBe(true)
  })

  test.each([
    '',
    'v1.0.0',
    '=1.0.0',
    ' 1.0.0',
    '1.0.0 ',
    '1.0',
    '01.0.0',
    '1.0.0-',
    '1.0.0-01',
    '1.0.0.0',
    '1.0.0\n',
  ])('is never %j', (text) => {
    expect(isSemver(text)).toBe(false)
  })

  test('has at most 256 characters', () => {
    expect(isSemver(`1.0.0-${'a'.repeat(250)}`)).toBe(true)
    expect(isSemver(`1.0.0-${'a'.repeat(251)}`)).toBe(false)
  })
})

describe('a range of npm', () => {
  const ranges = [
    '^1.2.0',
    '~1.2.3',
    '>=1',
    '<2',
    '<=1',
    '1.x',
    '*',
    '1.2 - 3',
    '>=1.0.0-rc.1 <2',
    '>1 || 5.0.0',
  ]

  test('that counts all prereleases contains whatever it contains without', () => {
    const property = fc.property(fc.constantFrom(...ranges), semanticVersions, (range, text) => {
      const version = semverOrder.parse(text)
      const [narrow, wide] = [compileNpmRange(range, false), compileNpmRange(range, true)]
      if (version === undefined || narrow === undefined || wide === undefined) throw new Error(range)
      expect(narrow(version) && !wide(version)).toBe(false)
    })
    fc.assert(property, { numRuns: 2000 })
  })

  test.each(['1.2.3-beta*', '1*', '*.2', '*-beta', '1.2.?', '1.2.3-*', 'latest', '>=', '1.0.0 foo'])(
    '%j is left to others',
    (range) => {
      expect(compileNpmRange(range, false)).toBeUndefined()
    },
  )
})
