import { describe, expect, test } from 'vitest'
import { before, below, unrefused, pathsOf } from './attack.ts'

describe('no segment carries parameters that a storage might cut off', () => {
  test.each([
    ';',
    ';x',
    'a;',
    'a;x=y',
    '..;',
    '..;x',
    '.;/..;',
    'x.deb;.asc',
    ';jsessionid=1',
    '%3b',
    'a%3Bx',
    '..%3b',
    'x.deb%3b.asc',
  ])('%s', (segment) => {
    expect(unrefused(below(segment))).toEqual([])
    expect(unrefused(before(segment))).toEqual([])
  })
})

test('a query may have semicolons', () => {
  expect(pathsOf(['/basic/acme/npm/x?a;b=c'])).toEqual(['x'])
})
