import { startBackground } from './events.ts'
import { createGate, type Gate } from './gate.ts'
import { startFrontLogs, type FrontLogs, type SettleLines } from './front-logs.ts'
import { listen } from './listen.ts'
import { createManagement } from './management.ts'
import type { Running, RunningOptions } from './running.ts'

/** Everything in this process. Listens on both sides, or on none: @throws having let go of both. */
export async function startSingle(options: RunningOptions): Promise<Running> {
  const { foundation, keys, log, version, descriptorOf } = options
  const { config, keeper, sessionKeeper } = foundation
  const gate = createGate({ ...foundation, log, version, adopts: true, serves: true })
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
  let frontLogs: FrontLogs | undefined
  const close = async (): Promise<void> => {
    isClosing = true
    await frontLogs?.close()
    // Downloads need not wait for webhooks.
    await Promise.all([background?.stop(), gate.close()])
    await management.close()
  }
  try {
    const served = await listen(gate.server, config.listen, { descriptorOf })
    if (config.edge !== null && gate.edge !== undefined) await listen(gate.edge, config.edge.listen)
    frontLogs = await startFrontLogs({ config, log, settle: settleHere(gate) })
    // Last, because it tells whoever asks that all is ready.
    const admin = await listen(management.server, config.admin.listen, { descriptorOf })
    background = startBackground({ gate, keeper, log, version })
    return {
      gate: served,
      admin,
      reload: async (next) => {
        gate.reload(next)
        management.useTls(gate.config().admin.tls)
      },
      close,
      abandon: () => undefined,
      failed: Promise.withResolvers<Error>().promise,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function settleHere({ offloads }: Gate): SettleLines {
  return async (lines) => offloads.settleStrays(await offloads.settleOwn(lines))
}
