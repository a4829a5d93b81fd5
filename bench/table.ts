import { GROUPS } from './cases.ts'
import type { Measurement } from './load/order.ts'
import { NAMES } from './peers/peer.ts'
import { findRow, isCutShort, median, summarize, type Row } from './summary.ts'
import { renderTable, short, whole } from './words.ts'

const DELIVERY_HEAD = [
  'gateway',
  'requests/s',
  '± %',
  '÷ nginx',
  '÷ nginx + Lua',
  '÷ http-proxy-3',
  'p50 ms',
  'p99 ms',
  'CPU µs',
  'with helpers',
  '÷ nginx + Lua',
  'MB/s',
]
const PLAIN_HEAD = ['gateway', 'requests/s', '± %', 'p50 ms', 'p99 ms', 'CPU µs', 'with helpers']

const TITLES: Readonly<Record<string, string>> = {
  [GROUPS.tokens]: '1 KB files, many tokens',
  [GROUPS.refusals]: 'Refusals, 1 KB files',
}

/** Markdown: one table per group, medians over the rounds. */
export function renderTables(rows: readonly Row[]): string {
  const groups = Map.groupBy(rows, ({ case: { group } }) => group)
  return [...groups].map(([group, members]) => renderGroup(group, members)).join('\n')
}

function renderGroup(group: string, rows: readonly Row[]): string {
  const title = `### ${TITLES[group] ?? group}, ${rows[0]?.case.workload.connections} connections`
  const isPlain = group in TITLES
  const cells = rows.map((row) => (isPlain ? plainCells(row) : deliveryCells(row, rows)))
  return `${title}\n\n${renderTable(isPlain ? PLAIN_HEAD : DELIVERY_HEAD, cells)}\n`
}

function plainCells(row: Row): string[] {
  const { peer, workload } = row.case
  const own = summarize(row)
  const status = workload.asks[0]?.status
  const name = status === 200 ? peer.name : `${peer.name} → ${status}`
  return [
    name,
    rate(own),
    spread(row),
    short(own.p50Ms),
    short(own.p99Ms),
    short(own.cpuUs),
    short(own.totalCpuUs),
  ]
}

function deliveryCells(row: Row, rows: readonly Row[]): string[] {
  const { group, peer } = row.case
  const own = summarize(row)
  const of = (name: string): Measurement | undefined => {
    const found = findRow(rows, group, name)
    return found && summarize(found)
  }
  return [
    peer.name,
    rate(own),
    spread(row),
    ratio(own.requestsPerSecond, of(NAMES.nginx)?.requestsPerSecond),
    ratio(own.requestsPerSecond, of(NAMES.lua)?.requestsPerSecond),
    ratio(own.requestsPerSecond, of(NAMES.httpProxy3)?.requestsPerSecond),
    short(own.p50Ms),
    short(own.p99Ms),
    short(own.cpuUs),
    short(own.totalCpuUs),
    ratio(own.totalCpuUs, of(NAMES.lua)?.totalCpuUs),
    whole(own.bytesPerSecond / 1e6),
  ]
}

/** Marked where the load generator had no time left. */
function rate(measurement: Measurement): string {
  return whole(measurement.requestsPerSecond) + (isCutShort(measurement) ? ' *' : '')
}

/** Half the distance between the best and the worst of all rounds, in per cent of their median. */
function spread({ measurements }: Row): string {
  if (measurements.length < 2) return '–'
  const values = measurements.map((each) => each.requestsPerSecond)
  return whole((50 * (Math.max(...values) - Math.min(...values))) / median(values))
}

function ratio(value: number, to: number | undefined): string {
  return to === undefined ? '–' : (value / to).toFixed(2)
}
