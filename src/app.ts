import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { ulid } from 'ulid'
import { bootstrapKeys } from './app/admin-key.ts'
import { layFoundation } from './app/foundation.ts'
import { startPrimary } from './app/primary.ts'
import type { Running, RunningOptions } from './app/running.ts'
import { startSingle } from './app/single.ts'
import type { WorkerProgram } from './app/worker-process.ts'
import type { Config } from './config/types.ts'
import type { Store } from './store/contract.ts'
import type { SecretKeeper } from './store/secret-keeper.ts'
import type { Log } from './telemetry/log.ts'

/** A running Postern. */
export interface App extends Running {
  readonly store: Store
  readonly keeper: SecretKeeper
  /** The first key of the management API, when it was made at this very start. */
  readonly newAdminKey: string | undefined
}

export interface AppOptions {
  readonly config: Config
  /** POSTERN_ADMIN_KEY. */
  readonly adminKey: string | undefined
  readonly log: Log
  readonly version: string
  /** How to start a worker process. */
  readonly program: WorkerProgram
}

/** Opens the store, listens on both sides, and resolves when requests are answered. @throws having let go of everything. */
export async function startApp({ config, adminKey, log, version, program }: AppOptions): Promise<App> {
  const foundation = await layFoundation(config, { onWarning: log.warn, examines: true })
  const { store, keeper } = foundation
  try {
    const from = { keys: store.keys, keeper, given: adminKey, clock: Date.now, newId: ulid, randomInt }
    const { keys, made } = await bootstrapKeys(from)
    const running = await start(
      { foundation, keys, log, version, descriptorOf: program.descriptorOf },
      program,
    )
    const close = async (): Promise<void> => {
      await running.close()
      await store.close()
    }
    return { ...running, close, store, keeper, newAdminKey: made }
  } catch (error) {
    await store.close()
    throw error
  }
}

function start(options: RunningOptions, program: WorkerProgram): Promise<Running> {
  const workers = countWorkers(options.foundation.config)
  return workers === 1 ? startSingle(options) : startPrimary({ ...options, workers, program })
}

/** Systems whose kernel deals connections out to several processes. */
const DEALING: ReadonlySet<string> = new Set(['linux', 'freebsd'])

/** Processes that serve customers. One: this one does it. */
export function countWorkers({ workers, listen }: Config): number {
  // Nobody deals out what comes to a path.
  const isDealt = DEALING.has(process.platform) && !('path' in listen)
  return workers ?? (isDealt ? availableParallelism() : 1)
}
