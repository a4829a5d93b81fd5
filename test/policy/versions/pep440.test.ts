import { describe, expect, test } from 'vitest'
import { pep440Order } from '../../../src/policy/versions/pep440.ts'
import { compareTexts, findDisorder, generateVersions } from './generated.ts'

const PIECES = '0|1|10|.1|.0|a1|b|rc2|.post1|-1|.dev2|.dev|+x|+1|.a|!1'.split('|')

/** PEP 440, "Summary of permitted suffixes and relative ordering", and what its examples say besides. */
const ASCENDING =
  '0.9 1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 ' +
  '1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 1.1 1.10 1!0.1 1!1.0'

describe('the order of PEP 440', () => {
  test('is total', () => {
    expect(findDisorder(pep440Order, generateVersions(pep440Order, PIECES))).toBeNull()
  })

  test('puts its examples one after the other', () => {
    const versions = ASCENDING.split(' ')
    const shuffled = versions.toReversed().toSorted((a, b) => compareTexts(pep440Order, a, b))
    expect(shuffled).toEqual(versions)
    const steps = versions
      .slice(1)
      .map((version, at) => compareTexts(pep440Order, versions[at] ?? '', version))
    expect(new Set(steps)).toEqual(new Set([-1]))
  })

  test.each([
    ['1.1', '1.1.0'],
    ['1.1', '01.01'],
    ['1.1', 'v1.1'],
    ['1.1', '0!1.1'],
    ['1.1a1', '1.1.Alpha-1'],
    ['1.1b0', '1.1_beta'],
    ['1.1rc2', '1.1c2'],
    ['1.1rc2', '1.1-PREVIEW.2'],
    ['1.1.post2', '1.1-2'],
    ['1.1.post2', '1.1r2'],
    ['1.1.post0', '1.1-rev'],
    ['1.1.dev0', '1.1dev'],
    ['1.1+ubuntu.1', '1.1+Ubuntu_01'],
  ])('has one place for %s and %s', (a, b) => {
    expect(compareTexts(pep440Order, a, b)).toBe(0)
  })

  test('has words below numbers in local versions, and longer ones above', () => {
    expect(compareTexts(pep440Order, '1+a', '1+1')).toBe(-1)
    expect(compareTexts(pep440Order, '1+1e5', '1+2')).toBe(-1)
    expect(compareTexts(pep440Order, '1+1', '1+1.a')).toBe(-1)
  })

  test('tells numbers of any length apart', () => {
    expect(compareTexts(pep440Order, '1.99999999999999999999', '1.99999999999999999998')).toBe(1)
  })

  test.each([
    '',
    '1.',
    'a',
    '1.0-',
    '1.0+',
    '1.0+a+b',
    '1.0 ',
    ' 1.0',
    '1.0\n',
    '1.0foo',
    '1.0.post1.post2',
    '1.0~rc1',
    '2004d',
  ])('does not know %j', (text) => {
    expect(pep440Order.parse(text)).toBeUndefined()
  })

  test('is globbed as text', () => {
    const version = pep440Order.parse('1.1.Alpha-1')
    expect(version && pep440Order.glob('1.1.*')(version)).toBe(true)
    expect(version && pep440Order.glob('1.1a1')(version)).toBe(false)
  })
})
