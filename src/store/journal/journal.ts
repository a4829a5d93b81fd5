import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { StoreError } from '../contract.ts'
import { lockFile, type FileLock } from '../sqlite/file-lock.ts'
import { encodeHeader, encodeLine, type Entry } from './entry.ts'
import { listFolder, lockPath, removeFile, segmentName, segmentPath } from './folder.ts'

/** What waits in a journal. */
export interface Waiting {
  readonly entries: number
  readonly bytes: number
  /** When the oldest of it was written, epoch ms; undefined when nothing waits. */
  readonly oldestAt: number | undefined
}

/** A file of this process that gets no more entries. */
export interface SealedSegment {
  readonly name: string
  readonly path: string
}

/** What this process has to tell the store later, on disk: a kill of the process loses nothing of it, a loss of power what the disk had not yet. */
export interface Journal {
  /**
   * Resolves when the entries are written: all of one turn of the event loop in one go. A `charge` needs room for what is to follow of it;
   * the `rest` is what follows. Rejects with a StoreError `unavailable` when the journal is full or can't be written, and then holds
   * nothing of them.
   */
  readonly append: (entries: readonly Entry[], kind: 'charge' | 'rest') => Promise<void>
  /** All files of this process, oldest first; what is appended from now on goes to another one. */
  readonly seal: () => readonly SealedSegment[]
  /** Forgets a sealed file, which was counted or put aside, and removes it where it still is. */
  readonly remove: (segment: SealedSegment) => void
  readonly waiting: () => Waiting
  /** Gives this process's files to whoever comes next. Nothing can be appended any more. */
  readonly close: () => void
}

export interface JournalOptions {
  readonly folder: string
  /** Of all files of the folder, about: those of other processes are looked at once a second. */
  readonly maxBytes: number
  /** Names a writer: 8 to 64 hexadecimal digits that no other one ever has. */
  readonly newWriter: () => string
  /** Epoch ms. */
  readonly clock: () => number
  /** Is told that files are gone that nobody should have removed. */
  readonly onLost: (entries: number) => void
}

interface Open extends SealedSegment {
  readonly descriptor: number
  readonly begunAt: number
  bytes: number
  entries: number
}

interface Writer {
  readonly id: string
  readonly lock: FileLock
  segments: number
}

interface Appending {
  readonly entries: readonly Entry[]
  readonly kind: 'charge' | 'rest'
  readonly resolve: () => void
  readonly reject: (error: StoreError) => void
}

const SEGMENT_BYTES = 1_048_576
/** Share of the bytes that charges may take; the rest is for what follows them. */
const CHARGES_SHARE = 0.8
const LOOK_MS = 1_000
/** Lines of that many entries, so that batches stay small: see segment.ts. */
const LINE_ENTRIES = 100
const MOST_ATTEMPTS = 5

/** Makes the folder, if it is missing; the first file when something is appended. @throws when the folder can't be made. */
export function createJournal(options: JournalOptions): Journal {
  const { folder, maxBytes, clock, onLost } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const others = createLook(folder, clock)
  let writer: Writer | undefined
  let open: Open | undefined
  let sealed: Open[] = []
  let turn: Appending[] = []
  let isClosed = false

  const own = (): readonly Open[] => (open === undefined ? sealed : [...sealed, open])
  const ownBytes = (): number => own().reduce((sum, { bytes }) => sum + bytes, 0)
  const closeOpen = (): void => {
    if (open === undefined) return
    closeSync(open.descriptor)
    sealed.push(open)
    open = undefined
  }
  /** A file that was removed takes entries and keeps none. */
  const dropRemoved = (): void => {
    if (own().length === 0 && writer === undefined) return
    const isGone = writer !== undefined && !existsSync(lockPath(folder, writer.id))
    if (!isGone && (open === undefined || existsSync(open.path))) return
    closeOpen()
    const lost = sealed.filter(({ path }) => !existsSync(path))
    sealed = sealed.filter((segment) => !lost.includes(segment))
    onLost(lost.reduce((sum, { entries }) => sum + entries, 0))
    // Files that are left are somebody else's from now on: their lock is gone.
    if (!isGone) return
    sealed = []
    writer?.lock.release()
    writer = undefined
  }
  const openSegment = (): Open => {
    writer ??= createWriter(options)
    const name = segmentName(writer.id, ++writer.segments)
    const path = segmentPath(folder, name)
    return { name, path, descriptor: openSync(path, 'wx', 0o600), begunAt: clock(), bytes: 0, entries: 0 }
  }
  /** What a failed write left is cut off; where that fails, too, it is a torn line at the end of the file. */
  const giveUp = (failed: Open): void => {
    truncate(failed)
    closeOpen()
    if (failed.bytes > 0) return
    // A full disk must not fill up with empty files.
    removeFile(failed.path)
    sealed = sealed.filter((segment) => segment !== failed)
  }
  const write = (entries: readonly Entry[]): void => {
    if (isClosed) throw new Error('it is closed')
    dropRemoved()
    open ??= openSegment()
    const { descriptor, begunAt, bytes } = open
    const text = Buffer.from((bytes === 0 ? encodeHeader(begunAt) : '') + encodeLines(entries))
    try {
      const written = writeSync(descriptor, text)
      if (written < text.length) throw new Error('the disk took a part only')
    } catch (error) {
      giveUp(open)
      throw error
    }
    open.bytes += text.length
    open.entries += entries.length
    if (open.bytes >= SEGMENT_BYTES) closeOpen()
  }
  const refuseCharges = (batch: readonly Appending[]): readonly Appending[] => {
    const used = ownBytes() + others.bytes(writer?.id)
    return batch.filter(({ kind, reject }) => {
      const fits = used < maxBytes * (kind === 'charge' ? CHARGES_SHARE : 1)
      if (!fits) reject(failure(`it has ${maxBytes} bytes already`))
      return fits
    })
  }
  const flush = (): void => {
    const batch = turn
    turn = []
    try {
      const fitting = refuseCharges(batch)
      if (fitting.length > 0) write(fitting.flatMap(({ entries }) => entries))
      for (const { resolve } of fitting) resolve()
    } catch (error) {
      // Those that were refused before stay so.
      for (const { reject } of batch) reject(failure(error instanceof Error ? error.message : String(error)))
    }
  }
  return {
    append: (entries, kind) =>
      new Promise((resolve, reject) => {
        if (entries.length === 0) return resolve()
        if (turn.length === 0) setImmediate(flush)
        turn.push({ entries, kind, resolve, reject })
      }),
    seal: () => {
      closeOpen()
      return [...sealed]
    },
    remove: (segment) => {
      sealed = sealed.filter((each) => each.path !== segment.path)
      removeFile(segment.path)
    },
    waiting: () => ({
      entries: own().reduce((sum, { entries }) => sum + entries, 0),
      bytes: ownBytes(),
      oldestAt: own()[0]?.begunAt,
    }),
    close: () => {
      isClosed = true
      closeOpen()
      if (writer !== undefined && sealed.length === 0) removeFile(lockPath(folder, writer.id))
      writer?.lock.release()
      writer = undefined
    },
  }
}

function failure(reason: string): StoreError {
  return new StoreError('unavailable', `The journal took nothing: ${reason}`)
}

/** Another process that looks for the files of the dead may come between making and locking; then it is another writer. */
function createWriter({ folder, newWriter }: JournalOptions): Writer {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const id = newWriter()
    const lock = lockFile(lockPath(folder, id))
    if (lock !== undefined) return { id, lock, segments: 0 }
  }
  throw new Error('its folder keeps no locks')
}

function encodeLines(entries: readonly Entry[]): string {
  let text = ''
  for (let start = 0; start < entries.length; start += LINE_ENTRIES) {
    text += encodeLine(entries.slice(start, start + LINE_ENTRIES))
  }
  return text
}

function truncate({ descriptor, bytes }: Open): void {
  try {
    ftruncateSync(descriptor, bytes)
  } catch {
    // Whoever reads the file sees it.
  }
}

/** Bytes of the files of other writers, as they were a second ago at most. */
function createLook(
  folder: string,
  clock: () => number,
): { readonly bytes: (own: string | undefined) => number } {
  let lookedAt = -Infinity
  let bytes = 0
  const look = (own: string | undefined): number => {
    let sum = 0
    for (const [writer, files] of listFolder(folder)) {
      if (writer !== own) for (const file of files) sum += file.bytes
    }
    return sum
  }
  return {
    bytes: (own) => {
      const now = clock()
      if (now - lookedAt >= LOOK_MS || now < lookedAt) [lookedAt, bytes] = [now, look(own)]
      return bytes
    },
  }
}
