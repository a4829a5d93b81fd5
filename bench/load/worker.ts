import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import autocannon from 'autocannon'
import { cpuMs, machineCpuMs } from '../machine.ts'
import type { LoadOrder, Measurement } from './order.ts'

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
  readonly latencies: RecordableHistogram
}

/** Rejects when a single answer, also of the warm-up, was not as expected. */
async function measure(order: LoadOrder): Promise<Measurement> {
  const counting: Counting = { active: false, answers: 0, bytes: 0, latencies: createHistogram() }
  const load = startLoad(order, counting)
  await Promise.race([pause(order.warmUpMs), load.failed])
  const before = readClocks(order)
  counting.active = true
  await Promise.race([pause(order.runMs), load.failed])
  counting.active = false
  const after = readClocks(order)
  const answers = await load.stop()
  const seconds = (after.now - before.now) / 1000
  return {
    requestsPerSecond: counting.answers / seconds,
    bytesPerSecond: counting.bytes / seconds,
    p50Ms: counting.latencies.percentile(50) / 1000,
    p99Ms: counting.latencies.percentile(99) / 1000,
    cpuUs: ((after.gateway - before.gateway) * 1000) / counting.answers,
    gatewayCores: (after.gateway - before.gateway) / (after.now - before.now),
    generatorCores: (after.generator - before.generator) / (after.now - before.now),
    otherCores: Math.max(0, after.others - before.others) / (after.now - before.now),
    answers,
  }
}

interface Load {
  /** Rejects as soon as an answer is wrong. */
  readonly failed: Promise<never>
  /** Answers of the whole run. Rejects when a connection broke. */
  readonly stop: () => Promise<number>
}

function startLoad(order: LoadOrder, counting: Counting): Load {
  const { origin, paths, connections, status, leastBytes } = order
  const { promise: failed, reject } = Promise.withResolvers<never>()
  const { promise: ended, resolve } = Promise.withResolvers<autocannon.Result>()
  const requests = paths.map((path) => ({ path }))
  let next = 0
  const instance = autocannon(
    {
      url: origin,
      connections,
      duration: LONG_S,
      sampleInt: 50,
      headers: HEADERS,
      setupClient: (client) => {
        forgetBodies(client)
        client.setRequests(rotate(requests, next++ / connections))
      },
    },
    (error: unknown, result) => (error ? reject(error) : resolve(result)),
  )
  let answers = 0
  instance.on('response', (_client, code, bytes, latencyMs) => {
    if (code !== status || bytes < leastBytes)
      reject(new Error(`an answer of status ${code}, ${bytes} bytes`))
    answers++
    if (!counting.active) return
    counting.answers++
    counting.bytes += bytes
    counting.latencies.record(Math.max(1, Math.round(latencyMs * 1000)))
  })
  const stop = async (): Promise<number> => {
    instance.stop()
    const { errors } = await Promise.race([ended, failed])
    if (errors > 0) throw new Error(`${errors} requests failed`)
    return answers
  }
  return { failed, stop }
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

interface Clocks {
  readonly now: number
  readonly gateway: number
  readonly generator: number
  readonly others: number
}

function readClocks({ pid, ownPids }: LoadOrder): Clocks {
  const own = ownPids.reduce((sum, each) => sum + cpuMs(each), 0)
  return {
    now: performance.now(),
    gateway: cpuMs(pid),
    generator: cpuMs(process.pid),
    others: machineCpuMs() - own,
  }
}
