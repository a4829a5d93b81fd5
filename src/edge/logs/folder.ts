import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Position, Positions } from './positions.ts'
import type { LogReader, ReaderOptions } from './reader.ts'

export interface FolderOptions extends ReaderOptions {
  readonly folder: string
  readonly positions: Positions
  readonly pollMs: number
  readonly pause: (ms: number) => Promise<void>
}

const unpack = promisify(gunzip)
/** Storages write their logs in pieces of some megabytes. */
const LARGEST_BYTES = 256 * 1024 * 1024

/**
 * Reads each file that comes into a folder, packed (.gz) or not, when it has not grown since the last look: so storages deliver their logs, or what
 * copies them from there. Of one that grows all the same, only what is new; of a packed one nothing more. Folders in it are looked into as
 * well. Never rejects.
 */
export function startFolder(options: FolderOptions): LogReader {
  const { pollMs, pause, onFailure } = options
  const closing = new AbortController()
  let sizes: ReadonlyMap<string, number> = new Map()
  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const found = await list(options.folder).catch((error: unknown) => onFailure(error))
      if (found !== undefined) {
        await readNew(options, sizes, found, closing.signal).catch(onFailure)
        sizes = found
      }
      await pause(pollMs)
    }
  }
  const running = run()
  return {
    close: () => {
      closing.abort()
      return running
    },
  }
}

/** Sizes of files, by their paths. */
async function list(folder: string): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>()
  for (const name of await readdir(folder, { recursive: true })) {
    const file = join(folder, name)
    const found = await stat(file).catch(() => undefined)
    if (found?.isFile() === true) sizes.set(file, found.size)
  }
  return sizes
}

async function readNew(
  options: FolderOptions,
  before: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const { folder, positions, onLines, onFailure } = options
  const all = new Map<string, Position>()
  let isChanged = false
  for (const [file, size] of now) {
    const known = positions.get(file)
    if (known !== undefined) all.set(file, known)
    const isQuiet = before.get(file) === size && size <= LARGEST_BYTES && !signal.aborted
    if (!isQuiet || known?.offset === size) continue
    const lines = await readOne(file, known?.offset ?? 0).catch((error: unknown) => {
      onFailure(error)
      return []
    })
    await onLines(lines)
    all.set(file, { device: 0, inode: 0, offset: size })
    isChanged = true
  }
  if (isChanged) await positions.setAll(folder, all)
}

/** What was not read before. What can't be read is told once. */
async function readOne(file: string, from: number): Promise<readonly string[]> {
  const isPacked = file.endsWith('.gz')
  if (isPacked && from > 0) return []
  const content = await readFile(file)
  const text = isPacked ? await unpack(content, { maxOutputLength: LARGEST_BYTES }) : content.subarray(from)
  return text.toString('utf8').split('\n')
}
