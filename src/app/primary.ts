import { setTimeout as pause } from 'node:timers/promises'
import { createAggregate } from '../telemetry/aggregate.ts'
import { collectFigures } from './collect-figures.ts'
import { startBackground } from './events.ts'
import { startFrontLogs, type FrontLogs } from './front-logs.ts'
import { createGate } from './gate.ts'
import { listen } from './listen.ts'
import { createManagement } from './management.ts'
import type { Running, RunningOptions } from './running.ts'
import { startWorker, type WorkerProgram } from './worker-process.ts'
import { startWorkers, type Workers } from './workers.ts'

export interface PrimaryOptions extends RunningOptions {
  /** Two or more. */
  readonly workers: number
  readonly program: WorkerProgram
}

/**
 * The management side in this process, customers in `workers` others. This one has a gate, too, which nobody reaches: it explains
 * requests. @throws having ended the workers and let go of the port.
 */
export async function startPrimary(options: PrimaryOptions): Promise<Running> {
  const { foundation, keys, log, version, program } = options
  const { config, keeper, sessionKeeper } = foundation
  const gate = createGate({ ...foundation, log, version, adopts: true, serves: false })
  const state: { workers: Workers | undefined; isClosing: boolean } = { workers: undefined, isClosing: false }
  const aggregate = createAggregate({
    maxCustomers: config.metrics.maxCustomers,
    workers: () => ({
      wanted: options.workers,
      serving: state.workers?.serving().length ?? 0,
      restarts: state.workers?.restarts() ?? 0,
    }),
  })
  const figures = collectFigures({
    aggregate,
    workers: () => state.workers?.serving() ?? [],
    own: gate.metrics.snapshot,
    monotonic: () => performance.now(),
  })
  const management = createManagement({
    gate,
    keys,
    keeper,
    sessionKeeper,
    log,
    version,
    metrics: figures.read,
    purge: async (what) => {
      const own = gate.purge(what)
      return own + ((await state.workers?.purge(what)) ?? 0)
    },
    isServing: () => !state.isClosing && (state.workers?.serving().length ?? 0) > 0,
  })
  let background: ReturnType<typeof startBackground> | undefined
  let frontLogs: FrontLogs | undefined
  const close = async (): Promise<void> => {
    state.isClosing = true
    await frontLogs?.close()
    figures.stop()
    const stopped = background?.stop()
    await state.workers?.drain(gate.config().drainTimeoutMs)
    await management.close()
    await stopped
    await gate.close()
  }
  try {
    // First, and alone on its port: a second Postern that was started by mistake fails here.
    const admin = await listen(management.server, config.admin.listen, {
      descriptorOf: options.descriptorOf,
    })
    const workers = await startWorkers({
      count: options.workers,
      config,
      version,
      start: (assignment) => startWorker(program, assignment),
      monotonic: () => performance.now(),
      pause: (ms, signal) => pause(ms, undefined, { signal }),
      log,
      onEnd: (worker) => aggregate.retire(String(worker.slot)),
    })
    state.workers = workers
    frontLogs = await startFrontLogs({
      config,
      log,
      settle: async (lines) => gate.offloads.settleStrays(await workers.settleOffloaded(lines)),
    })
    background = startBackground({ gate, keeper, log, version })
    return {
      gate: workers.address,
      admin,
      reload: async (next) => {
        gate.reload(next)
        management.useTls(gate.config().admin.tls)
        await workers.reload(gate.config())
      },
      close,
      abandon: workers.kill,
      failed: workers.failed,
    }
  } catch (error) {
    await close()
    throw error
  }
}
