import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { writeBackup } from '../../src/backup/write-backup.ts'
import { writeWhole } from '../../src/backup/backup-file.ts'
import { verifyBackup } from '../../src/backup/read-backup.ts'
import { restoreBackup } from '../../src/backup/restore.ts'
import type { BackupSummary } from '../../src/backup/format.ts'
import type { Store } from '../../src/store/contract.ts'
import type { ArchiveSource, ArchiveTarget } from '../../src/store/contract/archive.ts'
import { openRedisSource } from '../../src/store/redis/archive-source.ts'
import { openRedisTarget } from '../../src/store/redis/archive-target.ts'
import type { RedisServers } from '../../src/store/redis/connection.ts'
import { createSecretKeeper } from '../../src/store/secret-keeper.ts'
import { openSqliteSource } from '../../src/store/sqlite/archive-source.ts'
import { openSqliteTarget } from '../../src/store/sqlite/archive-target.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import { newName } from '../store/conformance/fixtures.ts'
import { KEEP } from '../store/conformance/history.ts'
import { openStore as openRedis } from '../store/redis/open.ts'

/** A store that is used, read as a whole, and filled. */
export interface Place {
  readonly kind: 'sqlite' | 'redis'
  readonly open: () => Promise<Store>
  readonly source: () => Promise<ArchiveSource>
  readonly target: () => Promise<ArchiveTarget>
}

/** An empty SQLite store in a folder. */
export function sqlitePlace(folder: string): Place {
  const file = join(folder, newName(), 'postern.db')
  return sqliteAt(file)
}

export function sqliteAt(file: string): Place {
  return {
    kind: 'sqlite',
    open: () => openSqliteStore({ file, synchronous: 'normal', processId: newName(), clock: Date.now }),
    source: async () => openSqliteSource(file, Date.now),
    target: async () => openSqliteTarget(file, Date.now),
  }
}

/** An empty Redis store: a prefix that nobody used. */
export function redisPlace(servers: RedisServers, prefix: string = newName()): Place {
  const options = { servers, prefix, processId: newName(), clock: Date.now }
  return {
    kind: 'redis',
    open: () => openRedis(servers, { prefix }),
    source: () => openRedisSource(options),
    target: () => openRedisTarget({ ...options, keep: KEEP }),
  }
}

export const SERVER_KEY = 'a key that is long enough for a server'
const { digest } = createSecretKeeper(SERVER_KEY, randomBytes)

const ever = new AbortController().signal
const quiet = (): void => undefined

/** Backs a place up. */
export async function backUp(place: Place, file: string): Promise<BackupSummary> {
  const source = await place.source()
  const options = { source, store: place.kind, digest, version: '1.2.3', madeAt: new Date() }
  try {
    return await writeWhole(file, newName(), (sink) =>
      writeBackup({ ...options, onProgress: quiet, signal: ever }, sink, { ends: true }),
    )
  } finally {
    await source.close()
  }
}

export interface RestoreWays {
  readonly replaces?: boolean
  readonly isForced?: boolean
  readonly onProgress?: (progress: { readonly records: number }) => void
}

/** Restores into a place; gives the tokens that were left out. */
export async function restore(
  place: Place,
  file: string,
  { replaces = false, isForced = false, onProgress = quiet }: RestoreWays = {},
): Promise<readonly string[]> {
  const read = { file, digest, onProgress: quiet, signal: ever }
  const verified = await verifyBackup(read)
  const target = await place.target()
  const confirm = async (): Promise<void> => undefined
  try {
    return await restoreBackup({ ...read, onProgress, verified, target, replaces, isForced, confirm })
  } finally {
    await target.close()
  }
}
