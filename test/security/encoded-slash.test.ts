import { describe, expect, test } from 'vitest'
import { before, below, unrefused, pathsOf } from './attack.ts'

describe('an encoded slash or backslash joins no segments', () => {
  test.each(['%2f', '%2F', 'a%2fb', 'a%2F', '%2fa', '%5c', '%5C', 'a%5cb', '..%2f..', '..%5c', '\\', 'a\\b'])(
    '%s',
    (segment) => {
      expect(unrefused(below(segment))).toEqual([])
      expect(unrefused(before(segment))).toEqual([])
    },
  )
})

describe('the one in a scoped name', () => {
  test.each(['@acme%2fwidget', '@acme%2Fwidget', '%40acme%2fwidget', '@acme/widget'])(
    '%s is read',
    (name) => {
      expect(pathsOf([`/basic/acme/npm/${name}`, `/ptkExample01/acme/npm/${name}`])).toEqual(['@acme/widget'])
    },
  )

  test.each([
    '@acme%2f..%2fwidget',
    '@acme%2f..',
    '@acme%2f%2e%2e',
    '@acme%2f.',
    '@acme%2f',
    '@acme%2f%2f',
    '@acme%2fa%2fb',
    '@acme%5cwidget',
    '@acme%252fwidget',
    '@acme%2fwidget%2f-%2fwidget-1.0.0.tgz',
    '@acme%2fwid%00get',
    '@%2f..%2f..',
  ])('does not serve as %s', (segment) => {
    expect(unrefused(below(segment))).toEqual([])
  })

  test('is none before the path', () => {
    expect(unrefused(before('@acme%2fwidget'))).toEqual([])
  })

  test('is none in other formats', () => {
    expect(unrefused(['/basic/acme/deb/@acme%2fwidget', '/basic/acme/raw/@acme%2fwidget'])).toEqual([])
  })
})
