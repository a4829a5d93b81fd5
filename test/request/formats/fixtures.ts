import { readFileSync } from 'node:fs'
import type { Format } from '../../../src/policy/types.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'

/** A path below the repository and what it is: `kind name version arch`, `-` for what can't be told. */
export interface FixtureRow {
  readonly path: string
  readonly meaning: string
}

/**
 * The rows of `fixtures/FORMAT.txt`: a line each, path and meaning apart by two spaces or more; `#` begins a comment. A path in double
 * quotes is a JSON string.
 */
export function readFixture(format: Format): FixtureRow[] {
  const text = readFileSync(new URL(`fixtures/${format}.txt`, import.meta.url), 'utf8')
  const lines = text.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map(readRow)
}

function readRow(line: string): FixtureRow {
  const [, written = '', meaning = ''] = /^("(?:[^"\\]|\\.)*"|\S.*?) {2,}(\S+(?: \S+)*)$/.exec(line) ?? []
  if (meaning === '') throw new Error(`Not a row: ${line}`)
  return { path: written.startsWith('"') ? String(JSON.parse(written)) : written, meaning }
}

/** What the recognizer of `format` says of `path`, as it stands in a fixture. */
export function meaningOf(format: Format, path: string): string {
  const { kind, name, version, arch } = FORMAT_RULES[format].recognize(path)
  const words = [kind, name ?? '-', version ?? '-', arch ?? '-']
  while (words.at(-1) === '-') words.pop()
  return words.join(' ')
}
