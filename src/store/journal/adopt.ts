import { readFile } from 'node:fs/promises'
import { lockFile, type FileLock } from '../sqlite/file-lock.ts'
import { listFolder, lockPath, removeFile, type SegmentFile } from './folder.ts'
import type { Waiting } from './journal.ts'
import type { Replay } from './replay.ts'
import { readSegment } from './segment.ts'

/** Looks after the files of processes that are no more. Of many that look at once, one has those of a writer. */
export interface Adopter {
  /** Takes what dead writers left, so that it shows in `waiting`. Rejects when that of one can't be read, and has taken the rest. */
  readonly look: () => Promise<void>
  /** Tells the store what was taken, the oldest of each writer first. Rejects when it has to be tried again. */
  readonly replay: () => Promise<void>
  readonly waiting: () => Waiting
  /** Leaves what could not be told to others. */
  readonly close: () => void
}

interface Heirloom extends SegmentFile {
  readonly entries: number
  readonly begunAt: number | undefined
}

interface Estate {
  readonly lock: FileLock
  readonly files: readonly Heirloom[]
}

export function createAdopter(folder: string, replay: Replay): Adopter {
  const estates = new Map<string, Estate>()

  const take = async (writer: string): Promise<void> => {
    const lock = lockFile(lockPath(folder, writer))
    // Its writer lives, or somebody else was first.
    if (lock === undefined) return
    try {
      // Only now is it sure that nobody writes to them any more.
      const files = await examineAll(listFolder(folder).get(writer) ?? [])
      estates.set(writer, { lock, files })
      if (files.length === 0) settle(writer, lock)
    } catch (error) {
      estates.delete(writer)
      lock.release()
      throw error
    }
  }
  /** Nothing is left of a writer. */
  const settle = (writer: string, lock: FileLock): void => {
    removeFile(lockPath(folder, writer))
    lock.release()
    estates.delete(writer)
  }
  const all = (): readonly Heirloom[] => [...estates.values()].flatMap(({ files }) => files)
  return {
    look: async () => {
      const failures: unknown[] = []
      for (const writer of listFolder(folder).keys()) {
        if (!estates.has(writer)) await take(writer).catch((error: unknown) => failures.push(error))
      }
      if (failures.length > 0) throw failures[0]
    },
    replay: async () => {
      for (const [writer, { lock, files }] of estates) {
        for (const [index, file] of files.entries()) {
          await replay(file)
          removeFile(file.path)
          estates.set(writer, { lock, files: files.slice(index + 1) })
        }
        settle(writer, lock)
      }
    },
    waiting: () => ({
      entries: all().reduce((sum, { entries }) => sum + entries, 0),
      bytes: all().reduce((sum, { bytes }) => sum + bytes, 0),
      oldestAt: all().reduce<number | undefined>(
        (oldest, { begunAt }) => earlier(oldest, begunAt),
        undefined,
      ),
    }),
    close: () => {
      for (const { lock } of estates.values()) lock.release()
      estates.clear()
    },
  }
}

/** The earlier one of those that are known. */
export function earlier(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Math.min(one, other)
}

/** One after the other: there may be hundreds, of a megabyte each. */
async function examineAll(files: readonly SegmentFile[]): Promise<readonly Heirloom[]> {
  const examined: Heirloom[] = []
  for (const file of files) {
    const { entries, begunAt } = readSegment(file.name, await readFile(file.path, 'utf8'))
    examined.push({ ...file, entries, begunAt })
  }
  return examined
}
