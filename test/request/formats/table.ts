import { expect, test } from 'vitest'
import type { Format } from '../../../src/policy/types.ts'
import { recognizers } from '../../../src/request/formats/formats.ts'

/** A path below the repository and what it is: `kind name version arch`, `-` for what can't be told. */
type Row = readonly [path: string, meaning: string]

/** What the recognizer of `format` says of `path`, as it stands in a table. */
export function meaning(format: Format, path: string): string {
  const { kind, name, version, arch } = recognizers[format](path)
  const words = [kind, name ?? '-', version ?? '-', arch ?? '-']
  while (words.at(-1) === '-') words.pop()
  return words.join(' ')
}

/** A test for each row of a table written as text: a line each, path and meaning apart by two spaces or more; `#` comments. */
export function testTable(format: Format, table: string): void {
  test.each(readTable(table))('%j is %j', (path, expected) => {
    expect(meaning(format, path)).toBe(expected)
  })
}

/** The rows of a table. */
function readTable(table: string): Row[] {
  const lines = table.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map(readRow)
}

function readRow(line: string): Row {
  const [path = '', expected = '', more] = line.split(/ {2,}/)
  if (expected === '' || more !== undefined) throw new Error(`Not a row: ${line}`)
  return [path, expected]
}
