import type { DatabaseSync } from 'node:sqlite'
import type { Store } from '../contract.ts'
import { createEntryWriter, createSqliteAudit } from './audit.ts'
import { createChangeFeed } from './changes.ts'
import { openDatabase } from './database.ts'
import { createSqliteDeliveries } from './deliveries.ts'
import { createSqliteEvents } from './events.ts'
import { asStoreError, guarded } from './guard.ts'
import { createSqliteHistory } from './history.ts'
import { createSqliteKeys } from './keys.ts'
import { createProcesses } from './processes.ts'
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

async function startStore(database: DatabaseSync, { processId, clock }: SqliteOptions): Promise<Store> {
  const write = createTurnBatch(database)
  const feed = createChangeFeed(database)
  const processes = createProcesses(database, write, processId, clock)
  const writeEntry = createEntryWriter(database)
  const parts = {
    tokens: guarded(createSqliteTokens(database, write, writeEntry, feed.watch, feed.poll)),
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
  // What was asked before is committed before, or with, the departure.
  const shutDown = async (): Promise<void> => {
    feed.stop()
    try {
      await processes.stop()
    } finally {
      database.close()
    }
  }
  let closing: Promise<void> | undefined
  return { ...parts, ping: () => write(processes.beat), close: () => (closing ??= shutDown()) }
}
