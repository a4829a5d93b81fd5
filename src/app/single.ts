import { startBackground } from './events.ts'
import { createGate } from './gate.ts'
import { listen } from './listen.ts'
import { createManagement } from './management.ts'
import type { Running, RunningOptions } from './running.ts'

/** Everything in this process. Listens on both sides, or on none: @throws having let go of both. */
export async function startSingle({ foundation, keys, log, version }: RunningOptions): Promise<Running> {
  const { config, keeper, sessionKeeper } = foundation
  const gate = createGate({ ...foundation, log, version, adopts: true })
  let isClosing = false
  const management = createManagement({
    gate,
    keys,
    keeper,
    sessionKeeper,
    log,
    version,
    metrics: gate.metrics.read,
    purge: gate.purge,
    isServing: () => !isClosing,
  })
  let background: ReturnType<typeof startBackground> | undefined
  const close = async (): Promise<void> => {
    isClosing = true
    // Downloads need not wait for webhooks.
    await Promise.all([background?.stop(), gate.close()])
    await management.close()
  }
  try {
    const [served, admin] = [
      await listen(gate.server, config.listen),
      await listen(management.server, config.admin.listen),
    ]
    background = startBackground({ gate, keeper, log, version })
    return {
      gate: served,
      admin,
      reload: async (next) => gate.reload(next),
      close,
      abandon: () => undefined,
      failed: Promise.withResolvers<Error>().promise,
    }
  } catch (error) {
    await close()
    throw error
  }
}
