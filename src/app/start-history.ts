import { randomBytes } from 'node:crypto'
import type { Config } from '../config/types.ts'
import { createHistory, type History } from '../gateway/history.ts'
import type { HistoryStore } from '../store/contract/history.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export interface StartHistoryOptions {
  readonly history: HistoryStore
  readonly config: () => Config
  readonly metrics: Pick<Metrics, 'historyLost'>
  readonly log: Pick<Log, 'error'>
}

const FLUSH_MS = 500
const TRIM_MS = 60_000
/** Some ten megabytes. */
const MOST_WAITING = 30_000

/** The history of this process, as its configuration wants it. */
export function startHistory({ history, config, metrics, log }: StartHistoryOptions): History {
  const { isRecorded, addresses, userAgents, ...keep } = config().history
  const options = {
    history,
    writer: randomBytes(6).toString('hex'),
    keep,
    addresses,
    userAgents,
    repositories: () => config().repositories.keys(),
    clock: Date.now,
    flushMs: FLUSH_MS,
    trimMs: TRIM_MS,
    maxWaiting: MOST_WAITING,
    onDropped: metrics.historyLost,
    onFailure: (error: unknown) => log.error('The history was not written', error),
  }
  const recorder = createHistory(options)
  // What was recorded before goes in its time all the same.
  return isRecorded ? recorder : { ...recorder, observe: () => undefined, giveBack: () => undefined }
}
