import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderFieldsDocument } from './fields-document.ts'

test('docs/fields.md is the one that the schemas give (npm run docs writes it anew)', () => {
  const document = readFileSync(new URL('../../docs/fields.md', import.meta.url), 'utf8')
  expect(document).toBe(renderFieldsDocument())
})

test('docs/fields.md says a type and a meaning of every field', () => {
  const cells = renderFieldsDocument()
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  const incomplete = cells.filter((row) => row[2] === '' || row.at(-2) === '')
  expect(incomplete).toEqual([])
})
