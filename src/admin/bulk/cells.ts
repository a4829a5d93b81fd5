import { withoutGuard } from '../../text/csv.ts'

/** What a cell of a column says. */
export type CellKind = 'text' | 'word' | 'list' | 'object'

/** Columns of a file of tokens, by Cloudsmith's names. `word`: a number, true or false, or an instant. */
export const COLUMNS: ReadonlyMap<string, CellKind> = new Map<string, CellKind>([
  ['action', 'word'],
  ['slug_perm', 'text'],
  ['name', 'text'],
  ['token', 'text'],
  ['is_active', 'word'],
  ['limit_date_range_from', 'word'],
  ['limit_date_range_to', 'word'],
  ['limit_num_downloads', 'word'],
  ['limit_num_clients', 'word'],
  ['clients_window', 'word'],
  ['limit_bandwidth', 'word'],
  ['limit_bandwidth_unit', 'word'],
  ['limit_rate', 'word'],
  ['limit_concurrency', 'word'],
  ['limit_networks', 'list'],
  ['limit_published_until', 'word'],
  ['starts_on_first_download', 'word'],
  ['scheduled_reset_period', 'word'],
  ['scheduled_reset_at', 'word'],
  ['limit_packages', 'list'],
  ['limit_package_query', 'text'],
  ['limit_path_query', 'text'],
  ['repositories', 'list'],
  ['metadata', 'object'],
  ['eula_required', 'word'],
  ['access_private_broadcasts', 'word'],
])

const NULL = 'null'
const QUOTED_NULL = /^"+null"+$/
const MAYBE_QUOTED_NULL = /^"*null"*$/
const NUMBER = /^\d{1,16}(?:\.\d{1,9})?$/
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
])

/** The value of a cell as JSON would have it; undefined: it is empty, and leaves the field as it is. What can't be read stays text. */
export function readCell(kind: CellKind, cell: string): unknown {
  const text = withoutGuard(cell)
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  if (trimmed === NULL) return null
  if (kind === 'text') return QUOTED_NULL.test(text) ? text.slice(1, -1) : text
  if (kind === 'object') return parse(trimmed) ?? trimmed
  if (kind === 'list') return readList(trimmed)
  if (NUMBER.test(trimmed)) return Number(trimmed)
  return WORDS.get(trimmed.toLowerCase()) ?? trimmed
}

/** A JSON list, or entries with semicolons or line breaks between them. A glob may begin with a bracket, too. */
function readList(text: string): unknown {
  const list = text.startsWith('[') ? parse(text) : undefined
  if (Array.isArray(list)) return list
  return text
    .split(/[;\r\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

/** A value as `readCell` reads it again. */
export function writeCell(kind: CellKind, value: unknown): string | number | null {
  if (value === undefined) return null
  if (kind === 'text' && typeof value === 'string')
    return MAYBE_QUOTED_NULL.test(value) ? `"${value}"` : value
  if (typeof value === 'string' || typeof value === 'number') return value
  return JSON.stringify(value)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
