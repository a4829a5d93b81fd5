import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderFacts, renderTable, type Column } from '../../src/cli/table.ts'
import { clean, shorten, widthOf, wrap } from '../../src/cli/text.ts'

interface Row {
  readonly name: string
  readonly id: string
  readonly note: string
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name, isFlexible: true },
  { title: 'ID', cell: ({ id }) => id },
  { title: 'NOTE', cell: ({ note }) => note, keep: 1 },
]
const cell = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => clean(text).trim())
const rows = fc.array(
  fc.record({ name: cell, id: fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 }), note: cell }),
)

test('no line is wider than the terminal, as long as what must stand has room', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 30, max: 120 }), (all, width) => {
      const lines = renderTable(all, COLUMNS, { width, more: '…' }).split('\n')
      expect(lines.filter((line) => widthOf(line) > width)).toEqual([])
      expect(lines).toHaveLength(all.length + 2)
    }),
  )
})

test('without a width every cell stands whole', () => {
  fc.assert(
    fc.property(rows, (all) => {
      const table = renderTable(all, COLUMNS, { more: '…' })
      for (const { name, id, note } of all) for (const text of [name, id, note]) expect(table).toContain(text)
    }),
  )
})

test('a cut text never takes more than its room', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 3, max: 40 }), (text, width) => {
      expect(widthOf(shorten(text, width, '...'))).toBeLessThanOrEqual(width)
    }),
  )
})

test('wrapping loses nothing but the spaces that became line breaks', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'ä', '日', ' ') }),
      fc.integer({ min: 1, max: 20 }),
      (text, width) => {
        expect(wrap(text, width).join(' ')).toBe(text)
      },
    ),
  )
})

test('wide characters count twice, marks not at all', () => {
  expect(['abc', '日本', 'e\u0301', '🙂', 'ｱ', ''].map(widthOf)).toEqual([3, 4, 1, 2, 1, 0])
})

test('a fact of several lines stays in its column', () => {
  expect(
    renderFacts([
      ['a', 'x'],
      ['long', 'y\nz'],
    ]),
  ).toBe('  a     x\n  long  y\n        z\n')
})
