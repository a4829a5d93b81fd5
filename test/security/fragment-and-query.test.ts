import { describe, expect, test } from 'vitest'
import { accept, outcome } from '../request/read.ts'
import { before, below, unrefused, pathsOf } from './attack.ts'

describe('no fragment hides the rest of a path', () => {
  test.each(['#', 'a#', '#a', 'a#/../b'])('%s', (segment) => {
    expect(unrefused([...below(segment), ...before(segment)])).toEqual([])
  })

  test('nor of a query', () => {
    expect(unrefused(['/basic/acme/deb/x?a#b', '/basic/acme/deb/x?#'])).toEqual([])
  })
})

describe('the first question mark ends the path', () => {
  test.each([
    ['/basic/acme/deb/x?/../y', 'x', '/../y'],
    ['/basic/acme/deb/x??', 'x', '?'],
    ['/basic/acme/deb?/x', '', '/x'],
    ['/basic/acme/deb/x?%2e%2e%00', 'x', '%2e%2e%00'],
  ])('%s', (raw, path, query) => {
    const target = accept(raw)
    expect([target.path, target.query]).toEqual([path, query])
  })

  test.each(['/?/acme/deb/x', '/basic?/acme/deb/x', '/basic/acme?/deb/x'])(
    '%s names no repository',
    (raw) => {
      expect(outcome(raw)).toBe('not_found')
    },
  )
})

test('escaped, both are characters of a name', () => {
  expect(pathsOf(below('a%3Fb%23c').slice(0, 1))).toEqual(['a?b#c'])
})
