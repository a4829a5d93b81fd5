import type { Stats } from 'node:fs'
import { open, readdir, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createLineCutter, type LineCutter } from './line-cutter.ts'
import type { Position, Positions } from './positions.ts'
import type { LogReader, ReaderOptions } from './reader.ts'

export interface TailOptions extends ReaderOptions {
  readonly file: string
  readonly positions: Positions
  /** Waits so long when there is nothing to read. */
  readonly pollMs: number
  readonly pause: (ms: number) => Promise<void>
}

/** At once: some hundred lines. */
const CHUNK_BYTES = 128 * 1024
/** Polls without a byte, after which a file that was renamed is left for the new one: its writer may need a moment to see that. */
const LAST_POLLS = 8

interface Open {
  readonly handle: FileHandle
  readonly stats: Stats
  offset: number
  cutter: LineCutter
}

/**
 * Follows a file to which a front appends its log. Goes on where it had stopped, also after a restart and in the file that was renamed
 * meanwhile (rotation), and then in the new one. A file that became shorter was emptied and is read from its start. Lines are read again when
 * `onLines` rejects, and after a crash those whose settlement was not written down yet. Never rejects.
 */
export function startTail(options: TailOptions): LogReader {
  const { file, positions, pollMs, pause, onLines, onFailure } = options
  const closing = new AbortController()
  let current: Open | undefined
  let idlePolls = 0

  const readSome = async (from: Open): Promise<boolean> => {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    const { bytesRead } = await from.handle.read(buffer, 0, CHUNK_BYTES, from.offset + from.cutter.waiting())
    if (bytesRead === 0) return false
    const { lines, bytes } = from.cutter.push(buffer.subarray(0, bytesRead))
    if (lines.length > 0) await onLines(lines)
    if (bytes > 0) {
      from.offset += bytes
      await positions.set(file, positionOf(from))
    }
    return true
  }
  const step = async (): Promise<boolean> => {
    current ??= await openWhereLeft(file, positions.get(file))
    if (current === undefined) return false
    if (await readSome(current)) {
      idlePolls = 0
      return true
    }
    const now = await stat(file).catch(() => undefined)
    const isSame = now !== undefined && isFile(now, positionOf(current))
    if (isSame && now.size < current.offset) Object.assign(current, { offset: 0, cutter: createLineCutter() })
    else if (!isSame && now !== undefined && ++idlePolls > LAST_POLLS) {
      await current.handle.close()
      current = await openAt(file, 0)
      idlePolls = 0
    }
    return false
  }
  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const hasRead = await step().catch((error: unknown) => {
        onFailure(error)
        // What was cut and not settled is read again.
        if (current !== undefined) current.cutter = createLineCutter()
        return false
      })
      if (!hasRead) await pause(pollMs)
    }
    await current?.handle.close()
  }
  const running = run()
  return {
    close: () => {
      closing.abort()
      return running
    },
  }
}

function positionOf({ stats, offset }: Open): Position {
  return { device: stats.dev, inode: stats.ino, offset }
}

function isFile({ dev, ino }: Stats, { device, inode }: Position): boolean {
  return dev === device && ino === inode
}

/** The file that was being read, whatever it is called now; else the one of this name. undefined: there is none yet. */
async function openWhereLeft(file: string, known: Position | undefined): Promise<Open | undefined> {
  if (known === undefined) return openAt(file, 0)
  const names = await readdir(dirname(file))
  for (const name of names) {
    const path = join(dirname(file), name)
    const found = await stat(path).catch(() => undefined)
    if (found === undefined || !isFile(found, known)) continue
    return openAt(path, found.size < known.offset ? 0 : known.offset)
  }
  return openAt(file, 0)
}

async function openAt(file: string, offset: number): Promise<Open | undefined> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (handle === undefined) return undefined
  return { handle, stats: await handle.stat(), offset, cutter: createLineCutter() }
}
