import { readFileSync } from 'node:fs'
import { plainCsvLine, readCsv } from '../../text/csv.ts'
import { decodeText } from '../../text/decode.ts'
import { refused, unusable } from '../errors.ts'
import { isObject } from '../json-fields.ts'
import { clean } from '../text.ts'

export const ROW_FORMATS = ['csv', 'json', 'jsonl'] as const
type RowFormat = (typeof ROW_FORMATS)[number]

/** A row as it is sent on. */
export interface FileRow {
  readonly text: string
  /** By name; undefined: it can't be told. */
  readonly field: (name: string) => unknown
}

/** A file of rows, to be sent in parts of any size. */
export interface RowFile {
  readonly type: string
  /** Stands before the rows of each part. */
  readonly head: string
  readonly rows: readonly FileRow[]
}

/** Characters. The API takes no longer ones. */
export const LONGEST_ROW: number = 100 * 1024

/** What a file says. @throws CliError when it can't be read. */
export function readText(file: string): string {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw unusable(`${clean(file)} can't be read (${code}).`, error)
  }
  const decoded = decodeText(bytes)
  if (!decoded.ok) throw refused(`${clean(file)}: ${decoded.message}`)
  return decoded.text
}

/** The rows of a file, by `format` or else the end of its name. @throws CliError when it can't be read. */
export function readRowFile(file: string, format: RowFormat | undefined): RowFile {
  const read = READERS[format ?? formatOf(file)]
  const result = read(readText(file), clean(file))
  if (result.rows.length === 0) throw refused(`${clean(file)} has no rows.`)
  return result
}

function formatOf(file: string): RowFormat {
  const ending = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase()
  const format = ROW_FORMATS.find((each) => each === (ending === 'ndjson' ? 'jsonl' : ending))
  if (format === undefined) {
    throw unusable(`The name ${clean(file)} does not tell what is in it; give --format csv, json or jsonl.`)
  }
  return format
}

const READERS: Readonly<Record<RowFormat, (text: string, file: string) => RowFile>> = {
  csv: (text, file) => {
    const read = readCsv(text, LONGEST_ROW)
    if (!read.ok) throw refused(`${file}, line ${read.line}: ${read.message}`)
    const [head, ...rows] = read.rows
    const names = head?.cells.map((cell) => cell.trim().toLowerCase()) ?? []
    return {
      type: 'text/csv',
      head: plainCsvLine(names),
      rows: rows.map(({ cells }) => ({
        text: plainCsvLine(cells),
        field: (name) => cells[names.indexOf(name)] || undefined,
      })),
    }
  },
  json: (text, file) => jsonRows(readList(text, file)),
  jsonl: (text, file) => {
    const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }))
    const full = lines.filter(({ line }) => line !== '')
    return jsonRows(
      full.map(({ line, number }) => {
        const value = parseJson(line)
        if (value === undefined) throw refused(`${file}, line ${number}: This is no valid JSON.`)
        return value
      }),
    )
  },
}

function jsonRows(values: readonly unknown[]): RowFile {
  const rows = values.map((value) => ({
    text: `${JSON.stringify(value)}\n`,
    field: (name: string) => (isObject(value) ? value[name] : undefined) ?? undefined,
  }))
  return { type: 'application/x-ndjson', head: '', rows }
}

/** A list, or one below `data`, as Cloudsmith's command line prints it. */
function readList(text: string, file: string): readonly unknown[] {
  const value = parseJson(text)
  if (value === undefined) throw refused(`${file} is no valid JSON.`)
  const list = isObject(value) ? value['data'] : value
  if (!Array.isArray(list)) throw refused(`${file} has no list of objects in it.`)
  return list
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
