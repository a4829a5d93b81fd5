import { describe, expect, test } from 'vitest'
import { outcome } from '../request/read.ts'
import { before, below, unrefused, pathsOf } from './attack.ts'

describe('no path climbs out of its repository', () => {
  test.each([
    '..',
    '%2e%2e',
    '%2E%2e',
    '.%2e',
    '%2e.',
    '...',
    '..%20',
    '.%20',
    '..%20.',
    '%20..',
    '..%20%20',
  ])('with %s as a segment', (segment) => {
    expect(unrefused(below(segment))).toEqual([])
    expect(unrefused(before(segment))).toEqual([])
  })

  test.each([
    'a/../../../other/repo/x',
    '../repo/x',
    'a/b/../c',
    './../x',
    'x/..',
    '..//..//x',
    '.%2e/%2e./x',
  ])('as %s', (path) => {
    expect(unrefused([`/basic/acme/npm/${path}`])).toEqual([])
  })

  test('by way of the absolute form', () => {
    expect(outcome('http://gate.test/basic/acme/npm/../x')).toBe('path_ambiguous')
  })
})

describe('no repository is reached by way of another', () => {
  test.each(['/basic/acme/npm/../../other/deb/x', '/basic/acme/../other/deb/x', '/../basic/other/deb/x'])(
    '%s',
    (raw) => {
      expect(unrefused([raw])).toEqual([])
    },
  )
})

describe('dots that do not climb are kept or dropped', () => {
  test.each(['..a', 'a..', 'a..b', '.a', '..a..', '.%20a', '%2e%2ea'])('%s is a name', (name) => {
    expect(pathsOf([`/basic/acme/npm/${name}`])).toEqual([decodeURIComponent(name)])
  })

  test('single dots are dropped, as apt sends them for flat repositories', () => {
    expect(
      pathsOf(['/basic/acme/deb/./x.deb', '/basic/acme/deb/.//./x.deb', '/basic/acme/deb/%2e/x.deb']),
    ).toEqual(['x.deb'])
  })
})
