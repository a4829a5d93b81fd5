import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import autocannon from 'autocannon'
import { cpuMs, machineCpuMs } from '../machine.ts'
import type { LoadAsk, LoadOrder, Measurement } from './order.ts'

/** The thread that makes the load: one order after the other, so that its code stays warm. */
parentPort?.on('message', (order: LoadOrder) => {
  const reply = measure(order).then(
    (measurement) => ({ measurement }),
    (error: unknown) => ({ error: String(error) }),
  )
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  void reply.then((message) => parentPort?.postMessage(message))
})

/** What comes with every request of an apt. */
const HEADERS = { 'User-Agent': 'Debian APT-HTTP/1.3 (2.6.1)' }
/** Stands for "until told to stop". */
const LONG_S = 600

/** autocannon rounds latencies to whole milliseconds, so its answers are counted here; what comes before and after is not. */
interface Counting {
  active: boolean
  answers: number
  bytes: number
  /** Counted also before and after. */
  charged: number
  readonly latencies: RecordableHistogram
}

/** Rejects when a single answer, also of the warm-up, was not as expected. */
async function measure(order: LoadOrder): Promise<Measurement> {
  const counting: Counting = { active: false, answers: 0, bytes: 0, charged: 0, latencies: createHistogram() }
  const isOnce = order.runMs === 'once'
  if (isOnce) counting.active = true
  const early = readClocks(order)
  const load = startLoad(order, counting)
  if (!isOnce) await Promise.race([pause(order.warmUpMs), load.failed])
  const before = isOnce ? early : readClocks(order)
  counting.active = true
  await Promise.race([order.runMs === 'once' ? load.ended : pause(order.runMs), load.failed])
  counting.active = false
  const after = readClocks(order)
  await load.stop()
  return summarize(counting, before, after)
}

function summarize(counting: Counting, before: Clocks, after: Clocks): Measurement {
  const ms = after.now - before.now
  const gateway = after.gateway - before.gateway
  const helpers = after.helpers - before.helpers
  return {
    requestsPerSecond: counting.answers / (ms / 1000),
    bytesPerSecond: counting.bytes / (ms / 1000),
    p50Ms: counting.latencies.percentile(50) / 1000,
    p99Ms: counting.latencies.percentile(99) / 1000,
    cpuUs: (gateway * 1000) / counting.answers,
    totalCpuUs: ((gateway + helpers) * 1000) / counting.answers,
    gatewayCores: gateway / ms,
    generatorCores: (after.generator - before.generator) / ms,
    otherCores: Math.max(0, after.others - before.others) / ms,
    charged: counting.charged,
  }
}

interface Load {
  /** Rejects as soon as an answer is wrong. */
  readonly failed: Promise<never>
  /** Rejects when a connection broke. */
  readonly ended: Promise<void>
  readonly stop: () => Promise<void>
}

function startLoad(order: LoadOrder, counting: Counting): Load {
  const { origin, asks, connections, walk, runMs } = order
  const { promise: failed, reject } = Promise.withResolvers<never>()
  const { promise: result, resolve } = Promise.withResolvers<autocannon.Result>()
  let next = 0
  const options = {
    url: origin,
    connections,
    ...(runMs === 'once' ? { amount: asks.length } : { duration: LONG_S }),
    sampleInt: 50,
    headers: HEADERS,
    setupClient: (client: autocannon.Client) => {
      const share = next++
      const own = walk === 'all' ? rotate(asks, share / connections) : cut(asks, share, connections)
      forgetBodies(client)
      follow(client, own, counting, reject)
      client.setRequests(own.map(({ path, headers }) => ({ path, headers: { ...HEADERS, ...headers } })))
    },
  }
  const instance = autocannon(options, (error: unknown, done) => (error ? reject(error) : resolve(done)))
  const end = async (): Promise<void> => {
    const { errors } = await Promise.race([result, failed])
    if (errors > 0) throw new Error(`${errors} requests failed`)
  }
  const ended = end()
  // Whoever waits for the end is told; until then nobody may be.
  ended.catch(() => undefined)
  return { failed, ended, stop: () => (instance.stop(), ended) }
}

/** Judges and counts the answers to a connection's requests, which come in their order. */
function follow(
  client: autocannon.Client,
  own: readonly LoadAsk[],
  counting: Counting,
  reject: (error: Error) => void,
): void {
  let next = 0
  client.on('response', (code: number, bytes: number, latencyMs: number) => {
    const ask = own[next]
    next = next + 1 === own.length ? 0 : next + 1
    if (code !== ask?.status || bytes < ask.leastBytes)
      return reject(new Error(`${ask?.path} answered ${code}, ${bytes} bytes`))
    if (ask.isCharged) counting.charged++
    if (!counting.active) return
    counting.answers++
    counting.bytes += bytes
    counting.latencies.record(Math.max(1, Math.round(latencyMs * 1000)))
  })
}

/** autocannon keeps every body as text until it is whole: for 10 MB that is more work than to receive it. Lengths are checked. */
function forgetBodies(client: autocannon.Client): void {
  const { pipelinedRequests } = client as { pipelinedRequests?: { addBody: (chunk: Buffer) => void } }
  if (pipelinedRequests !== undefined) pipelinedRequests.addBody = () => undefined
}

function rotate<Item>(items: readonly Item[], share: number): Item[] {
  const start = Math.floor(items.length * share)
  return [...items.slice(start), ...items.slice(0, start)]
}

function cut<Item>(items: readonly Item[], share: number, shares: number): Item[] {
  const edge = (index: number): number => Math.floor((items.length * index) / shares)
  return items.slice(edge(share), edge(share + 1))
}

interface Clocks {
  readonly now: number
  readonly gateway: number
  readonly helpers: number
  readonly generator: number
  readonly others: number
}

function readClocks({ pid, helpers, ownPids }: LoadOrder): Clocks {
  const sum = (pids: readonly number[]): number => pids.reduce((total, each) => total + cpuMs(each), 0)
  return {
    now: performance.now(),
    gateway: cpuMs(pid),
    helpers: sum(helpers),
    generator: cpuMs(process.pid),
    others: machineCpuMs() - sum(ownPids),
  }
}
