import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isBusy } from './database.ts'

/** A file that this process has locked. */
export interface FileLock {
  /** Lets go of it. */
  readonly release: () => void
}

/**
 * Locks a file, which is made where it is missing and stays empty, until `release` or the end of the process, however it ends: the lock is
 * the kernel's. undefined: another process of this host has it, or removed the file meanwhile. Whoever holds the lock may remove the file.
 * Nobody else may open it: closing it again would drop the lock. @throws when the file can't be opened.
 */
export function lockFile(path: string): FileLock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
  // Removed by its holder before it was let go: a lock on nothing.
  if (!existsSync(path)) {
    database.close()
    return undefined
  }
  return { release: () => database.close() }
}
