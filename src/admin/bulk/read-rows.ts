import { readCsv, type CsvRow } from '../../text/csv.ts'
import { decodeText } from '../../text/decode.ts'
import { nearest } from '../../text/near.ts'
import type { Answer } from '../answer.ts'
import { isObject, type Upload } from '../body.ts'
import { invalid, malformed, unsupportedMediaType, type FieldErrors } from '../errors.ts'
import { READ_ONLY_FIELDS } from '../token-output.ts'
import { COLUMNS, readCell } from './cells.ts'

/** What a row of a file says, by field; or what is wrong about it. */
export interface Row {
  /** From 1, without the header of CSV. */
  readonly row: number
  /** On which line it ends, from 1, where it has one. */
  readonly line: number | null
  readonly fields: Readonly<Record<string, unknown>>
  readonly errors: FieldErrors
}

type Rows =
  | { readonly ok: true; readonly rows: readonly Row[] }
  | { readonly ok: false; readonly answer: Answer }

/** Rows of a request. In CSV an empty line is none, in JSON lines neither. */
export const MOST_ROWS = 5_000
/** Characters, as many as a request about one token may have bytes. */
const LONGEST_ROW = 100 * 1024
const MOST_UNKNOWN = 20
const LONGEST_NAME = 64

const NO_ERRORS: FieldErrors = new Map()
const NO_HEAD = 'The first line has to name the columns, such as name,token,limit_num_downloads.'
const ACCEPTED = 'rows as application/json (a list), application/x-ndjson (JSON lines) or text/csv, in UTF-8'

const READERS: ReadonlyMap<string, (text: string) => Rows> = new Map([
  ['application/json', readJson],
  ['application/x-ndjson', readLines],
  ['application/jsonl', readLines],
  ['text/csv', readTable],
])

/** The rows of an upload, or the answer to one that has none that could be read. No answer repeats what stands there. */
export function readRows({ bytes, type }: Upload): Rows {
  const read = READERS.get(type)
  if (read === undefined) return { ok: false, answer: unsupportedMediaType(ACCEPTED) }
  const decoded = decodeText(bytes)
  if (!decoded.ok) return unreadable(decoded.message)
  const result = read(decoded.text)
  if (!result.ok) return result
  const { length } = result.rows
  if (length === 0) return unreadable('There are no rows.')
  if (length > MOST_ROWS) {
    return unreadable(`There are ${length} rows; a request may have ${MOST_ROWS}. Send them in parts.`)
  }
  return result
}

function unreadable(message: string): Rows {
  return { ok: false, answer: malformed(message) }
}

function readJson(text: string): Rows {
  const value = parse(text)
  if (value === undefined) return unreadable('The body is no valid JSON.')
  if (!Array.isArray(value)) return unreadable('The body is no JSON list of objects.')
  return { ok: true, rows: value.map((each: unknown, index) => toRow(index + 1, null, each)) }
}

function readLines(text: string): Rows {
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }))
  const long = lines.find(({ line }) => line.length > LONGEST_ROW)
  if (long !== undefined) return unreadable(tooLong(long.number))
  const full = lines.filter(({ line }) => line !== '')
  return { ok: true, rows: full.map(({ line, number }, index) => toRow(index + 1, number, parse(line))) }
}

function tooLong(line: number): string {
  return `Line ${line}: A row has more than ${LONGEST_ROW} characters.`
}

function toRow(row: number, line: number | null, value: unknown): Row {
  if (isObject(value)) return { row, line, fields: value, errors: NO_ERRORS }
  const message = value === undefined ? 'This is no valid JSON.' : 'This is no JSON object.'
  return { row, line, fields: {}, errors: new Map([['non_field_errors', [message]]]) }
}

function readTable(text: string): Rows {
  const read = readCsv(text, LONGEST_ROW)
  if (!read.ok) return unreadable(`Line ${read.line}: ${read.message}`)
  const [head, ...rows] = read.rows
  if (head === undefined) return unreadable('There are no rows.')
  const names = head.cells.map((cell) => cell.trim().toLowerCase())
  const errors = headErrors(names)
  if (errors.size > 0) return { ok: false, answer: invalid(errors) }
  return { ok: true, rows: rows.map((row, index) => toTableRow(index + 1, row, names)) }
}

/** A column that is not understood makes all rows of it mean something else. */
function headErrors(names: readonly string[]): FieldErrors {
  // Then it is probably a row: what stands there may be secret.
  if (!names.some((name) => COLUMNS.has(name))) return new Map([['non_field_errors', [NO_HEAD]]])
  const errors = new Map<string, readonly string[]>()
  for (const [index, name] of names.entries()) {
    if (errors.size === MOST_UNKNOWN) break
    const shown = name === '' ? `column ${index + 1}` : name.slice(0, LONGEST_NAME)
    if (!COLUMNS.has(name)) errors.set(shown, [explainColumn(name)])
    else if (names.indexOf(name) < index) errors.set(shown, ['There are two columns of this name.'])
  }
  return errors
}

function explainColumn(name: string): string {
  if (name === '') return 'This column has no name.'
  if (READ_ONLY_FIELDS.has(name)) return 'This field is read-only; leave the column out.'
  const near = nearest(name, COLUMNS.keys())
  return near === undefined ? 'There is no such field.' : `There is no such field; did you mean ${near}?`
}

function toTableRow(row: number, { line, cells }: CsvRow, names: readonly string[]): Row {
  if (cells.length !== names.length) {
    const message = `There are ${cells.length} cells, and ${names.length} columns.`
    return { row, line, fields: {}, errors: new Map([['non_field_errors', [message]]]) }
  }
  const read = names.flatMap((name, index) => {
    const value = readCell(COLUMNS.get(name) ?? 'text', cells[index] ?? '')
    return value === undefined ? [] : [[name, value] as const]
  })
  return { row, line, fields: Object.fromEntries(read), errors: NO_ERRORS }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
