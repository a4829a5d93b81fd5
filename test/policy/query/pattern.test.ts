import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePattern, fold, type Pattern } from '../../../src/policy/query/pattern.ts'

function compile(written: string, whole?: boolean): Pattern {
  const pattern = compilePattern(written, whole)
  if (typeof pattern === 'string') throw new Error(pattern)
  return pattern
}

const matches = (written: string, text: string, whole?: boolean): boolean =>
  compile(written, whole).matches(fold(text))

/** What a pattern means, written as plainly as possible and as slow as it likes. */
function matchesNaively(written: string, text: string): boolean {
  const start = written.startsWith('^') ? '' : '*'
  const end = written.endsWith('$') ? '' : '*'
  return fits(`${start}${written.replace(/^\^/, '').replace(/\$$/, '')}${end}`, text)
}

function fits(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  const rest = pattern.slice(1)
  if (pattern.startsWith('*')) return fits(rest, text) || (text !== '' && fits(pattern, text.slice(1)))
  return text !== '' && text.startsWith(pattern.charAt(0)) && fits(rest, text.slice(1))
}

describe('a pattern', () => {
  test.each<[string, string, boolean]>([
    ['curl', 'curl', true],
    ['curl', 'libcurl4', true],
    ['CURL', 'libCurl4', true],
    ['curl', 'cur', false],
    ['^curl', 'curl4', true],
    ['^curl', 'libcurl', false],
    ['curl$', 'libcurl', true],
    ['curl$', 'curl4', false],
    ['^curl$', 'curl', true],
    ['^curl$', 'curl4', false],
    ['1.1.0*post1', '1.1.0.post1', true],
    ['1.1.0*post1', '1.1.0post1.2', true],
    ['1.1.0*post1', 'post1-1.1.0', false],
    ['*', '', true],
    ['^*$', 'anything/at all', true],
    ['a**b', 'a/b', true],
    ['^a*a$', 'a', false],
    ['^a*a$', 'aa', true],
    ['^ab*b$', 'ab', false],
    ['a*b*c$', 'abcbc', true],
    ['a$b', 'a$b', true],
    ['a^b', 'a^b', true],
    ['fo.', 'foo', false],
    ['(a+)+$', 'aaaa', false],
    ['straße', 'STRASSE', true],
    ['ſecret', 'secret', true],
    ['οδος', 'ΟΔΟΣΧ', true],
    ['cafe\u0301', 'CAFÉ', true],
  ])('%j against %j is %j', (written, text, expected) => {
    expect(matches(written, text)).toBe(expected)
  })

  test.each<[string, string, boolean]>([
    ['arm', 'arm', true],
    ['arm', 'ARM', true],
    ['arm', 'arm64', false],
    ['arm*', 'arm64', true],
    ['arm*', 'xarm', false],
    ['*arm*', 'xarm64', true],
    ['^arm', 'arm64', true],
    ['64$', 'arm64', true],
  ])('of a whole text: %j against %j is %j', (written, text, expected) => {
    expect(matches(written, text, true)).toBe(expected)
  })

  test.each([
    ['', 'a value is missing'],
    ['^', 'a value is missing'],
    ['$', 'a value is missing'],
    ['^$', 'a value is missing'],
    ['~a', 'one ~ is enough'],
    ['=a', 'write ^text$'],
    ['>1', 'write ^text$'],
    ['<=1', 'write ^text$'],
    ['~=1', 'write ^text$'],
  ])('%j is refused: %s', (written, problem) => {
    expect(compilePattern(written)).toContain(problem)
  })

  const written = fc
    .string({ unit: fc.constantFrom('A', 'B', '*', '/', '^', '$'), minLength: 1, maxLength: 8 })
    .filter((text) => typeof compilePattern(text) !== 'string')
  const text = fc.string({ unit: fc.constantFrom('A', 'B', '/', '^', '$'), maxLength: 10 })

  test('agrees with the plain definition on every text', () => {
    const property = fc.property(written, text, (pattern, subject) => {
      expect(compile(pattern).matches(subject)).toBe(matchesNaively(pattern, subject))
    })
    fc.assert(property, { numRuns: 3000 })
  })

  test('says of a beginning only what is true of all that begins so', () => {
    const property = fc.property(written, text, text, (pattern, beginning, rest) => {
      const { matches: matchesText, matchesBeginning } = compile(pattern)
      const known = matchesBeginning(beginning)
      fc.pre(known !== undefined)
      expect(matchesText(beginning + rest)).toBe(known)
    })
    fc.assert(property, { numRuns: 3000 })
  })

  test('of many stars is done with a long text that it nearly matches', () => {
    const long = 'A'.repeat(200_000)
    expect(compile(`^${'*a'.repeat(500)}*b$`).matches(long)).toBe(false)
    expect(compile(`${'*a'.repeat(500)}`).matches(long)).toBe(true)
    expect(compile(`${'a'.repeat(1000)}b`).matches(long)).toBe(false)
  })
})

describe('of a beginning', () => {
  test.each<[string, string, boolean | undefined]>([
    ['^/stable/', '/stable/main/', true],
    ['^/stable/', '/', undefined],
    ['^/stable/', '/testing/', false],
    ['^/stable/*.deb$', '/stable/main/', undefined],
    ['^/stable/x$', '/stable/main/', false],
    ['^/stable/x$', '/stable/', undefined],
    ['stable', '/testing/', undefined],
    ['stable', '/stable/', true],
  ])('%j is told: %j, %j', (written, beginning, expected) => {
    expect(compile(written).matchesBeginning(fold(beginning))).toBe(expected)
  })
})
