import { parse, type CsvErrorCode } from 'csv-parse/sync'

/** A row of a file, and the line on which it ends, from 1. */
export interface CsvRow {
  readonly line: number
  readonly cells: readonly string[]
}

export type Csv =
  | { readonly ok: true; readonly rows: readonly CsvRow[] }
  /** What is wrong, and on which line. Nothing of what stands there. */
  | { readonly ok: false; readonly line: number; readonly message: string }

const DELIMITERS = [',', ';', '\t'] as const

const MESSAGES: Readonly<Partial<Record<CsvErrorCode, string>>> = {
  CSV_QUOTE_NOT_CLOSED: 'A quote that opens here is never closed.',
  CSV_INVALID_CLOSING_QUOTE:
    'Something follows a closing quote; a quote inside of quotes is written twice ("").',
  INVALID_OPENING_QUOTE:
    'A quote stands inside of a cell; put the cell in quotes, and write the quote twice ("").',
}

/**
 * Reads CSV (RFC 4180): rows of any length, without empty lines, whatever the line breaks. Cells are parted by what parts the first line:
 * commas, or semicolons or tabs as spreadsheets write them in some countries. A row has at most `longest` characters.
 */
export function readCsv(text: string, longest: number): Csv {
  try {
    const rows = parse(text, {
      delimiter: delimiterOf(text),
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: longest,
    }) as unknown as readonly { readonly info: { readonly lines: number }; readonly record: string[] }[]
    return { ok: true, rows: rows.map(({ info, record }) => ({ line: info.lines, cells: record })) }
  } catch (error) {
    const { code, lines } = error as { readonly code?: CsvErrorCode; readonly lines?: number }
    if (code === undefined) throw error
    const message =
      code === 'CSV_MAX_RECORD_SIZE' ? `A row has more than ${longest} characters.` : MESSAGES[code]
    return { ok: false, line: lines ?? 0, message: message ?? 'This is no CSV.' }
  }
}

function delimiterOf(text: string): string {
  const [head = ''] = text.split(/[\r\n]/, 1)
  const count = (delimiter: string): number => head.split(delimiter).length
  return DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best))
}

/** What spreadsheets take for the beginning of a formula, also behind blanks and in the wide forms of East Asian fonts. */
const FORMULA = String.raw`(?:[\s\p{C}]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n])`
const GUARDED = new RegExp(`^'*${FORMULA}`, 'u')

type Cell = string | number | null

/** A line of CSV. null is an empty cell. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/**
 * RFC 4180, each text in quotes. A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV injection): much
 * of it is what customers chose.
 */
function csvCell(cell: Cell): string {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell)
  const harmless = GUARDED.test(cell) ? `'${cell}` : cell
  return `"${harmless.replaceAll('"', '""')}"`
}

/** The text of a cell as it was before `csvLine`. */
export function withoutGuard(cell: string): string {
  return cell.startsWith("'") && GUARDED.test(cell.slice(1)) ? cell.slice(1) : cell
}

/** A line of CSV with exactly these texts, to be read by a program. */
export function plainCsvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\r\n`
}
