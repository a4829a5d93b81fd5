import { describe, expect, test } from 'vitest'
import { outcome } from '../request/read.ts'
import { before, below, unrefused } from './attack.ts'

const CONTROLS = [...Array(0x20).keys(), 0x7f]

function hex(code: number): string {
  return `%${code.toString(16).padStart(2, '0')}`
}

describe('no control character gets into a path', () => {
  test.each(CONTROLS)('escaped: U+%s', (code) => {
    expect(unrefused(below(`a${hex(code)}`))).toEqual([])
    expect(unrefused(before(`a${hex(code)}`))).toEqual([])
  })

  test.each(CONTROLS)('raw: U+%s', (code) => {
    expect(unrefused(below(`a${String.fromCharCode(code)}.deb`))).toEqual([])
    expect(unrefused(before(`a${String.fromCharCode(code)}`))).toEqual([])
  })

  test('escaped: the controls above U+007F', () => {
    for (let code = 0x80; code < 0xa0; code++) expect(unrefused(below(`a%c2${hex(code)}b`))).toEqual([])
  })

  test.each(['x.deb%00', 'x.deb%00.asc', 'x.deb%0d%0aX: y', '%00', '%0a'])(
    'in the manner of %s',
    (segment) => {
      expect(unrefused(below(segment.replace(' ', '%20')))).toEqual([])
    },
  )
})

describe('none gets into a query', () => {
  test.each(CONTROLS)('raw: U+%s', (code) => {
    expect(outcome(`/basic/acme/deb/x?a=${String.fromCharCode(code)}`)).toBe('path_ambiguous')
  })
})

test('a raw space ends nothing', () => {
  expect(unrefused([...below('a b'), '/basic/acme/deb/x HTTP/1.1', '/basic/acme/deb/x?a b'])).toEqual([])
})
