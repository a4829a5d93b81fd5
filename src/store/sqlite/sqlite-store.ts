import type { DatabaseSync } from 'node:sqlite'
import type { Store } from '../contract.ts'
import { createEntryWriter, createSqliteAudit } from './audit.ts'
import { buildIndex } from './build-index.ts'
import { createChangeFeed } from './changes.ts'
import { openDatabase } from './database.ts'
import { createSqliteDeliveries } from './deliveries.ts'
import { createSqliteEvents } from './events.ts'
import { asStoreError, guarded } from './guard.ts'
import { createSqliteHistory } from './history.ts'
import { createSqliteKeys } from './keys.ts'
import { createProcesses } from './processes.ts'
import { createTokenIndex } from './token-index.ts'
import { createTokenList } from './token-list.ts'
import { createTokenReader } from './token-rows.ts'
import { createSqliteTokens } from './tokens.ts'
import { createTurnBatch } from './turn-batch.ts'
import { createSqliteUsage } from './usage.ts'
import { createSqliteWebhooks } from './webhooks.ts'

export interface SqliteOptions {
  readonly file: string
  /** `normal`: a commit outlives the process; `full`: also a loss of power. */
  readonly synchronous: 'normal' | 'full'
  /** Names this process among those that share the file; unique, without a colon. */
  readonly processId: string
  /** Epoch ms. */
  readonly clock: () => number
  /** Makes what searches need of tokens that an older version stored; one process of those that share the file is enough. Default: true. */
  readonly buildsIndex?: boolean
}

/** Opens the store that one host's processes share through a file. @throws StoreError when the file can't be used. */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const database = openDatabase(options.file, options.synchronous)
  try {
    return await startStore(database, options)
  } catch (error) {
    database.close()
    throw asStoreError(error)
  }
}

async function startStore(
  database: DatabaseSync,
  { processId, clock, buildsIndex = true }: SqliteOptions,
): Promise<Store> {
  const write = createTurnBatch(database)
  const feed = createChangeFeed(database)
  const processes = createProcesses(database, write, processId, clock)
  const writeEntry = createEntryWriter(database)
  const index = createTokenIndex(database)
  const list = createTokenList(database, index)
  const { watch, poll: changed } = feed
  const parts = {
    tokens: guarded(createSqliteTokens({ database, write, writeEntry, index, list, watch, changed })),
    usage: guarded(
      createSqliteUsage(database, write, writeEntry, processes, clock, createTokenReader(database)),
    ),
    keys: guarded(createSqliteKeys(database, write, writeEntry)),
    audit: guarded(createSqliteAudit(database, write)),
    events: guarded({
      ...createSqliteEvents(database, write),
      ...createSqliteDeliveries(database, write, writeEntry),
    }),
    webhooks: guarded(createSqliteWebhooks(database, write, writeEntry)),
    history: guarded(createSqliteHistory(database, write)),
  }
  await processes.start()
  feed.start()
  const stopping = new AbortController()
  // What fails is done by the next process that begins.
  const building = buildsIndex
    ? buildIndex(database, write, index, stopping.signal).catch(() => undefined)
    : undefined
  // What was asked before is committed before, or with, the departure.
  const shutDown = async (): Promise<void> => {
    feed.stop()
    stopping.abort()
    await building
    try {
      await processes.stop()
    } finally {
      database.close()
    }
  }
  let closing: Promise<void> | undefined
  return { ...parts, ping: () => write(processes.beat), close: () => (closing ??= shutDown()) }
}
