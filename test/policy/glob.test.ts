import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileGlob } from '../../src/policy/glob.ts'

/** What a glob means, written as plainly as possible and as slow as it likes. */
function matchesNaively(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  const stars = pattern.startsWith('**') ? /^\*+/.exec(pattern)?.[0].length : undefined
  const [first = '', rest] = [pattern.charAt(0), pattern.slice(1)]
  if (stars !== undefined || first === '*') {
    const after = pattern.slice(stars ?? 1)
    if (matchesNaively(after, text)) return true
    const mayRead = text !== '' && (stars !== undefined || !text.startsWith('/'))
    return mayRead && matchesNaively(pattern, text.slice(1))
  }
  const fits = first === '?' ? text !== '' && !text.startsWith('/') : text !== '' && text.startsWith(first)
  return fits && matchesNaively(rest, text.slice(1))
}

describe('a glob', () => {
  test.each([
    ['hello', 'hello', true],
    ['hello', 'Hello', false],
    ['hello', 'hello2', false],
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'curl', true],
    ['*', '@acme/widget', false],
    ['**', '@acme/widget', true],
    ['**', '', true],
    ['@acme/*', '@acme/widget', true],
    ['@acme/*', '@acme/widget/x', false],
    ['@acme/*', '@acme2/widget', false],
    ['releases/**', 'releases/1.0/tool.tar.gz', true],
    ['releases/**', 'releases', false],
    ['releases/*/tool', 'releases/1.0/tool', true],
    ['releases/*/tool', 'releases/1/0/tool', false],
    ['**/tool', 'a/b/tool', true],
    ['**/tool', 'tool', false],
    ['a***b', 'a/x/b', true],
    ['lib?', 'libc', true],
    ['lib?', 'lib', false],
    ['lib?', 'lib/', false],
    ['?', 'ü', true],
    ['?', '🦀', true],
    ['*-dev', 'libfoo-dev-dev', true],
    ['*a*b', 'aaab', true],
    ['**a*b', 'a/ab', true],
    ['**a*b', 'ab/a', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['[ab]', '[ab]', true],
    ['(a+)+$', 'aaaa', false],
    ['libstdc++', 'libstdc++', true],
  ])('%j against %j is %j', (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected)
  })

  test('agrees with the plain definition on every pattern and text', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '**', '?'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 10 })
    const property = fc.property(pattern, text, (glob, subject) => {
      expect(compileGlob(glob)(subject)).toBe(matchesNaively(glob, subject))
    })
    fc.assert(property, { numRuns: 3000 })
  })

  test('without wildcards matches itself and nothing else', () => {
    const plain = fc.string().filter((text) => !/[*?]/.test(text))
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        expect(compileGlob(a)(a)).toBe(true)
        expect(compileGlob(a)(b)).toBe(a === b)
      }),
    )
  })

  test('of many stars is done with a long text that it nearly matches', () => {
    const text = 'a'.repeat(100_000)
    expect(compileGlob('**a*a**a*a**a*b')(text)).toBe(false)
    expect(compileGlob(`${'*a'.repeat(20)}*`)(text)).toBe(true)
  })

  test('gives the same answer when it is asked again', () => {
    const matches = compileGlob('a*b**c')
    const answers = ['axbxc', 'no', 'axbxc', 'abc', 'ab'].map(matches)
    expect(answers).toEqual([true, false, true, true, false])
  })
})
