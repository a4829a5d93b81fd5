import { REFUSALS, type Case } from './cases.ts'
import type { Measurement } from './load/order.ts'

/** A case with its measurements, one per round. */
export interface Row {
  readonly case: Case
  readonly measurements: readonly Measurement[]
}

const CEILING = 'bare nginx'
const RIVAL = 'http-proxy'
/** Work of other processes, in cores, by which a round may exceed the quietest one of its case. */
const TOLERATED_CORES = 0.1

const DELIVERY_HEAD = [
  'gateway',
  'requests/s',
  '± %',
  '÷ nginx',
  '÷ http-proxy',
  'p50 ms',
  'p99 ms',
  'CPU µs/request',
  'CPU ÷ http-proxy',
  'MB/s',
]
const REFUSAL_HEAD = ['refusal', 'requests/s', '± %', 'p50 ms', 'p99 ms', 'CPU µs/request']

/** Markdown: one table per group, medians over the rounds. */
export function renderTables(rows: readonly Row[]): string {
  const groups = Map.groupBy(rows, ({ case: { group } }) => group)
  return [...groups].map(([group, members]) => renderGroup(group, members)).join('\n')
}

function renderGroup(group: string, rows: readonly Row[]): string {
  if (group === REFUSALS)
    return renderTable('Refusals (1 KB files, 64 connections)', REFUSAL_HEAD, rows, refusalCells)
  const connections = rows[0]?.case.files.connections
  const cells = (row: Row): string[] => deliveryCells(row, rows)
  return renderTable(`${group}, ${connections} connections`, DELIVERY_HEAD, rows, cells)
}

function renderTable(
  title: string,
  head: readonly string[],
  rows: readonly Row[],
  cells: (row: Row) => string[],
): string {
  const lines = [head, ['---', ...head.slice(1).map(() => '---:')], ...rows.map(cells)]
  return `### ${title}\n\n${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n`
}

function refusalCells({ case: { peer, status }, measurements }: Row): string[] {
  const own = medians(measurements)
  const name = `${peer.name} → ${status}`
  return [name, rate(own), spread(measurements), short(own.p50Ms), short(own.p99Ms), short(own.cpuUs)]
}

function deliveryCells({ case: { peer }, measurements }: Row, rows: readonly Row[]): string[] {
  const own = medians(measurements)
  const of = (name: string): Measurement | undefined => {
    const found = rows.find((row) => row.case.peer.name === name)
    return found && medians(found.measurements)
  }
  return [
    peer.name,
    rate(own),
    spread(measurements),
    ratio(own.requestsPerSecond, of(CEILING)?.requestsPerSecond),
    ratio(own.requestsPerSecond, of(RIVAL)?.requestsPerSecond),
    short(own.p50Ms),
    short(own.p99Ms),
    short(own.cpuUs),
    ratio(own.cpuUs, of(RIVAL)?.cpuUs),
    whole(own.bytesPerSecond / 1e6),
  ]
}

/** On a shared machine some rounds are disturbed: only those about as quiet as the quietest count. */
function medians(measurements: readonly Measurement[]): Measurement {
  const quietest = Math.min(...measurements.map(({ otherCores }) => otherCores))
  const kept = measurements.filter(({ otherCores }) => otherCores <= quietest + TOLERATED_CORES)
  const of = (name: keyof Measurement): number => median(kept.map((each) => each[name]))
  return {
    requestsPerSecond: of('requestsPerSecond'),
    bytesPerSecond: of('bytesPerSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    cpuUs: of('cpuUs'),
    gatewayCores: of('gatewayCores'),
    generatorCores: of('generatorCores'),
    otherCores: of('otherCores'),
    answers: of('answers'),
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
}

/** Marked where the load generator had no time left: the server could have done more. */
function rate({ requestsPerSecond, generatorCores }: Measurement): string {
  return whole(requestsPerSecond) + (generatorCores > 0.95 ? ' *' : '')
}

/** Half the distance between the best and the worst of all rounds, in per cent of their median. */
function spread(measurements: readonly Measurement[]): string {
  if (measurements.length < 2) return '–'
  const values = measurements.map((each) => each.requestsPerSecond)
  return whole((50 * (Math.max(...values) - Math.min(...values))) / median(values))
}

function ratio(value: number, to: number | undefined): string {
  return to === undefined ? '–' : (value / to).toFixed(2)
}

function whole(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en') : value.toFixed(1)
}

function short(value: number): string {
  return value >= 100 ? whole(value) : value.toFixed(value >= 10 ? 1 : 2)
}
