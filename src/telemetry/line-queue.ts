/** Writes some bytes, at most once at a time, and tells how many of them were taken. As `fs.write` does, it never blocks the caller. */
export type LogDestination = (
  bytes: Uint8Array,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void

/** Lines on their way to a destination that may be slow, full or gone. */
export interface LineQueue {
  /** Never throws, blocks or keeps more than the bound. */
  readonly push: (line: string) => void
  /** Resolves when all is written, at the latest after `timeoutMs`: to false when that was too short, or lines were lost untold. */
  readonly flush: (timeoutMs: number) => Promise<boolean>
}

export interface LineQueueOptions {
  readonly destination: LogDestination
  /** Bytes that may wait, about. Further lines are lost. */
  readonly maxBytes: number
  /** A line that tells how many lines were lost. It is written before the next line that is not. */
  readonly lostLine: (lines: number) => string
}

const RETRY_MS = 50
const BUSY: ReadonlySet<string | undefined> = new Set(['EAGAIN', 'EBUSY', 'EINTR'])
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET', 'EBADF'])

/**
 * One write at a time; what comes meanwhile goes out with the next. When the destination is gone (a closed pipe), lines are
 * dropped from then on; on another error (a full disk) those being written are lost and the next are tried.
 */
export function createLineQueue({ destination, maxBytes, lostLine }: LineQueueOptions): LineQueue {
  let waiting: string[] = []
  let waitingBytes = 0
  let lost = 0
  let isWriting = false
  let isGone = false
  let idleListeners: (() => void)[] = []

  const writeNext = (): void => {
    isWriting = waiting.length > 0
    if (!isWriting) return announceIdle()
    const lines = waiting.length
    const bytes = Buffer.from(waiting.join(''))
    waiting = []
    waitingBytes = 0
    writeAll(destination, bytes, (error) => {
      isGone = GONE.has(error?.code)
      if (isGone) waiting = []
      else if (error !== null) lost += lines
      writeNext()
    })
  }
  const announceIdle = (): void => {
    for (const listener of idleListeners) listener()
    idleListeners = []
  }
  const isComplete = (): boolean => !isGone && lost === 0
  const add = (line: string): void => {
    waiting.push(line)
    waitingBytes += line.length
  }

  return {
    push: (line) => {
      if (isGone) return
      if (waitingBytes + line.length > maxBytes) {
        lost++
        return
      }
      if (lost > 0) add(lostLine(lost))
      lost = 0
      add(line)
      if (!isWriting) writeNext()
    },
    flush: (timeoutMs) => {
      if (!isWriting) return Promise.resolve(isComplete())
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const timer = setTimeout(() => resolve(false), timeoutMs)
      idleListeners.push(() => {
        clearTimeout(timer)
        resolve(isComplete())
      })
      return promise
    },
  }
}

/** Goes on after a partial write, and after a moment where the destination is busy. */
function writeAll(
  destination: LogDestination,
  bytes: Uint8Array,
  done: (error: NodeJS.ErrnoException | null) => void,
): void {
  destination(bytes, (error, written) => {
    if (error !== null && BUSY.has(error.code)) {
      setTimeout(() => writeAll(destination, bytes, done), RETRY_MS)
    } else if (error !== null || written >= bytes.length) done(error)
    else writeAll(destination, bytes.subarray(written), done)
  })
}
