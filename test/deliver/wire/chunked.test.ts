import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createChunkedReader } from '../../../src/deliver/wire/chunked.ts'

interface Read {
  readonly content: string
  readonly end: 'more' | 'end' | 'malformed'
  /** Behind the body. */
  readonly rest: string
}

/** Reads `text` in pieces that end at `cuts`. */
function read(text: string, cuts: readonly number[] = []): Read {
  const reader = createChunkedReader()
  const bytes = Buffer.from(text, 'latin1')
  let content = ''
  const ends = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  )
  let at = 0
  for (const end of ends) {
    for (;;) {
      const event = reader.next(bytes, at, end)
      at = reader.place.at
      if (event === 'data') content += bytes.toString('latin1', reader.place.from, at)
      else if (event === 'more') break
      else return { content, end: event, rest: bytes.toString('latin1', at) }
    }
  }
  return { content, end: 'more', rest: '' }
}

const SIZES = fc.array(fc.nat({ max: 40 }), { maxLength: 8 })

test('gives the body of any chunks, however they are cut into pieces, and not a byte of what follows', () => {
  fc.assert(
    fc.property(SIZES, fc.array(fc.nat()), fc.boolean(), (sizes, cuts, isLong) => {
      const body = sizes.map((size, index) => String.fromCharCode(48 + index).repeat(size)).join('')
      const chunks = sizes
        .filter((size) => size > 0)
        .map((size, index) => {
          const extension = isLong ? ';name="va lue"' : ''
          return { line: `${size.toString(16)}${extension}\r\n`, index }
        })
      let at = 0
      const written = chunks.map(({ line, index }) => {
        const size = sizes.filter((each) => each > 0)[index] ?? 0
        at += size
        return `${line}${body.slice(at - size, at)}\r\n`
      })
      const text = `${written.join('')}0\r\n${isLong ? 'x-sum: 1\r\n' : ''}\r\n`
      expect(read(`${text}HTTP/1.1`, cuts)).toEqual({ content: body, end: 'end', rest: 'HTTP/1.1' })
    }),
  )
})

test('gives the same whatever comes, in one piece or in many', () => {
  const PART = fc.constantFrom(
    '\r\n',
    '\r',
    '\n',
    '0',
    '1',
    'a',
    'F',
    ';',
    'x: y',
    ' ',
    '\0',
    '\r\n\r\n',
    '1\r\nx\r\n',
  )
  fc.assert(
    fc.property(fc.array(PART), fc.array(fc.nat()), (parts, cuts) => {
      const text = parts.join('')
      const [whole, cut] = [read(text), read(text, cuts)]
      expect(cut.end).toBe(whole.end)
      expect(cut.content).toBe(whole.content)
    }),
    { numRuns: 2000 },
  )
})

const malformed = [
  '\r\n',
  'g\r\n',
  '-1\r\n',
  '+1\r\n',
  '0x1\r\nx\r\n',
  ' 1\r\nx\r\n',
  '1 \r\nx\r\n',
  '1\nx\r\n',
  '1\r\rx\r\n',
  '1\r\nxy\r\n',
  '1\r\nx\n',
  '1\r\nx\r\r',
  '1;a\nb\r\n',
  '1;a\rb\r\n',
  '1;\0\r\nx\r\n',
  `1;${'a'.repeat(5000)}\r\n`,
  'fffffffffffffff\r\n',
  '00000000000001\r\n',
  '0\r\nx: y\n\r\n',
  '0\r\nx\0: y\r\n\r\n',
  '0\r\n\rx',
  `0\r\n${'x: y\r\n'.repeat(10_000)}\r\n`,
]
test.each(malformed)('refuses %j', (text) => {
  expect(read(text).end).toBe('malformed')
})

test('counts in 52 bits without losing one', () => {
  const reader = createChunkedReader()
  const bytes = Buffer.from('fffffffffffff\r\nabc', 'latin1')
  expect(reader.next(bytes, 0, bytes.length)).toBe('data')
  expect(bytes.toString('latin1', reader.place.from, reader.place.at)).toBe('abc')
})

test('waits for the end of what is not whole', () => {
  for (const text of [
    '',
    '1',
    '1\r',
    '1\r\n',
    '1\r\nx',
    '1\r\nx\r',
    '1\r\nx\r\n',
    '0\r\n',
    '0\r\nx: y\r\n',
    '0\r\n\r',
  ]) {
    expect(read(text).end).toBe('more')
  }
})
