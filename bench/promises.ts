import { GROUPS } from './cases.ts'
import type { Measurement } from './load/order.ts'
import { NAMES } from './peers/peer.ts'
import { findRow, isCutShort, summarize, type Row } from './summary.ts'
import { filledName } from './tokens/filled.ts'
import { renderTable } from './words.ts'

type Figure = 'requestsPerSecond' | 'bytesPerSecond' | 'totalCpuUs'

/** A ratio that the product promises. */
interface Promised {
  readonly of: string
  readonly to: string
  readonly figure: Figure
  /** The least ratio, for CPU the most. */
  readonly wanted: number
  readonly groups: readonly string[]
}

const FIGURES: Readonly<Record<Figure, string>> = {
  requestsPerSecond: 'requests/s',
  bytesPerSecond: 'bytes/s',
  totalCpuUs: 'CPU with helpers',
}

const { small, middle, large, fleet, tokens } = GROUPS
const WITHOUT_CACHE = [small, middle, fleet]

const PROMISED: readonly Promised[] = [
  requests(NAMES.redis, NAMES.lua, 1, WITHOUT_CACHE),
  { of: NAMES.redis, to: NAMES.lua, figure: 'totalCpuUs', wanted: 1.1, groups: WITHOUT_CACHE },
  requests(NAMES.redisCache, NAMES.luaCache, 1.8, WITHOUT_CACHE),
  requests(NAMES.redis, NAMES.httpProxy3, 1.5, WITHOUT_CACHE),
  requests(NAMES.redis, NAMES.naive, 8, WITHOUT_CACHE),
  { of: NAMES.redis, to: NAMES.nginx, figure: 'bytesPerSecond', wanted: 1, groups: [large] },
  requests(NAMES.edge, NAMES.luaFiles, 1, [small, large]),
  requests(NAMES.sqlite, NAMES.redis, 0.9, WITHOUT_CACHE),
  ...(['SQLite', 'Redis'] as const).map((kind) =>
    requests(filledName(kind, 1_000_000), filledName(kind, 1), 0.9, [tokens]),
  ),
]

function requests(of: string, to: string, wanted: number, groups: readonly string[]): Promised {
  return { of, to, figure: 'requestsPerSecond', wanted, groups }
}

const HEAD = ['promised ratio', 'of', 'where', 'wanted', 'measured', 'kept']

/** Markdown: what was promised beside what was measured, of what was measured. */
export function renderPromises(rows: readonly Row[]): string {
  const cells = PROMISED.flatMap((promised) => promised.groups.map((group) => cellsOf(rows, promised, group)))
  const known = cells.filter((each) => each !== undefined)
  return known.length === 0 ? '' : `### Promised ratios\n\n${renderTable(HEAD, known)}\n`
}

function cellsOf(
  rows: readonly Row[],
  { of, to, figure, wanted }: Promised,
  group: string,
): readonly string[] | undefined {
  const [upper, lower] = [findRow(rows, group, of), findRow(rows, group, to)].map(
    (row) => row && summarize(row),
  )
  if (upper === undefined || lower === undefined) return undefined
  const measured = upper[figure] / lower[figure]
  const isMost = figure === 'totalCpuUs'
  const isKept = isMost ? measured <= wanted : measured >= wanted
  return [
    `${of} ÷ ${to}`,
    FIGURES[figure],
    group,
    `${isMost ? '≤' : '≥'} ${wanted.toFixed(1)}`,
    measured.toFixed(2) + mark(upper, lower, figure),
    isKept ? 'yes' : '**no**',
  ]
}

/** Where the load generator was the limit of one of them, the ratio of rates is not that of the servers. */
function mark(upper: Measurement, lower: Measurement, figure: Figure): string {
  return figure !== 'totalCpuUs' && (isCutShort(upper) || isCutShort(lower)) ? ' *' : ''
}
