import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { condaOrder } from '../../../src/policy/versions/conda.ts'
import { versionRange } from '../../../src/policy/versions/versions.ts'
import { compareTexts, findDisorder, generateVersions, samplePairs } from './generated.ts'

const PIECES = '1|0|.|_|.dev|dev|a|rc|post|.post|+x|alpha1|10|w'.split('|')
const versions = generateVersions(condaOrder, PIECES)

/** Clients differ in what they make of `postalpha` and `post_`. */
function hasPlainWords(version: string): boolean {
  return /^[^a-z]*(?:(?:dev|rc|post|alpha|a|w|x)(?![a-z]|_$|_\+)[^a-z]*)*$/.test(version)
}

describe('the order of conda', () => {
  test('is total', () => {
    expect(findDisorder(condaOrder, versions)).toBeNull()
  })

  // conda documentation, "Version ordering".
  const ascending =
    '0.4 0.4.1.rc 0.4.1 0.5a1 0.5b3 0.5C1 0.5 0.9.6 0.960923 1.0 1.1dev1 1.1_ 1.1a1 1.1.0dev1 1.1.a1 1.1.0rc1 1.1.0 1.1.0post1 1996.07.12 1!0.4.1 1!3.1.1.6 2!0.4.1'
  test.each(
    ascending.split(' ').flatMap((low, index, all) => all.slice(index + 1).map((high) => [low, high])),
  )('%s lies below %s', (low = '', high = '') => {
    expect(compareTexts(condaOrder, low, high)).toBe(-1)
  })

  test.each([
    ['1.1.0', '1.1', 0],
    ['1.1.RC1', '1.1.rc1', 0],
    ['1.1-1', '1.1_1', 0],
    ['1.0.1_', '1.0.1a', -1],
    ['1.0+a', '1.0', -1],
    ['1.0+1', '1.0', 1],
  ])('%s against %s gives %i', (a, b, sign) => {
    expect(compareTexts(condaOrder, a, b)).toBe(sign)
  })

  test('is the one that a client of conda has', () => {
    const { Version } = createRequire(import.meta.url)(
      '@conda-org/rattler',
    ) as typeof import('@conda-org/rattler')
    for (const [a, b] of samplePairs(versions.filter(hasPlainWords), 2000)) {
      expect([a, b, compareTexts(condaOrder, a, b)]).toEqual([a, b, new Version(a).compare(new Version(b))])
    }
  })
})

test.each(['', '1..0', '.1', '1.', '1!', 'a b', '1.0+', '1.0+a+b', 'x!1', '1*', '1:0', '1-_-2'])(
  '%j is no version',
  (text) => {
    expect(condaOrder.parse(text)).toBeUndefined()
  },
)

test.each([
  ['1.2.*', '1.2.7', true],
  ['>=1 <2', '1.5.0rc1', true],
  ['<2.0', '2.0rc1', true],
  ['<2.0dev', '2.0.dev1', false],
  ['<2.0', '1!0.1', false],
])('%j for %s: %j', (range, version, expected) => {
  const compiled = versionRange('conda', range)
  expect(typeof compiled === 'function' && compiled(version)).toBe(expected)
})
