import { GROUPS, type Case } from './cases.ts'
import type { LoadGenerator } from './load/generator.ts'
import type { LoadAsk, Measurement } from './load/order.ts'
import type { Pace } from './options.ts'
import type { Peer } from './peers/peer.ts'
import type { Row } from './summary.ts'
import { percent, say } from './words.ts'
import type { Ask } from './workloads/workload.ts'

/** Round by round, so that a noisy minute does not fall on one case alone. `ownPids`: of all that runs for the bench. */
export async function measureAll(
  cases: readonly Case[],
  load: LoadGenerator,
  pace: Pace,
  ownPids: readonly number[],
): Promise<readonly Row[]> {
  const rows = cases.map((each) => ({ case: each, measurements: new Array<Measurement>() }))
  for (let round = 1; round <= pace.rounds; round++) {
    for (const row of rows) {
      const warmUpMs = warmUpOf(row.case, round, pace)
      const measurement = await measure(row.case, load, { pace, warmUpMs, ownPids })
      row.measurements.push(measurement)
      say(`${round}/${pace.rounds} ${row.case.group}, ${row.case.peer.name}: ${describe(measurement)}`)
    }
  }
  return rows
}

function warmUpOf({ group }: Case, round: number, pace: Pace): number {
  if (group === GROUPS.tokens) return pace.manyTokensWarmUpMs
  return round === 1 ? pace.firstWarmUpMs : pace.warmUpMs
}

function describe(measurement: Measurement): string {
  const { requestsPerSecond, totalCpuUs, gatewayCores, generatorCores, otherCores } = measurement
  const busy = [
    `gateway ${percent(gatewayCores)}`,
    `load ${percent(generatorCores)}`,
    `others ${percent(otherCores)}`,
  ]
  return `${Math.round(requestsPerSecond)} requests/s, ${totalCpuUs.toFixed(1)} µs; of a core: ${busy.join(', ')}`
}

interface Run {
  readonly pace: Pace
  readonly warmUpMs: number
  readonly ownPids: readonly number[]
}

async function measure(
  each: Case,
  load: LoadGenerator,
  { pace, warmUpMs, ownPids }: Run,
): Promise<Measurement> {
  const { group, peer, workload } = each
  try {
    return await load.measure({
      origin: peer.origin,
      asks: loadAsks(peer, workload.asks),
      connections: workload.connections,
      walk: workload.walk,
      warmUpMs,
      runMs: group === GROUPS.refusals ? pace.refusalMs : pace.runMs,
      pid: peer.pid,
      helpers: peer.helpers,
      ownPids,
    })
  } catch (cause) {
    throw new Error(`${group}, ${peer.name}: ${String(cause)}`, { cause })
  }
}

/** Requests of a workload as the load generator makes them of a server. */
export function loadAsks(peer: Peer, asks: readonly Ask[]): readonly LoadAsk[] {
  return asks.map(({ path, headers, token, status, body, isCharged }) => ({
    path: peer.pathOf(path, token),
    headers,
    status,
    leastBytes: body.length,
    isCharged,
  }))
}
