import type { Aggregate, MetricsSnapshot } from '../telemetry/aggregate.ts'
import type { WorkerProcess } from './worker-process.ts'

export interface CollectOptions {
  readonly aggregate: Aggregate
  readonly workers: () => readonly Pick<WorkerProcess, 'slot' | 'ask'>[]
  /** Figures of this process. */
  readonly own: () => Promise<MetricsSnapshot>
  /** Milliseconds that only grow. */
  readonly monotonic: () => number
}

/** The figures of all processes together. */
export interface Figures {
  /** What every process has counted until now; of one that does not answer at once, what it told last. */
  readonly read: Aggregate['read']
  readonly stop: () => void
}

/** The patience of a scrape with a worker that is stuck. */
const ANSWER_MS = 500
/** So much of its counting a worker takes with it when it is killed. */
const PERIOD_MS = 2_000
/** Asking takes at most one hundredth of the time, however many customers there are. */
const SHARE = 100

/** Asks the workers when the figures are read, and now and then in between, so that little is lost with one that dies. */
export function collectFigures({ aggregate, workers, own, monotonic }: CollectOptions): Figures {
  let collecting: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  const collect = async (): Promise<void> => {
    const asked = workers().map(async (worker) => {
      const snapshot = await worker.ask('metrics', null, ANSWER_MS)
      if (snapshot !== undefined) aggregate.take(String(worker.slot), snapshot)
    })
    aggregate.take('primary', await own())
    await Promise.all(asked)
  }
  /** One at a time: answers that overtake each other would let a counter go back. */
  const collectOnce = (): Promise<void> =>
    (collecting ??= collect().finally(() => {
      collecting = undefined
    }))
  const repeat = async (): Promise<void> => {
    const startedAt = monotonic()
    await collectOnce()
    schedule(Math.max(PERIOD_MS, SHARE * (monotonic() - startedAt)))
  }
  const schedule = (afterMs: number): void => {
    if (!isStopped) timer = setTimeout(() => void repeat(), afterMs).unref()
  }
  schedule(PERIOD_MS)
  return {
    read: async () => {
      await collectOnce()
      return aggregate.read()
    },
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
