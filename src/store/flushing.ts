/** What is gathered in memory and written every now and then. */
export interface Flushing {
  /** Writes what is waiting. Resolves also when that fails. */
  readonly flush: () => Promise<void>
  /** Stops the timer and writes the rest. Resolves also when that fails. */
  readonly close: () => Promise<void>
}

export interface FlushingOptions {
  readonly flushMs: number
  /** Takes what is waiting and writes it. Rejects when that fails, having kept for the next time what is to be kept. */
  readonly write: () => Promise<void>
  readonly onFailure: (error: unknown) => void
}

/** Calls `write` every `flushMs` until it is closed. One call at a time: what fails is waiting again before the next begins. */
export function startFlushing({ flushMs, write, onFailure }: FlushingOptions): Flushing {
  let writing = Promise.resolve()
  const flush = (): Promise<void> => {
    writing = writing.then(write).catch(onFailure)
    return writing
  }
  const timer = setInterval(() => void flush(), flushMs).unref()
  return {
    flush,
    close: () => {
      clearInterval(timer)
      return flush()
    },
  }
}
