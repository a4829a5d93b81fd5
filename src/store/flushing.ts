/** What is gathered in memory and written every now and then. */
export interface Flushing {
  /** Writes what is waiting. Resolves also when that fails. */
  readonly flush: () => Promise<void>
  /** Does something else that is to be done neither while `write` is, nor beside another one. Resolves also when that fails. */
  readonly inTurn: (act: () => Promise<void>) => Promise<void>
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
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    writing = writing.then(act).catch(onFailure)
    return writing
  }
  const flush = (): Promise<void> => inTurn(write)
  const timer = setInterval(() => void flush(), flushMs).unref()
  return {
    flush,
    inTurn,
    close: () => {
      clearInterval(timer)
      return flush()
    },
  }
}
