import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseQuery, type Query } from '../../../src/policy/query/parse.ts'
import type { QueryProblem } from '../../../src/policy/query/tokens.ts'
import { printQuery } from './print.ts'

type Plain = string | readonly unknown[]

/** A query without its positions: `['and', 'name:a', ['not', 'b']]`. */
function plain(query: Query | QueryProblem): Plain {
  if ('problem' in query) return `${query.position}: ${query.problem}`
  if (query.kind === 'word') return query.field === undefined ? query.value : `${query.field}:${query.value}`
  return [query.kind, ...(query.kind === 'not' ? [query.part] : query.parts).map(plain)]
}

const parse = (text: string): Plain => plain(parseQuery(text))

describe('a query', () => {
  test.each<[string, Plain]>([
    ['a', 'a'],
    ['name:a', 'name:a'],
    ['  name:a\t\n', 'name:a'],
    ['a AND b', ['and', 'a', 'b']],
    ['a b', ['and', 'a', 'b']],
    ['a b AND c d', ['and', 'a', 'b', 'c', 'd']],
    ['a OR b OR c', ['or', 'a', 'b', 'c']],
    ['a OR b AND c', ['or', 'a', ['and', 'b', 'c']]],
    ['a b OR c d', ['or', ['and', 'a', 'b'], ['and', 'c', 'd']]],
    ['(a OR b) c', ['and', ['or', 'a', 'b'], 'c']],
    ['(a OR b)(c OR d)', ['and', ['or', 'a', 'b'], ['or', 'c', 'd']]],
    ['a(b)', ['and', 'a', 'b']],
    ['((a))', 'a'],
    ['NOT a', ['not', 'a']],
    ['NOT NOT a', ['not', ['not', 'a']]],
    ['NOT a b', ['and', ['not', 'a'], 'b']],
    ['NOT(a b)', ['not', ['and', 'a', 'b']]],
    ['a NOT b', ['and', 'a', ['not', 'b']]],
    ['a AND NOT b OR c', ['or', ['and', 'a', ['not', 'b']], 'c']],
    ['name:a:b', 'name:a:b'],
    ['name:', 'name:'],
    ['@acme/widget', '@acme/widget'],
    ['ANDY ORNOT', ['and', 'ANDY', 'ORNOT']],
  ])('%s', (text, expected) => {
    expect(parse(text)).toEqual(expected)
  })

  test('takes what is in quotes as it stands', () => {
    expect(parse(`name:'a b'`)).toBe('name:a b')
    expect(parse(`name:"it's (a) \tfile: [1]|2"`)).toBe("name:it's (a) \tfile: [1]|2")
    expect(parse(`name:>='1.0'x"y"`)).toBe('name:>=1.0xy')
    expect(parse(`'AND' "or"`)).toEqual(['and', 'AND', 'or'])
    expect(parse(`'name:a'`)).toBe('name:a')
    expect(parse(`name:''`)).toBe('name:')
  })

  test.each<[string, number, string]>([
    ['', 0, 'a term is missing'],
    ['  ', 2, 'a term is missing'],
    ['AND', 0, 'a term is missing'],
    ['a AND', 5, 'a term is missing'],
    ['a OR OR b', 5, 'a term is missing'],
    ['a AND AND b', 6, 'a term is missing'],
    ['OR a', 0, 'a term is missing'],
    ['a OR NOT', 8, 'a term is missing'],
    ['()', 1, 'a term is missing'],
    ['(a', 0, 'this parenthesis is not closed'],
    ['a (b (c)', 2, 'this parenthesis is not closed'],
    ['a)', 1, 'no parenthesis is open here'],
    ['(a))', 3, 'no parenthesis is open here'],
    ['a "b', 2, 'this quote is not closed'],
    ["it's", 2, 'this quote is not closed'],
    ['name:a or name:b', 7, 'write OR in capitals'],
    ['a And b', 2, 'write AND in capitals'],
    ['not a', 0, 'write NOT in capitals'],
    ['a || b', 2, '"|" has no meaning'],
    ['a && b', 2, '"&" has no meaning'],
    ['name:a,b', 6, '"," has no meaning'],
    ['!a', 0, '"!" has no meaning'],
    ['name:!a', 5, '"!" has no meaning'],
    ["'x'name:!a", 8, '"!" has no meaning'],
    ['fo?', 2, '"?" has no meaning'],
    ['version:[1 TO 2]', 8, '"[" has no meaning'],
    ['version:{1', 8, '"{" has no meaning'],
    ['-name:a', 0, 'write NOT'],
    ['a -b', 2, 'write NOT'],
    [String.raw`name:a\*`, 6, 'a backslash'],
    ['name:‘a’', 5, 'straight quotes'],
    ['name:“a”', 5, 'straight quotes'],
    ['name:\u200Ba', 5, 'an invisible character'],
    ['name:a\u0000', 6, 'an invisible character'],
    ['name:\uD800', 5, 'an invisible character'],
    ['a'.repeat(1025), 1024, 'at most 1024 characters'],
  ])('%j is refused at %i: %s', (text, position, problem) => {
    expect(parseQuery(text)).toMatchObject({ position, problem: expect.stringContaining(problem) })
  })

  test('is nested at most 50 deep', () => {
    const nested = (levels: number): string => `${'('.repeat(levels)}a${')'.repeat(levels)}`
    expect(parse(nested(50))).toBe('a')
    expect(parse(nested(51))).toBe('51: at most 50 levels of nesting are allowed')
    expect(parse(nested(511))).toMatch(/at most 50 levels/)
    expect(parse(`${'NOT '.repeat(51)}a`)).toBe('204: at most 50 levels of nesting are allowed')
    expect(parse('(a)'.repeat(300))).toHaveLength(301)
  })
})

describe('any text', () => {
  const pieces = `(|)|AND |OR | NOT | |:|~|^|$|*|"|'|=|<|>|a|name|1`.split('|')
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...pieces), maxLength: 1100 }),
    fc.string({ unit: 'binary' }),
  )

  test('is read, or refused at a place in it', () => {
    const property = fc.property(text, (given) => {
      const query = parseQuery(given)
      const position = 'problem' in query ? query.position : 0
      expect(position).toBeGreaterThanOrEqual(0)
      expect(position).toBeLessThanOrEqual(given.length)
    })
    fc.assert(property, { numRuns: 2000 })
  })

  test('that can be read, can be printed and read again to the same', () => {
    const property = fc.property(text, (given) => {
      const query = parseQuery(given)
      fc.pre(!('problem' in query))
      const printed = printQuery(query)
      fc.pre(printed.length <= 1024)
      expect(parse(printed)).toEqual(plain(query))
    })
    fc.assert(property, { numRuns: 2000 })
  })
})
