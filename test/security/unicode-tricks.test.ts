import { describe, expect, test } from 'vitest'
import { accept, outcome } from '../request/read.ts'
import { before, below, unrefused } from './attack.ts'

/** As bytes on the wire look to a program that takes them for Latin-1. */
function onTheWire(text: string): string {
  return Buffer.from(text).toString('latin1')
}

describe('only UTF-8 in its shortest form is read', () => {
  test.each([
    ['overlong dots', '%c0%ae%c0%ae'],
    ['an overlong slash', 'a%c0%afb'],
    ['an overlong slash of three bytes', 'a%e0%80%afb'],
    ['an overlong slash of four bytes', 'a%f0%80%80%afb'],
    ['an overlong NUL', '%c0%80'],
    ['a surrogate', '%ed%a0%80'],
    ['a pair of surrogates (CESU-8)', '%ed%a0%bd%ed%b8%80'],
    ['a lone continuation byte', 'a%80'],
    ['half a character', '%e2%82'],
    ['Latin-1', 'caf%e9'],
    ['raw Latin-1', 'caf\u00e9'],
    ['a character beyond the last', '%f4%90%80%80'],
    ['a slash inside a sequence', '%e2%2f%82'],
    ['escapes in the manner of IIS', '%u002e%u002e'],
  ])('not %s', (_, segment) => {
    expect(unrefused(below(segment))).toEqual([])
    expect(unrefused(before(segment))).toEqual([])
  })

  test.each(['\u0100', '\u2215', '\uff0f', '\ud800', '\udc00x', '😀'])(
    'a character that no wire carries is refused: %j',
    (character) => {
      expect(unrefused(below(character))).toEqual([])
      expect(unrefused(before(character))).toEqual([])
    },
  )
})

describe('dots in other clothes do not climb', () => {
  test.each(['．．', '‥', '․․', '.．', '．．／x', '..／x', 'x＼．．', '…', '..\u3000'])('%s', (segment) => {
    expect(unrefused(below(encodeURIComponent(segment)))).toEqual([])
    expect(unrefused(below(onTheWire(segment)))).toEqual([])
  })

  test.each(['\u2028', '\u2029', '\u0085', '\u009b'])('no line ends inside a name: %j', (character) => {
    expect(unrefused(below(encodeURIComponent(character)))).toEqual([])
  })
})

describe('names in any language are read', () => {
  test.each(['Größe', '製品／版', '😀', 'cafe\u0301', 'a．b', 'naïve…txt', '\u2215'])('%s', (name) => {
    expect(accept(`/basic/acme/raw/${encodeURIComponent(name)}`).path).toBe(name)
    expect(accept(`/basic/acme/raw/${onTheWire(name)}`).path).toBe(name)
  })

  test('without folding one form into another', () => {
    const forms = ['\u00e9', 'e\u0301', '\u212b', '\u00c5', '\ufb01'].map((name) => encodeURIComponent(name))
    expect(new Set(forms.map((name) => outcome(`/basic/acme/raw/${name}`))).size).toBe(5)
  })
})

test('a secret, owner or repository has one spelling', () => {
  expect(unrefused(before('%61'))).toEqual([])
  expect(unrefused(before(onTheWire('ä')))).toEqual([])
  expect(unrefused(before(encodeURIComponent('а')))).toEqual([])
})
