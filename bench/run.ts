import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { temporaryDirectory } from '../test/support/processes.ts'
import { listCases, REFUSALS, type Case, type Servers } from './cases.ts'
import { checkAnswers } from './check-answers.ts'
import { writeFiles } from './files.ts'
import { startLoadGenerator, type LoadGenerator } from './load/generator.ts'
import type { Measurement } from './load/order.ts'
import { describeMachine, pin } from './machine.ts'
import { startHttpProxy, startNaive } from './peers/http-proxy.ts'
import { startNginxProxy, startStorage } from './peers/nginx.ts'
import { startPostern, startPosternOnRedis } from './peers/postern.ts'
import { renderTables, type Row } from './table.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    profile: { type: 'string' },
  },
})
const only = values.only.split(',').filter(Boolean)

interface Pace {
  readonly rounds: number
  readonly firstWarmUpMs: number
  readonly warmUpMs: number
  readonly runMs: number
  readonly refusalMs: number
}

const FULL: Pace = { rounds: 3, firstWarmUpMs: 3_000, warmUpMs: 700, runMs: 5_000, refusalMs: 3_000 }
const QUICK: Pace = { rounds: 1, firstWarmUpMs: 700, warmUpMs: 700, runMs: 1_700, refusalMs: 1_000 }
const pace = values.quick ? QUICK : FULL

const { promise: interrupted, reject: interrupt } = Promise.withResolvers<never>()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupt(new Error(`ended by ${signal}`)))

await Promise.race([benchmark(), interrupted])

/** Starts everything, measures, prints, and stops everything, also when it fails. */
async function benchmark(): Promise<void> {
  await using directory = await temporaryDirectory('bench-files')
  const fileSets = await writeFiles(directory.path)
  await using storage = await startStorage(directory.path)
  await using nginx = await startNginxProxy(storage)
  await using httpProxy = await startHttpProxy(storage)
  await using naive = await startNaive(storage)
  await using postern = await startPostern(storage, fileSets[0]?.paths[0] ?? '', values.profile)
  await using onRedis = await startPosternOnRedis(storage)
  await using load = startLoadGenerator()
  const servers = { storage, nginx, httpProxy, naive, postern, onRedis }
  const cases = listCases(servers, fileSets, only)
  const pids = [storage, nginx, httpProxy, naive, postern, onRedis]
    .map(({ pid }) => pid)
    .concat(onRedis.redisPid)
  const isPinned = pin(pids, process.pid)
  say(`checking the answers of ${cases.length} cases`)
  await checkAnswers(cases)
  const rows = await measureAll(cases, load, [...pids, process.pid])
  await checkCount(servers, rows)
  report(rows, isPinned)
}

/** Round by round, so that a noisy minute does not fall on one case alone. */
async function measureAll(
  cases: readonly Case[],
  load: LoadGenerator,
  ownPids: readonly number[],
): Promise<readonly Row[]> {
  const rows = cases.map((each) => ({ case: each, measurements: new Array<Measurement>() }))
  for (let round = 1; round <= pace.rounds; round++) {
    for (const row of rows) {
      const measurement = await measure(row.case, round, load, ownPids)
      row.measurements.push(measurement)
      say(`${round}/${pace.rounds} ${row.case.group}, ${row.case.peer.name}: ${describe(measurement)}`)
    }
  }
  return rows
}

function describe(measurement: Measurement): string {
  const { requestsPerSecond, cpuUs, gatewayCores, generatorCores, otherCores } = measurement
  const busy = [
    `gateway ${percent(gatewayCores)}`,
    `load ${percent(generatorCores)}`,
    `others ${percent(otherCores)}`,
  ]
  return `${Math.round(requestsPerSecond)} requests/s, ${cpuUs.toFixed(1)} µs; of a core: ${busy.join(', ')}`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}

async function measure(
  { group, peer, files, status }: Case,
  round: number,
  load: LoadGenerator,
  ownPids: readonly number[],
): Promise<Measurement> {
  try {
    return await load.measure({
      origin: peer.origin,
      paths: files.paths.map(peer.pathOf),
      connections: files.connections,
      warmUpMs: round === 1 ? pace.firstWarmUpMs : pace.warmUpMs,
      runMs: group === REFUSALS ? pace.refusalMs : pace.runMs,
      status,
      leastBytes: status === 200 ? files.body.length : 0,
      pid: peer.pid,
      ownPids,
    })
  } catch (cause) {
    throw new Error(`${group}, ${peer.name}: ${String(cause)}`, { cause })
  }
}

/** Under full load not one whole copy may have gone uncounted; what was on its way at an end of a run may have been counted. */
async function checkCount({ postern }: Servers, rows: readonly Row[]): Promise<void> {
  const limited = rows.filter(({ case: { peer } }) => peer === postern.limited)
  let [least, most] = [0, 0]
  for (const { case: each, measurements } of limited) {
    least += each.files.paths.length + measurements.reduce((sum, { answers }) => sum + answers, 0)
    most += each.files.connections * measurements.length
  }
  const counted = await postern.countLimited()
  say(`the limited token was charged ${counted} downloads for ${least} whole answers`)
  if (counted < least || counted > least + most) throw new Error('that count is wrong')
}

function report(rows: readonly Row[], isPinned: boolean): void {
  const noise = rows.flatMap(({ measurements }) => measurements.map(({ otherCores }) => otherCores))
  const mean = noise.reduce((sum, each) => sum + each, 0) / Math.max(1, noise.length)
  const cores = isPinned ? 'servers on one core, load generator on another' : 'not bound to cores'
  const others = `other processes used ${percent(mean)} of a core on average, ${percent(Math.max(...noise, 0))} at most`
  console.log(
    `${describeMachine()}; ${cores}; ${pace.rounds} × ${pace.runMs / 1000} s; ${others}; load average ${loadavg()[0]?.toFixed(1)}.\n`,
  )
  console.log(renderTables(rows))
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
