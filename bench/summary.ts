import type { Case } from './cases.ts'
import type { Measurement } from './load/order.ts'

/** A case with its measurements, one per round. */
export interface Row {
  readonly case: Case
  readonly measurements: readonly Measurement[]
}

/** Work of other processes, in cores, by which a round may exceed the quietest one of its case. */
const TOLERATED_CORES = 0.1
/** Of a core: from here on the load generator had no time left. */
const BUSY_CORES = 0.95

/** On a shared machine some rounds are disturbed: only those about as quiet as the quietest count. Medians of these. */
export function summarize({ measurements }: Row): Measurement {
  const quietest = Math.min(...measurements.map(({ otherCores }) => otherCores))
  const kept = measurements.filter(({ otherCores }) => otherCores <= quietest + TOLERATED_CORES)
  const of = (name: keyof Measurement): number => median(kept.map((each) => each[name]))
  return {
    requestsPerSecond: of('requestsPerSecond'),
    bytesPerSecond: of('bytesPerSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    cpuUs: of('cpuUs'),
    totalCpuUs: of('totalCpuUs'),
    gatewayCores: of('gatewayCores'),
    generatorCores: of('generatorCores'),
    otherCores: of('otherCores'),
    charged: of('charged'),
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
}

/** Whether the load generator was the limit, so that the server could have done more. */
export function isCutShort({ generatorCores }: Measurement): boolean {
  return generatorCores > BUSY_CORES
}

/** The row of a table by the name of its server. */
export function findRow(rows: readonly Row[], group: string, name: string): Row | undefined {
  return rows.find((row) => row.case.group === group && row.case.peer.name === name)
}
