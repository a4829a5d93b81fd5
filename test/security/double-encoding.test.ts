import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseTarget } from '../../src/request/target.ts'
import { RULES } from '../request/read.ts'
import { before, below, unrefused, pathsOf } from './attack.ts'
import { hostileRequests } from './hostile-targets.ts'

/** `text` with every character escaped, `layers` times over. */
function escaped(text: string, layers: number): string {
  let result = text
  for (let layer = 0; layer < layers; layer++) {
    result = Array.from(result, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')
  }
  return result
}

describe('no separator comes through under several layers of escapes', () => {
  const layers = [2, 3, 4]
  test.each(
    ['/', '\\', '.', '..', '\u0000', 'a/b', '../'].flatMap((text) => layers.map((n) => [text, n] as const)),
  )('%j under %i', (text, count) => {
    expect(unrefused(below(escaped(text, count)))).toEqual([])
    expect(unrefused(before(escaped(text, count)))).toEqual([])
  })

  test.each([
    '%252e%252e',
    '%25252E',
    '%252F',
    '%255c',
    '%2500',
    '..%252f',
    '%25%32%66',
    '%2525%32%65',
    'a%252fb',
  ])('%s', (segment) => {
    expect(unrefused(below(segment))).toEqual([])
  })

  test('more layers than anybody needs', () => {
    expect(unrefused(below(`%${'25'.repeat(50)}41`))).toEqual([])
  })
})

describe('escapes that hide nothing are part of a name', () => {
  test.each([
    ['foo_2%253a1.0_all.deb', 'foo_2%3a1.0_all.deb'],
    ['100%25', '100%'],
    ['100%2525', '100%25'],
    ['%25zz', '%zz'],
  ])('%s is %s', (raw, path) => {
    expect(pathsOf([`/basic/acme/deb/${raw}`])).toEqual([path])
  })
})

/** What a storage makes of a path that decodes it once more, without complaint. */
function decodeAgain(path: string): string {
  return path.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

/** True when both have the same folders: no slash, dot segment, backslash or NUL came out. */
function hasSameShape(path: string, decoded: string): boolean {
  const segments = decoded.split('/')
  return (
    segments.length === path.split('/').length &&
    !segments.some((segment) => /^\.{1,2}$|[\\\0]/.test(segment))
  )
}

test('no storage that decodes a forwarded path again and again sees other folders in it', () => {
  let accepted = 0
  const property = fc.property(hostileRequests(), ({ target, host }) => {
    const read = parseTarget(target, host, RULES)
    if ('ok' in read) return
    accepted++
    let decoded = read.path
    for (let layer = 0; layer < 4; layer++) {
      decoded = decodeAgain(decoded)
      expect(hasSameShape(read.path, decoded)).toBe(true)
    }
  })
  fc.assert(property, { numRuns: 30_000 })
  expect(accepted).toBeGreaterThan(10_000)
})
