import { loadavg } from 'node:os'
import { listCases, type Case } from './cases.ts'
import { checkAnswers } from './check-answers.ts'
import { startLoadGenerator } from './load/generator.ts'
import { describeMachine, pin } from './machine.ts'
import { measureManagement } from './management/management.ts'
import { measureAll } from './measure.ts'
import { watchMemory } from './memory/memory.ts'
import { readOptions, type Options } from './options.ts'
import { renderPromises } from './promises.ts'
import { assertRequirements } from './requirements.ts'
import { startFiles, startManyTokens, startServers } from './servers.ts'
import type { Row } from './summary.ts'
import { renderTables } from './table.ts'
import { percent, say } from './words.ts'

/** Work of others, in cores, below which rates mean something. */
const QUIET_CORES = 0.1
const BUSY =
  '**The machine was busy with other work: rates, and ratios of rates, mean little here; CPU per request means more.**'

const { promise: interrupted, reject: interrupt } = Promise.withResolvers<never>()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupt(new Error(`ended by ${signal}`)))

// Each server that is started sees to it that it ends with this process.
process.setMaxListeners(100)
const options = readOptions(process.argv.slice(2))
assertRequirements()
// Everything that is started is stopped, also when something fails or somebody interrupts.
const all = new AsyncDisposableStack()
try {
  const act = options.memory ? watchMemory : options.management ? measureManagement : benchmark
  await Promise.race([act(options, all), interrupted])
} catch (error) {
  console.error(error)
  process.exitCode = 1
} finally {
  await all.disposeAsync()
}
// What is still at work after an interruption has nothing to work with.
process.exit()

/** Starts everything, measures, and prints. */
async function benchmark(settings: Options, started: AsyncDisposableStack): Promise<void> {
  const { pace, isWanted } = settings
  const { root, storage, workloads } = await startFiles(started)
  const servers = await startServers(
    started,
    { storage, root },
    workloads.small.asks[0]?.path ?? '',
    settings,
  )
  say('filling stores with tokens')
  const filled = await startManyTokens(started, storage, settings)
  const load = started.use(startLoadGenerator())
  const listed = listCases(servers, workloads, filled)
  const cases = listed.filter(({ group, peer }) => isWanted(group, peer.name))
  const pids = [...new Set([storage.pid, ...listed.flatMap(({ peer }) => [peer.pid, ...peer.helpers])])]
  const isPinned = pin(pids, process.pid)
  say(`checking the answers of ${cases.length} cases`)
  const checked = await checkAnswers(cases, pace.checkStride)
  const rows = await measureAll(cases, load, pace, [...pids, process.pid])
  await checkCounts(rows, checked)
  report(settings, rows, isPinned)
}

/**
 * Under full load not one whole copy may have gone uncounted, by any gate that promises to count; what was on its way at an end of a run
 * may have been counted. `checked`: what the check before was to be charged, by case.
 */
async function checkCounts(rows: readonly Row[], checked: readonly number[]): Promise<void> {
  const owed = rows.map((row, index) => ({ ...owes(row, checked[index] ?? 0), case: row.case }))
  const byCounter = Map.groupBy(owed, ({ case: { peer } }) => peer.countDownloads)
  for (const [count, members] of byCounter) {
    if (count === undefined) continue
    const least = members.reduce((sum, each) => sum + each.least, 0)
    const most = members.reduce((sum, each) => sum + each.most, 0)
    const counted = await count()
    say(`${nameOf(members)} charged ${counted} downloads for ${least} whole answers`)
    if (counted < least || counted > most) throw new Error('that count is wrong')
  }
}

function owes({ case: { workload }, measurements }: Row, checked: number): { least: number; most: number } {
  const least = measurements.reduce((sum, { charged }) => sum + charged, checked)
  return { least, most: least + workload.connections * measurements.length }
}

function nameOf([first]: readonly { readonly case: Case }[]): string {
  return first?.case.peer.name ?? ''
}

function report({ pace }: Options, rows: readonly Row[], isPinned: boolean): void {
  const noise = rows.flatMap(({ measurements }) => measurements.map(({ otherCores }) => otherCores))
  const mean = noise.reduce((sum, each) => sum + each, 0) / Math.max(1, noise.length)
  const cores = isPinned ? 'servers on one core, load generator on another' : 'not bound to cores'
  const others = `other processes used ${percent(mean)} of a core on average, ${percent(Math.max(...noise, 0))} at most`
  const pauses = `${pace.rounds} × ${pace.runMs / 1000} s`
  console.log(
    `${describeMachine()}; ${cores}; ${pauses}; ${others}; load average ${loadavg()[0]?.toFixed(1)}.\n`,
  )
  if (mean > QUIET_CORES) console.log(`${BUSY}\n`)
  console.log(`${renderPromises(rows)}\n${renderTables(rows)}`)
}
