import { createLog, type Log } from '../telemetry/log.ts'
import { layFoundation } from './foundation.ts'
import { createGate, type Gate } from './gate.ts'
import { listen } from './listen.ts'
import type { Assignment, Question } from './messages.ts'
import { receiveOrders, report, type Orders } from './orders.ts'
import { INHERITED_DESCRIPTOR } from './worker-process.ts'

/**
 * Serves customers as the primary says, until it says to end, a signal comes, or the primary is gone; then finishes what is under way,
 * as far as `drain_timeout` allows. Resolves to the exit code.
 */
export async function runWorker(version: string): Promise<number> {
  let log: Log | undefined
  const orders = receiveOrders((error) => log?.error('The primary was not answered', error))
  const assignment = await orders.assignment
  if (assignment === undefined) return 0
  log = createLog({ ...assignment.config.log, isShared: true, worker: assignment.slot })
  try {
    if (assignment.version !== version)
      throw new Error(`the files of Postern ${version} are here; restart it`)
    await serve(assignment, orders, log)
    return 0
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    await report({ kind: 'failed', message: error instanceof Error ? error.message : String(error), code })
    return 1
  } finally {
    await log.flush()
  }
}

async function serve({ config, version }: Assignment, orders: Orders, log: Log): Promise<void> {
  // How the store is set up the primary has told.
  const foundation = await layFoundation(config, { onWarning: log.warn, examines: false })
  try {
    const gate = createGate({ ...foundation, log, version, adopts: false, serves: true })
    try {
      const address = await listen(gate.server, config.listen, {
        reusePort: true,
        descriptorOf: () => INHERITED_DESCRIPTOR,
      })
      if (config.edge !== null && gate.edge !== undefined)
        await listen(gate.edge, config.edge.listen, { reusePort: true })
      orders.answerWith((question) => answer(gate, question))
      await report({ kind: 'serving', address })
      await orders.end
    } finally {
      await gate.close()
    }
  } finally {
    await foundation.store.close()
  }
}

async function answer(gate: Gate, question: Question): Promise<unknown> {
  if (question.what === 'metrics') return gate.metrics.snapshot()
  if (question.what === 'purge') return gate.purge(question.asked)
  if (question.what === 'offloaded') return gate.offloads.settleOwn(question.asked)
  gate.reload(question.asked)
  return null
}
