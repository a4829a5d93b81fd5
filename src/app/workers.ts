import type { Config, ListenAddress } from '../config/types.ts'
import type { LogLine } from '../gateway/offload/offloads.ts'
import type { Log } from '../telemetry/log.ts'
import { keepFilled, type Patience } from './keep-filled.ts'
import type { Assignment, Questions } from './messages.ts'
import type { WorkerFailure, WorkerProcess } from './worker-process.ts'

/** The workers of a primary: as many as there should be, each replaced when it ends. */
export interface Workers {
  /** Where they serve. */
  readonly address: ListenAddress
  /** Those that serve at the moment. */
  readonly serving: () => readonly WorkerProcess[]
  /** Workers that were started in place of one that had ended. */
  readonly restarts: () => number
  /** Workers that run are asked to take the configuration, and those to come begin with it. */
  readonly reload: (config: Config) => Promise<void>
  /** Files that they forgot, each of them counted. Rejects when one that serves does not say that it has. */
  readonly purge: (what: Questions['purge']['asked']) => Promise<number>
  /** Lines about deliveries that others made; resolves to those that are none of theirs. */
  readonly settleOffloaded: (lines: readonly LogLine[]) => Promise<readonly LogLine[]>
  /** Resolves when all have ended: by themselves, or killed when they took much longer than `patienceMs`. */
  readonly drain: (patienceMs: number) => Promise<void>
  /** At once. */
  readonly kill: () => void
  /** Resolves when none serves and starting others is of no use. */
  readonly failed: Promise<Error>
}

export interface WorkersOptions extends Patience {
  readonly count: number
  readonly config: Config
  readonly version: string
  readonly start: (assignment: Assignment) => WorkerProcess
  readonly log: Log
  /** Is told of the end of a worker that had served. */
  readonly onEnd: (worker: WorkerProcess) => void
}

/** Workers that end in a row before they served, until that is seen as hopeless. */
const HOPELESS = 5
/** Time that a worker is given to take a new configuration. */
const RELOAD_MS = 5_000
/** Time that a worker is given to forget files. */
const PURGE_MS = 2_000
/** Time that a worker is given to settle lines: longer than it tries by itself. */
const SETTLE_MS = 15_000
/** Time for what comes after the last download: writing what was counted. */
const LAST_WORDS_MS = 5_000

/**
 * Starts one worker, and the others at the address that it got. Resolves when it serves. @throws WorkerFailure when it says that it
 * can't, or one after the other ends without a word; none is left then.
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { monotonic, pause } = options
  const crew = createCrew(options)
  const first = Promise.withResolvers<ListenAddress>()
  const failed = Promise.withResolvers<Error>()
  const stopping = new AbortController()
  let restarts = 0

  const onFailure = (failure: WorkerFailure, inARow: number): void => {
    // The first one says what is wrong: a port that is taken, a database that can't be opened.
    if (failure.isExplained || inARow >= HOPELESS) first.reject(failure)
    if (inARow >= HOPELESS && crew.serving.size === 0) failed.resolve(failure)
  }
  const onReplace = (): void => void restarts++
  const fill = (slot: number): Promise<void> =>
    keepFilled(() => crew.run(slot, first.resolve), {
      monotonic,
      pause,
      signal: stopping.signal,
      onFailure,
      onReplace,
    })
  const kill = (): void => {
    stopping.abort()
    crew.living.forEach((worker) => worker.kill())
  }
  const places = [fill(1)]
  try {
    const address = await first.promise
    crew.settle(address)
    for (let slot = 2; slot <= options.count; slot++) places.push(fill(slot))
    return {
      address,
      serving: () => [...crew.serving],
      restarts: () => restarts,
      reload: crew.reload,
      purge: crew.purge,
      settleOffloaded: crew.settleOffloaded,
      drain: async (patienceMs) => {
        stopping.abort()
        crew.living.forEach((worker) => worker.drain())
        const tooLate = setTimeout(kill, patienceMs + LAST_WORDS_MS)
        await Promise.all(places)
        clearTimeout(tooLate)
      },
      kill,
      failed: failed.promise,
    }
  } catch (error) {
    kill()
    await Promise.all(places)
    throw error
  }
}

interface Crew {
  readonly living: ReadonlySet<WorkerProcess>
  readonly serving: ReadonlySet<WorkerProcess>
  /** One worker, from its start to its end. Resolves to why it did not serve, if it did not. */
  readonly run: (
    slot: number,
    onServing: (address: ListenAddress) => void,
  ) => Promise<WorkerFailure | undefined>
  /** Workers to come listen there. */
  readonly settle: (address: ListenAddress) => void
  readonly reload: Workers['reload']
  readonly purge: Workers['purge']
  readonly settleOffloaded: Workers['settleOffloaded']
}

function createCrew({ config: first, version, start, log, onEnd }: WorkersOptions): Crew {
  const living = new Set<WorkerProcess>()
  const serving = new Set<WorkerProcess>()
  let config = first

  const run: Crew['run'] = async (slot, onServing) => {
    const worker = start({ slot, version, config })
    living.add(worker)
    const failure = await worker.serving.then(
      (address) => {
        serving.add(worker)
        onServing(address)
        return undefined
      },
      (error: WorkerFailure) => error,
    )
    const how = await worker.ended
    living.delete(worker)
    if (serving.delete(worker)) onEnd(worker)
    const why = failure?.isExplained === true ? failure : undefined
    if (how !== LEFT) log.error('A worker ended', why, { worker: slot, pid: worker.pid, how })
    return failure
  }
  const reload = async (next: Config): Promise<void> => {
    config = { ...next, listen: config.listen }
    const asked = Array.from(living, async (worker) => {
      const answered = await worker.ask('reload', config, RELOAD_MS)
      if (answered === undefined) log.warn('A worker is late with the configuration', { worker: worker.slot })
    })
    await Promise.all(asked)
  }
  const purge: Crew['purge'] = async (what) => {
    const asked = Array.from(serving, async (worker) => {
      const forgotten = await worker.ask('purge', what, PURGE_MS)
      // One that has ended meanwhile has forgotten everything.
      if (forgotten === undefined && serving.has(worker)) {
        throw new Error(`Worker ${worker.slot} did not say that it has forgotten the files`)
      }
      return forgotten ?? 0
    })
    return (await Promise.all(asked)).reduce((sum, forgotten) => sum + forgotten, 0)
  }
  const settleOffloaded: Crew['settleOffloaded'] = async (lines) => {
    let rest = lines
    for (const worker of serving) {
      if (rest.length === 0) return rest
      // Of one that does not answer, the lines are settled like those of one that is gone.
      rest = (await worker.ask('offloaded', rest, SETTLE_MS)) ?? rest
    }
    return rest
  }
  const settle = (listen: ListenAddress): void => {
    config = { ...config, listen }
  }
  return { living, serving, run, settle, reload, purge, settleOffloaded }
}

/** As a worker ends that was told to. */
const LEFT = 'exit code 0'
