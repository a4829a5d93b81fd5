import { setTimeout as pause } from 'node:timers/promises'
import type { Config, FrontLogConfig } from '../config/types.ts'
import { startFolder } from '../edge/logs/folder.ts'
import { parseLine } from '../edge/logs/parse-line.ts'
import { openPositions, type Positions } from '../edge/logs/positions.ts'
import type { LogReader, ReaderOptions } from '../edge/logs/reader.ts'
import { createStorageLineReader } from '../edge/logs/storage-line.ts'
import { startSyslog } from '../edge/logs/syslog.ts'
import { startTail } from '../edge/logs/tail.ts'
import type { LogLine } from '../gateway/offload/offloads.ts'
import { createAddressTest } from '../request/client-address.ts'
import type { Log } from '../telemetry/log.ts'

/** Settles deliveries by lines about them. Rejects when they are to come again. */
export type SettleLines = (lines: readonly LogLine[]) => Promise<void>

/** The logs of proxies that serve files themselves, read by one process of a host. */
export interface FrontLogs {
  readonly close: () => Promise<void>
}

export interface FrontLogsOptions {
  readonly config: Pick<Config, 'edge' | 'offload' | 'trustedProxies'>
  readonly log: Log
  readonly settle: SettleLines
}

const POLL_MS = 200
const FOLDER_POLL_MS = 1_000
const SYSLOG_ATTEMPTS = 10
const SYSLOG_PAUSE_MS = 1_000
const LOOPBACK = ['127.0.0.1', '::1']

/** Begins to read. Rejects when an address can't be listened on, having let go of the others. */
export async function startFrontLogs({ config, log, settle }: FrontLogsOptions): Promise<FrontLogs> {
  const { logs, state } = config.offload
  const positions = logs.some(({ kind }) => kind !== 'syslog') ? await openPositions(state) : undefined
  const settleAll = async (lines: readonly (LogLine | undefined)[]): Promise<void> => {
    const found = lines.filter((line) => line !== undefined)
    if (found.length > 0) await settle(found)
  }
  const onFrontLines = (lines: readonly string[]): Promise<void> => settleAll(lines.map(parseLine))
  const onStorageLines = (lines: readonly string[]): Promise<void> =>
    settleAll(lines.map(createStorageLineReader()))
  const onFailure = (error: unknown): void => log.error('The log of those who send files is held up', error)
  const isPeer = createAddressTest([...LOOPBACK, ...(config.edge?.peers ?? []), ...config.trustedProxies])
  const readers: LogReader[] = []
  const close = async (): Promise<void> => {
    await Promise.all(readers.map((reader) => reader.close()))
  }
  try {
    for (const each of logs) {
      const onLines = each.kind === 'folder' ? onStorageLines : onFrontLines
      readers.push(await start(each, { onLines, onFailure }, { positions, isPeer, log }))
    }
  } catch (error) {
    await close()
    throw error
  }
  return { close }
}

interface Surroundings {
  readonly positions: Positions | undefined
  readonly isPeer: (address: string) => boolean
  readonly log: Log
}

async function start(
  front: FrontLogConfig,
  options: ReaderOptions,
  { positions, isPeer, log }: Surroundings,
): Promise<LogReader> {
  if (front.kind === 'syslog') {
    return startSyslog({
      ...options,
      ...front.listen,
      isPeer,
      attempts: SYSLOG_ATTEMPTS,
      pause: () => pause(SYSLOG_PAUSE_MS),
      onLost: (lines) => log.warn('Lines of a proxy were lost', { lines }),
    })
  }
  if (positions === undefined) throw new Error('Nobody remembers how far files were read')
  const patient = { ...options, positions, pause: (ms: number) => pause(ms) }
  if (front.kind === 'folder')
    return startFolder({ ...patient, folder: front.folder, pollMs: FOLDER_POLL_MS })
  return startTail({ ...patient, file: front.file, pollMs: POLL_MS })
}
