import { expect } from 'vitest'
import { waitFor } from '../../support/processes.ts'
import { readFigures } from '../crew.ts'
import { createHosts } from '../hosts.ts'
import { judge } from './judge.ts'
import { runLoad } from './load.ts'
import { readLog, type Log } from './log.ts'
import { startFaultyStorage } from './storage.ts'
import { sumUp } from './sum.ts'
import { createTokens, FAR, readUsed, type Limits, type ModelToken } from './tokens.ts'
import { useUp } from './use-up.ts'
import { watchUsage } from './watch.ts'

const PARALLEL = 300
/** Share of the requests for which a store may be late. It is none of what is proved here, and more would be another load. */
const MOST_LATE = 0.1

/** What the proof rests on. */
interface Proof {
  readonly requests: number
  readonly tookMs: number
  /** Of the counters, during the load. */
  readonly readings: number
  /** Times that the store did not answer in time. */
  readonly late: number
  readonly outcomes: Readonly<Record<string, number>>
}

/** Loads two hosts on `store`, and expects all that is promised of them. */
export async function proveExactness(store: string, seed: number, requests: number): Promise<Proof> {
  await using storage = await startFaultyStorage()
  const start = createHosts(store, storage.url)
  await using cleanUp = new AsyncDisposableStack()
  const hosts = await Promise.all([start(), start()])
  for (const host of hosts) cleanUp.use(host)
  const tokens = await createTokens(hosts[0])
  const tallies = tokens.map(() => ({ copies: 0, bytes: 0, asked: 0 }))
  const watch = watchUsage(hosts, tokens, tallies)
  const urls = hosts.map(({ url }) => url)
  const begun = performance.now()
  const seen = await runLoad({ urls, tokens, tallies, storage, seed, requests, parallel: PARALLEL })
  const tookMs = performance.now() - begun
  expect(firstOf(await watch.stop())).toEqual([])
  for (const host of hosts) {
    const inFlight = async (): Promise<boolean> =>
      (await readFigures(host)).get('postern_requests_in_flight') === 0
    await waitFor(inFlight, { what: 'the last requests to end' })
  }
  // Ended, they have written all that they counted.
  expect(await Promise.all(hosts.map((host) => host.stop()))).toEqual([0, 0])

  const log = readLog(hosts.map((host) => host.output()))
  expect(firstOf(log.complaints)).toEqual([])
  expect(log.late).toBeLessThan(MOST_LATE * requests)
  expect(firstOf(seen.flatMap((each) => judge(each, log.lines.get(each.id)) ?? []))).toEqual([])
  expect(tokens.flatMap((token) => limitsNotReached(token, log.lines))).toEqual([])
  await using reader = await start(1)
  const used = await waitFor(() => readUsed(reader))
  const sums = sumUp(tokens, seen, log.lines)
  const differences = tokens.flatMap((token, at) => sums[at]?.differsFrom(used.get(token.slug)) ?? [])
  expect({ late: log.late, differences }).toEqual({ late: log.late, differences: [] })
  await useUp(reader, tokens, used)
  const outcomes = Map.groupBy(log.lines.values(), ({ outcome }) => outcome)
  return {
    requests: seen.length,
    tookMs: Math.round(tookMs),
    readings: watch.readings(),
    late: log.late,
    outcomes: Object.fromEntries([...outcomes].map(([outcome, lines]) => [outcome, lines.length])),
  }
}

/** Where one thing goes wrong many do. */
function firstOf(complaints: readonly string[]): readonly string[] {
  return complaints.slice(0, 5)
}

const CODES: Readonly<Record<keyof Limits, string>> = {
  limit_num_downloads: 'downloads_used_up',
  limit_num_clients: 'clients_used_up',
  limit_bandwidth: 'bandwidth_used_up',
}

/** Limits that refused nothing: then the load proves nothing about them. */
function limitsNotReached({ slug, limits }: ModelToken, lines: Log['lines']): string[] {
  const outcomes = new Set(
    [...lines.values()].filter(({ token }) => token === slug).map(({ outcome }) => outcome),
  )
  const names = (Object.keys(CODES) as (keyof Limits)[]).filter((name) => (limits[name] ?? FAR) < FAR)
  return names
    .filter((name) => !outcomes.has(CODES[name]))
    .map((name) => `${name} of ${JSON.stringify(limits)}`)
}
