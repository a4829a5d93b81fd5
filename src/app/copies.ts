import { randomBytes } from 'node:crypto'
import { asFile, writeWhole } from '../backup/backup-file.ts'
import { BackupError, type BackupErrorCode } from '../backup/format.ts'
import { verifyBackup } from '../backup/read-backup.ts'
import { restoreBackup } from '../backup/restore.ts'
import { writeBackup } from '../backup/write-backup.ts'
import type {
  BackupOrder,
  Copies,
  CopyOutcome,
  CopySummary,
  RestoreOrder,
  VerifyOrder,
} from '../cli/dependencies.ts'
import type { Config, StoreConfig } from '../config/types.ts'
import { StoreError } from '../store/contract.ts'
import type { ArchiveSource, ArchiveTarget } from '../store/contract/archive.ts'
import { openRedisSource } from '../store/redis/archive-source.ts'
import { openRedisTarget } from '../store/redis/archive-target.ts'
import { createSecretKeeper } from '../store/secret-keeper.ts'
import { openSqliteSource } from '../store/sqlite/archive-source.ts'
import { openSqliteTarget } from '../store/sqlite/archive-target.ts'
import { readKey } from './server-key.ts'

/** Stands for standard input and output. */
const STREAM = '-'

/** Backups and restores, directly on the store: they need no running Postern. */
export function createCopies(version: string): Copies {
  return {
    backUp: (order) => concluded((signal) => backUp(order, version, signal)),
    verify: (order) => concluded((signal) => verify(order, signal)),
    restore: (order) => concluded((signal) => restore(order, signal)),
  }
}

/** Failures that a person can do something about, as values. A signal that asks the process to end breaks the work off. */
async function concluded(work: (signal: AbortSignal) => Promise<CopySummary>): Promise<CopyOutcome> {
  const ending = new AbortController()
  const breakOff = (): void => ending.abort()
  for (const signal of ENDING) process.once(signal, breakOff)
  try {
    return { ok: true, summary: await work(ending.signal) }
  } catch (error) {
    const isPlain = ending.signal.aborted && !(error instanceof BackupError)
    return isPlain ? { ok: false, isRefusal: true, message: 'Broken off.' } : toOutcome(error)
  } finally {
    for (const signal of ENDING) process.off(signal, breakOff)
  }
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function toOutcome(error: unknown): CopyOutcome {
  if (error instanceof BackupError) {
    const isRefusal = error.code !== 'unusable' && error.code !== 'unfinished'
    return { ok: false, isRefusal, message: error.message }
  }
  if (error instanceof StoreError || isSystemError(error)) {
    return { ok: false, isRefusal: false, message: error.message }
  }
  throw error
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error
}

async function backUp(
  { config, file, onProgress }: BackupOrder,
  version: string,
  signal: AbortSignal,
): Promise<CopySummary> {
  const { digest } = keeperFor(config)
  const source = await openSource(config.store)
  const { kind: store } = config.store
  const options = { source, store, digest, version, madeAt: new Date(), onProgress, signal }
  try {
    const { header, records, bytes } =
      file === STREAM
        ? await writeBackup(options, process.stdout, { ends: false })
        : await writeWhole(file, newId(), (sink) => writeBackup(options, sink, { ends: true }))
    return { ...factsOf(header), records, bytes, leftOut: [], isKeyChecked: true }
  } finally {
    await source.close()
  }
}

function verify({ config, file, onProgress }: VerifyOrder, signal: AbortSignal): Promise<CopySummary> {
  const digest = config && keeperFor(config).digest
  return named(file, async (path) => {
    const { header, records, bytes } = await verifyBackup({ file: path, digest, onProgress, signal })
    return { ...factsOf(header), records, bytes, leftOut: [], isKeyChecked: digest !== undefined }
  })
}

function restore(order: RestoreOrder, signal: AbortSignal): Promise<CopySummary> {
  const { config, file, replaces, isForced, confirm, onProgress } = order
  const { digest } = keeperFor(config)
  return named(file, async (path) => {
    const verified = await verifyBackup({ file: path, digest, onProgress, signal })
    const target = await openTarget(config)
    const options = { file: path, verified, target, replaces, isForced, confirm, onProgress, signal }
    try {
      const leftOut = await restoreBackup(options)
      const { header, records, bytes } = verified
      return { ...factsOf(header), records, bytes, leftOut, isKeyChecked: true }
    } finally {
      await target.close()
    }
  })
}

const OF_THE_FILE: ReadonlySet<BackupErrorCode> = new Set(['damaged', 'newer', 'key', 'unusable'])

/** Says of what is wrong with a file which file it is. */
async function named<Result>(file: string, use: (path: string) => Promise<Result>): Promise<Result> {
  if (file === STREAM) return asFile(process.stdin, use)
  try {
    return await use(file)
  } catch (error) {
    if (!(error instanceof BackupError) || !OF_THE_FILE.has(error.code)) throw error
    throw new BackupError(error.code, `${file}: ${error.message}`, { cause: error })
  }
}

function factsOf({ made_at, store, postern }: { made_at: string; store: string; postern: string }) {
  return { madeAt: made_at, store, version: postern }
}

function keeperFor({ secretKey, store }: Config) {
  const key = secretKey ?? (store.kind === 'sqlite' ? readKey(`${store.file}.key`) : undefined)
  if (key !== undefined) return createSecretKeeper(key, randomBytes)
  const file = store.kind === 'sqlite' ? ` ${store.file}.key is missing:` : ''
  throw new BackupError(
    'key',
    `There is no server key.${file} put the key file of the store that was backed up there, or set secret_key in the configuration.`,
  )
}

function newId(): string {
  return randomBytes(6).toString('hex')
}

async function openSource(store: StoreConfig): Promise<ArchiveSource> {
  if (store.kind === 'sqlite') return openSqliteSource(store.file, Date.now)
  return openRedisSource({ servers: store, prefix: store.prefix, processId: newId(), clock: Date.now })
}

async function openTarget({ store, history }: Config): Promise<ArchiveTarget> {
  if (store.kind === 'sqlite') return openSqliteTarget(store.file, Date.now)
  const { prefix } = store
  return openRedisTarget({ servers: store, prefix, processId: newId(), keep: history, clock: Date.now })
}
