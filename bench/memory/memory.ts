import { startLoadGenerator, type LoadGenerator } from '../load/generator.ts'
import { describeMachine, pin, residentBytes } from '../machine.ts'
import { loadAsks } from '../measure.ts'
import type { Options } from '../options.ts'
import type { Peer } from '../peers/peer.ts'
import { startStorage } from '../peers/nginx.ts'
import { startFilled, STORES } from '../tokens/filled.ts'
import { temporaryDirectory } from '../../test/support/processes.ts'
import { withTokens, writeSizes } from '../workloads/sizes.ts'
import type { Ask, Workload } from '../workloads/workload.ts'
import { say } from '../words.ts'
import { renderSeries, type Series } from './series.ts'

/** How often the process is looked at. */
const SAMPLE_MS = 100
const STEPS = 20
/** Divides the requests of a step, so that each token comes exactly once. */
const CONNECTIONS = 50

/** One worker answers as many requests as there are tokens, each with another token; prints how its memory grows. */
export async function watchMemory(
  { pace, isWanted, profile }: Options,
  started: AsyncDisposableStack,
): Promise<void> {
  const directory = started.use(await temporaryDirectory('bench-files'))
  const storage = started.use(await startStorage(directory.path))
  const [small] = await writeSizes(directory.path)
  const tokens = Math.max(...pace.tokens)
  const workload = { ...withTokens(small, 'Memory', tokens), connections: CONNECTIONS }
  const load = started.use(startLoadGenerator())
  const all: Series[] = []
  for (const kind of STORES) {
    if (!isWanted('Memory', `Postern (${kind})`)) continue
    say(`filling ${kind} with ${tokens} tokens`)
    const peer = started.use(await startFilled(storage, kind, tokens, profiling(profile)))
    const ownPids = [storage.pid, peer.pid, ...peer.helpers]
    pin(ownPids, process.pid)
    all.push({ name: peer.name, steps: await walkThrough(peer, workload, load, ownPids) })
  }
  console.log(`${describeMachine()}\n\n${renderSeries(all)}`)
}

/** Profiles of the heap that is left when the server ends. */
function profiling(directory: string | undefined): string {
  return directory === undefined ? '' : `--heap-prof --heap-prof-dir=${directory}`
}

async function walkThrough(
  peer: Peer,
  { asks }: Workload,
  load: LoadGenerator,
  ownPids: readonly number[],
): Promise<Series['steps']> {
  const atFirst = residentBytes(peer.pid)
  const steps = [{ requests: 0, seconds: 0, most: atFirst, last: atFirst }]
  const began = performance.now()
  for (let step = 1; step <= STEPS; step++) {
    const [from, to] = [(asks.length * (step - 1)) / STEPS, (asks.length * step) / STEPS]
    const most = await watching(peer.pid, () => makeOnce(peer, asks.slice(from, to), load, ownPids))
    const seconds = (performance.now() - began) / 1000
    steps.push({ requests: to, seconds, most, last: residentBytes(peer.pid) })
    say(`${peer.name}: ${to} requests, ${seconds.toFixed(0)} s, ${(most / 1e6).toFixed(0)} MB`)
  }
  return steps
}

async function makeOnce(
  peer: Peer,
  asks: readonly Ask[],
  load: LoadGenerator,
  ownPids: readonly number[],
): Promise<void> {
  await load.measure({
    origin: peer.origin,
    asks: loadAsks(peer, asks),
    connections: CONNECTIONS,
    walk: 'share',
    warmUpMs: 0,
    runMs: 'once',
    pid: peer.pid,
    helpers: peer.helpers,
    ownPids,
  })
}

/** The most memory that a process had while `act` went on. */
async function watching(pid: number, act: () => Promise<void>): Promise<number> {
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, residentBytes(pid))
  }, SAMPLE_MS)
  try {
    await act()
  } finally {
    clearInterval(timer)
  }
  return Math.max(most, residentBytes(pid))
}
