import { describe, expect, test } from 'vitest'
import { alpineOrder } from '../../../src/policy/versions/alpine.ts'
import { versionRange } from '../../../src/policy/versions/versions.ts'
import { compareTexts, findDisorder, generateVersions } from './generated.ts'

describe('the order of Alpine', () => {
  test('is total', () => {
    const pieces = '0|1|10|05|.|.|a|_rc|_alpha1|_p1|_git|~ab'.split('|')
    expect(findDisorder(alpineOrder, generateVersions(alpineOrder, pieces))).toBeNull()
  })

  test.each([
    ['1.2', '1.10', -1],
    ['1.2', '1.2.0', -1],
    ['1.2a', '1.2b', -1],
    ['1.2', '1.2a', -1],
    ['1.2a', '1.2.1', -1],
    ['1.05', '1.5', -1],
    ['1.05', '1.1', -1],
    ['01.5', '1.5', 0],
    ['1.0_alpha', '1.0_beta', -1],
    ['1.0_beta2', '1.0_pre', -1],
    ['1.0_pre1', '1.0_rc', -1],
    ['1.0_rc', '1.0_rc1', -1],
    ['1.0_rc9', '1.0_rc10', -1],
    ['1.0_rc9', '1.0', -1],
    ['1.0', '1.0_p', -1],
    ['1.0_cvs1', '1.0_git1', -1],
    ['1.0_p1', '1.0.1', -1],
    ['1.0_p1_rc1', '1.0_p1', -1],
    ['1.0-r1', '1.0-r10', -1],
    ['1.0_rc1-r5', '1.0-r0', -1],
    ['1.0-r3', '1.0', 0],
    ['99999999999999999999', '100000000000000000000', -1],
  ])('%s and %s: %i', (a, b, expected) => {
    expect(Math.sign(compareTexts(alpineOrder, a, b))).toBe(expected)
  })
})

test.each([
  ['<=1.2.3', '1.2.3-r7', true],
  ['>1.2.3', '1.2.3-r7', false],
  ['=1.2.3', '1.2.3-r7', true],
  ['>=1.2.3-r8', '1.2.3-r7', false],
  ['1.2.?', '1.2.3-r7', true],
  ['1.2.3-r?', '1.2.3-r7', true],
  ['<2', '2_rc1-r0', true],
])('%j for %s: %j', (range, version, expected) => {
  const compiled = versionRange('alpine', range)
  expect(typeof compiled === 'function' && compiled(version)).toBe(expected)
})
