import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeHeader,
  decodeLine,
  encodeHeader,
  encodeLine,
  type Entry,
} from '../../../src/store/journal/entry.ts'
import { readSegment, sumUp } from '../../../src/store/journal/segment.ts'
import { anyEntry, usageEntry } from './entries.ts'

const AT = 1_700_000_000_000

function textOf(turns: readonly (readonly Entry[])[]): string {
  return encodeHeader(AT) + turns.map(encodeLine).join('')
}

const entriesOf = (text: string): readonly Entry[] =>
  readSegment('w-1', text).batches.flatMap(({ entries }) => entries)

describe('a line', () => {
  test('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(anyEntry), (entries) => {
        const line = encodeLine(entries)
        expect(line.indexOf('\n')).toBe(line.length - 1)
        expect(decodeLine(line.slice(0, -1))).toEqual(entries)
      }),
    )
  })

  test('is nothing when a character of it is another one', () => {
    fc.assert(
      fc.property(
        fc.array(anyEntry),
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1 }),
        (entries, at, other) => {
          const line = encodeLine(entries).slice(0, -1)
          const index = at % line.length
          fc.pre(line[index] !== other)
          expect(decodeLine(line.slice(0, index) + other + line.slice(index + 1))).toBeUndefined()
        },
      ),
    )
  })

  test.each(['', 'x', '00000000 []', '0 1', '[]'])('of others (%j) is nothing', (line) => {
    expect(decodeLine(line)).toBeUndefined()
    expect(decodeHeader(line)).toBeUndefined()
  })
})

describe('a file', () => {
  test('cut off anywhere gives what is whole before the cut, and says that it is torn', () => {
    const turns = fc.array(fc.array(anyEntry, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(turns, fc.nat(), (all, cut) => {
        const text = textOf(all)
        const length = cut % text.length
        const left = text.slice(0, length)
        const whole = Math.max(0, left.split('\n').length - 2)
        expect(entriesOf(left)).toEqual(all.slice(0, whole).flat())
        const isAtEnd = left === '' || left.endsWith('\n')
        expect(readSegment('w-1', left).state).toBe(isAtEnd ? 'whole' : 'torn')
      }),
    )
  })

  test('whose last line is whole in length only is torn', () => {
    const text = textOf([[usageEntry('a')], [usageEntry('b')]])
    const zeroes = `${text.slice(0, -30)}${'\0'.repeat(29)}\n`
    expect(readSegment('w-1', zeroes)).toMatchObject({ state: 'torn', entries: 1 })
  })

  test('that is damaged in the middle gives the rest, and says so', () => {
    const lines = textOf([[usageEntry('a')], [usageEntry('b')], [usageEntry('c')]]).split('\n')
    lines[2] = (lines[2] ?? '').replace('"b"', '"x"')
    expect(readSegment('w-1', lines.join('\n'))).toMatchObject({ state: 'damaged', entries: 2 })
  })

  test('without a first line of ours is not read', () => {
    const text = encodeLine([usageEntry('a')])
    expect(readSegment('w-1', text)).toMatchObject({ state: 'unreadable', entries: 0, batches: [] })
    expect(readSegment('w-1', '')).toMatchObject({ state: 'whole', entries: 0 })
  })

  test('is always cut into the same batches, of about 32 KiB, each with a name of its own', () => {
    const turns = Array.from({ length: 900 }, (_, index) => [usageEntry(`token-${index}`)])
    const { batches } = readSegment('w-000001', textOf(turns))
    expect(batches.length).toBeGreaterThan(1)
    expect(batches.map(({ batch }) => batch)).toEqual(
      batches.map((_, index) => ({ id: `w-000001.${index}`, at: AT })),
    )
    const longest = Math.max(...batches.map(({ entries }) => encodeLine(entries).length))
    expect(longest).toBeLessThan(36_000)
    expect(readSegment('w-000001', textOf([...turns, [usageEntry('more')]])).batches[0]).toEqual(batches[0])
  })
})

describe('traffic', () => {
  test('of one token, period and second is added up', () => {
    const all = sumUp([
      usageEntry('a', { lastUsedAt: 5_100 }),
      usageEntry('b', { lastUsedAt: 5_100 }),
      usageEntry('a', { lastUsedAt: 5_900, bytes: 1, clients: new Map([['192.0.2.2', 1]]) }),
      usageEntry('a', { lastUsedAt: 5_500, downloads: -1, bytes: 0, clients: new Map([['192.0.2.1', -1]]) }),
      usageEntry('a', { lastUsedAt: 6_000 }),
      usageEntry('a', { lastUsedAt: 5_100, periodStart: 7 }),
    ])
    expect(
      all.map(({ token, lastUsedAt, downloads, bytes }) => [token, lastUsedAt, downloads, bytes]),
    ).toEqual([
      ['a', 5_900, 1, 11],
      ['b', 5_100, 1, 10],
      ['a', 6_000, 1, 10],
      ['a', 5_100, 1, 10],
    ])
    expect(all[0]?.clients).toEqual(
      new Map([
        ['192.0.2.1', 0],
        ['192.0.2.2', 1],
      ]),
    )
  })
})
