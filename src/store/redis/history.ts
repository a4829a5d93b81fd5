import type { HistoryBatch, HistoryRetention, HistoryStore } from '../contract/history.ts'
import type { Commands } from './commands.ts'
import { additionsOf, type Addition } from './history-additions.ts'
import { createHistoryReads, type HistoryReadOptions } from './history-reads.ts'
import type { Scripts } from './scripts.ts'
import { createKeyList } from './writes.ts'

export interface RedisHistoryOptions extends HistoryReadOptions {
  readonly scripts: HistoryReadOptions['scripts'] & Pick<Scripts, 'recordHistory'>
  readonly commands: HistoryReadOptions['commands'] & Pick<Commands, 'dropScoredBelow' | 'dropRanks'>
  /** Told when something was not recorded because something is wrong about its key. */
  readonly onWarning: (message: string) => void
}

/** The history of a Redis store. What is too old goes when something is added beside it, or when nothing was for so long. */
export function createRedisHistory(options: RedisHistoryOptions): HistoryStore {
  const { commands, keys } = options
  return {
    record: async (batch, keep) => {
      await Promise.all(callsFor(options, batch, keep).map((call) => send(options, batch, call)))
    },
    trim: async (keep, repositories, now) => {
      for (const repository of repositories) {
        const log = keys.repositoryHistory(repository, 'downloads')
        await commands.dropScoredBelow(log, now - keep.logMs)
        await commands.dropRanks(log, 0, -keep.logEntries - 1)
      }
    },
    ...createHistoryReads(options),
  }
}

/** Additions that one call makes, all or none of them. */
interface Call {
  readonly mark: string
  readonly additions: readonly Addition[]
}

function callsFor(
  { keys, isCluster }: RedisHistoryOptions,
  batch: HistoryBatch,
  keep: HistoryRetention,
): readonly Call[] {
  const additions = additionsOf(keys, batch, keep)
  const markOf = ({ key }: Addition): string => keys.historyWriter(batch.writer, isCluster ? key : undefined)
  return Array.from(Map.groupBy(additions, markOf), ([mark, some]) => ({ mark, additions: some }))
}

async function send(
  { scripts, onWarning }: RedisHistoryOptions,
  { number }: HistoryBatch,
  { mark, additions }: Call,
): Promise<void> {
  const keys = createKeyList([mark])
  const lists = additions.map(({ kind, key, values }) => [kind, keys.place(key), ...values])
  const failures = await scripts.recordHistory(keys.all, [number, JSON.stringify(lists)])
  if (failures.length > 0) onWarning(`Some of the history was not recorded: ${failures[1]}`)
}
