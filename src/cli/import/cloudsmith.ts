import { readCsv } from '../../text/csv.ts'
import { refused } from '../errors.ts'
import { isObject } from '../json-fields.ts'
import { parseJson } from '../bulk/row-file.ts'
import { createLosses, sortOut, type Findings, type FoundToken } from './findings.ts'

type Fields = Readonly<Record<string, unknown>>

const LONGEST_ROW = 100 * 1024

/** Fields that mean the same here; those behind metadata are Postern's own, which another Postern says in the same form. */
export const CARRIED: readonly string[] = [
  'is_active',
  'limit_date_range_from',
  'limit_date_range_to',
  'limit_num_downloads',
  'limit_num_clients',
  'limit_bandwidth',
  'limit_bandwidth_unit',
  'limit_package_query',
  'limit_path_query',
  'scheduled_reset_period',
  'scheduled_reset_at',
  'metadata',
  'clients_window',
  'limit_rate',
  'limit_concurrency',
  'limit_networks',
  'limit_published_until',
  'starts_on_first_download',
  'eula_required',
  'limit_packages',
  'repositories',
]

/** What stays behind, and how it shows that a token has it. */
const LEFT: readonly (readonly [what: string, has: (fields: Fields) => boolean])[] = [
  [
    'counters: what was used begins at zero',
    (token) => ['downloads', 'clients', 'bandwidth'].some((name) => Number(token[name] ?? 0) > 0),
  ],
  [
    'acceptance of a EULA: customers are asked again, where the repository here has one',
    (token) => token['eula_required'] === true,
  ],
  ['access to private broadcasts: Postern has none', (token) => token['access_private_broadcasts'] === true],
  ['mark as the default token: it is one like others', (token) => token['default'] === true],
  ['user that the token belongs to', (token) => typeof token['user'] === 'string' && token['user'] !== ''],
]

const MASKED = 'secret that the file hides: export with --show-tokens (the CLI) or show_tokens=true (the API)'

/** Reads Cloudsmith's entitlement tokens: a list as its API gives it, one below "data" as its command line prints it, or CSV. */
export function readCloudsmith(text: string, file: string): Findings {
  const isCsv = /\.csv$/i.test(file)
  const values = isCsv ? readTable(text) : readList(text)
  const losses = createLosses()
  const found = values.map((value, index): FoundToken => {
    if (!isObject(value)) throw refused(`Entry ${index + 1} of the list is no token.`)
    const name = typeof value['name'] === 'string' ? value['name'].trim() : ''
    const row = { name: name === '' ? `Cloudsmith ${String(value['slug_perm'] ?? index + 1)}` : name }
    for (const [what, has] of LEFT) if (has(value)) losses.add(what, row.name)
    const { token } = value
    const isHidden = typeof token !== 'string' || token === '' || token.includes('*')
    const carried = CARRIED.flatMap((field) => (isGiven(value[field]) ? [[field, value[field]]] : []))
    return { row: { ...row, ...Object.fromEntries(carried) }, secret: isHidden ? { lost: MASKED } : token }
  })
  return sortOut(found, losses)
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

function readList(text: string): readonly unknown[] {
  const value = parseJson(text)
  const list = isObject(value) ? value['data'] : value
  if (Array.isArray(list)) return list
  throw refused(
    'This is no list of entitlement tokens. Make one: cloudsmith entitlements list OWNER/REPO --show-tokens -F json',
  )
}

/** Titles may be the fields' names with spaces and capitals. */
function readTable(text: string): readonly Fields[] {
  const read = readCsv(text, LONGEST_ROW)
  if (!read.ok) throw refused(`Line ${read.line}: ${read.message}`)
  const [head, ...rows] = read.rows
  const names =
    head?.cells.map((cell) =>
      cell
        .trim()
        .toLowerCase()
        .replaceAll(/[\s-]+/g, '_'),
    ) ?? []
  if (!names.includes('name') || !names.includes('token')) {
    throw refused('The first line has to name the columns, among them "name" and "token".')
  }
  return rows.map(({ line, cells }) => {
    if (cells.length !== names.length) {
      throw refused(`Line ${line}: There are ${cells.length} cells, and ${names.length} columns.`)
    }
    return Object.fromEntries(names.map((name, index) => [name, readCell(name, cells[index] ?? '')]))
  })
}

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['', null],
  ['null', null],
  ['none', null],
  ['true', true],
  ['false', false],
])
const TEXTS: ReadonlySet<string> = new Set([
  'name',
  'token',
  'user',
  'limit_package_query',
  'limit_path_query',
])
const LISTS: ReadonlySet<string> = new Set(['limit_networks', 'limit_packages', 'repositories', 'metadata'])

function readCell(name: string, cell: string): unknown {
  if (TEXTS.has(name)) return cell
  const word = cell.trim()
  if (WORDS.has(word.toLowerCase())) return WORDS.get(word.toLowerCase())
  if (LISTS.has(name)) return parseJson(word) ?? word
  return /^\d{1,16}(?:\.\d+)?$/.test(word) ? Number(word) : word
}
