import type { ApiClient } from '../api-client.ts'
import type { Home } from '../command-options.ts'
import { CliError } from '../errors.ts'
import { listPath, noSuchHome } from '../find-token.ts'
import { isObject, readFields, readList, unexpected } from '../json-fields.ts'
import { clean } from '../text.ts'
import { counted } from '../../text/counted.ts'
import type { Progress } from './progress.ts'
import { LONGEST_ROW, type FileRow, type RowFile } from './row-file.ts'

const RESULTS = ['created', 'changed', 'unchanged', 'deleted', 'failed'] as const
export type RowResult = (typeof RESULTS)[number]

/** What became of a row. Text is fit for a terminal. */
export interface RowOutcome {
  /** In the file, from 1. */
  readonly row: number
  readonly result: RowResult
  readonly name: string | null
  readonly slugPerm: string | null
  /** null unless it was asked for. */
  readonly secret: string | null
  readonly changes: readonly string[]
  /** `field: message`. */
  readonly mistakes: readonly string[]
  /** As the API said it, with the row's number in the file. */
  readonly raw: Readonly<Record<string, unknown>>
}

export interface PartsOptions {
  readonly api: ApiClient
  readonly repository: Home
  readonly query: Readonly<Record<string, string | boolean>>
  readonly progress: Progress
  /** Rows of a request. */
  readonly most: number
}

/** Characters of a request. */
const MOST_CHARACTERS = 2_000_000

interface NumberedRow extends FileRow {
  /** In the file, from 1. */
  readonly number: number
}

/** Sends the rows of a file, part after part; those that are too long fail without being sent. @throws CliError that says how far it came. */
export async function sendInParts(
  { head, rows, type }: RowFile,
  { api, repository, query, progress, most }: PartsOptions,
): Promise<readonly RowOutcome[]> {
  const numbered = rows.map((row, index): NumberedRow => ({ ...row, number: index + 1 }))
  const [long = [], fitting = []] = [true, false].map((isLong) =>
    numbered.filter(({ text: each }) => each.trimEnd().length > LONGEST_ROW === isLong),
  )
  const all = long.map(tooLong)
  for (const part of partsOf(fitting, most)) {
    const text = head + part.map((row) => row.text).join('')
    const request = {
      method: 'POST',
      path: [...listPath(repository), 'bulk'],
      query,
      upload: { type, text },
      notFound: noSuchHome(repository),
    } as const
    const { body } = await api(request).catch((error: unknown) => {
      progress.end()
      throw stoppedAt(error, all.length - long.length, fitting.length)
    })
    all.push(...readOutcomes(body, part))
    progress.show(all.length)
  }
  return all.toSorted((one, other) => one.row - other.row)
}

function tooLong({ number }: NumberedRow): RowOutcome {
  const message = `This row has more than ${LONGEST_ROW} characters.`
  return {
    row: number,
    result: 'failed',
    name: null,
    slugPerm: null,
    secret: null,
    changes: [],
    mistakes: [message],
    raw: { row: number, result: 'failed', fields: { non_field_errors: [message] } },
  }
}

function* partsOf(rows: readonly NumberedRow[], most: number): Generator<readonly NumberedRow[]> {
  let part: NumberedRow[] = []
  let size = 0
  for (const row of rows) {
    if (part.length === most || (part.length > 0 && size + row.text.length > MOST_CHARACTERS)) {
      yield part
      ;[part, size] = [[], 0]
    }
    part.push(row)
    size += row.text.length
  }
  if (part.length > 0) yield part
}

function stoppedAt(error: unknown, done: number, count: number): unknown {
  if (!(error instanceof CliError) || done === 0) return error
  const message = `${error.message}\nIt stopped after ${done} of ${counted(count, 'row')}. The same command goes on from there.`
  return new CliError(message, error.exitCode, { cause: error })
}

function readOutcomes(body: unknown, part: readonly NumberedRow[]): RowOutcome[] {
  if (!isObject(body)) throw unexpected()
  return readList(body['rows']).map((value) => {
    const { text, number, texts, raw } = readFields(value)
    const result = RESULTS.find((each) => each === text('result'))
    const row = part[(number('row') ?? 0) - 1]?.number
    if (result === undefined || row === undefined || !isObject(value)) throw unexpected()
    return {
      row,
      result,
      name: text('name'),
      slugPerm: text('slug_perm'),
      secret: text('token'),
      changes: texts('changes') ?? [],
      mistakes: readMistakes(raw('fields')),
      raw: { ...value, row },
    }
  })
}

function readMistakes(fields: unknown): string[] {
  if (!isObject(fields)) return []
  const { texts } = readFields(fields)
  return Object.keys(fields).flatMap((name) =>
    (texts(name) ?? []).map((message) =>
      name === 'non_field_errors' ? message : `${clean(name)}: ${message}`,
    ),
  )
}
