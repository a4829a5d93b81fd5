import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvLine, plainCsvLine, readCsv, withoutGuard } from '../../src/text/csv.ts'

const LONGEST = 10_000

/** Text as it comes: with what CSV and spreadsheets mind. */
const cell = fc
  .array(
    fc.constantFrom('"', ',', ';', '\t', '\n', '\r\n', "'", '=', '+', '-', '@', ' ', 'a', 'ä', '＝', '1'),
  )
  .map((parts) => parts.join(''))
const table = fc
  .integer({ min: 2, max: 5 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 8 }))

function cellsOf(text: string): readonly (readonly string[])[] {
  const read = readCsv(text, LONGEST)
  if (!read.ok) throw new Error(read.message)
  return read.rows.map(({ cells }) => cells)
}

describe('what is written is read again', () => {
  test('as it was, guards taken away', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const head = ['first', ...(rows[0] ?? []).slice(1).map(() => 'next')]
        const text = [head, ...rows].map(csvLine).join('')
        expect(cellsOf(text).map((cells) => cells.map(withoutGuard))).toEqual([head, ...rows])
      }),
    )
  })

  test('exactly, by programs', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const text = [['a', 'b'], ...rows].map(plainCsvLine).join('')
        expect(cellsOf(text)).toEqual([['a', 'b'], ...rows])
      }),
    )
  })

  test('and none of it begins like a formula', () => {
    fc.assert(
      fc.property(cell, (text) => {
        expect(csvLine([text])).not.toMatch(/^"\s*[=+\-@＝]/u)
      }),
    )
  })
})

test('any text at all is read or refused, with a line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const read = readCsv(text, 50)
      const lines = text.split(/\r\n|[\r\n]/).length
      expect(read.ok || (read.line >= 1 && read.line <= lines && read.message !== '')).toBe(true)
    }),
  )
})
