import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { containsGlob } from '../../src/policy/glob-containment.ts'
import { compileGlob } from '../../src/policy/glob.ts'

const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })

/** Texts that a glob matches: its stars stand for nothing, or for more than any other glob here has places for. */
function textsOf(narrow: string): string[] {
  return narrow.split('').reduce<string[]>(
    (texts, piece) =>
      texts.flatMap((text) => {
        if (piece === '*') return [text, `${text}zzzzzzzzzz`]
        return [text + (piece === '?' ? 'z' : piece)]
      }),
    [''],
  )
}

describe('a glob', () => {
  test.each([
    ['*', '', true],
    ['*', 'stable', true],
    ['*', '*', true],
    ['*', '?*a', true],
    ['stable', 'stable', true],
    ['stable', 'stabl?', false],
    ['stabl?', 'stable', true],
    ['stable', '*', false],
    ['?', '*', false],
    ['?*', '*', false],
    ['*?', '?*', true],
    ['?*', '**?', true],
    ['**', '*', true],
    ['*', '**', true],
    ['a*', 'a*b', true],
    ['a*b', 'a*', false],
    ['a*b', 'ab', true],
    ['*a*', 'ba?', true],
    ['*a*', '?', false],
    ['*ab', '*aab', true],
    ['??', '?', false],
    ['?*', '*a', false],
    ['', '', true],
    ['', '*', false],
  ])('%j contains %j: %j', (wider, narrower, expected) => {
    expect(containsGlob(wider, narrower)).toBe(expected)
  })

  test('contains another only if it matches all that the other matches', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })
    fc.assert(
      fc.property(glob, glob, text, (wider, narrower, some) => {
        fc.pre(containsGlob(wider, narrower))
        for (const each of [...textsOf(narrower), ...(compileGlob(narrower)(some) ? [some] : [])]) {
          expect(compileGlob(wider)(each)).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('without ? contains every other of which it matches all texts', () => {
    fc.assert(
      fc.property(glob, glob, (wider, narrower) => {
        fc.pre(!wider.includes('?') && !containsGlob(wider, narrower))
        expect(textsOf(narrower).every(compileGlob(wider))).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  test('is compared in a time that does not explode', () => {
    const begun = performance.now()
    expect(containsGlob(`${'*a'.repeat(250)}b`, 'a'.repeat(500))).toBe(false)
    expect(performance.now() - begun).toBeLessThan(500)
  })
})
