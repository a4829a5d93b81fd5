/** What restarting needs of time. */
export interface Patience {
  /** Milliseconds that only grow. */
  readonly monotonic: () => number
  /** Waits so long, or rejects when the signal comes. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>
}

export interface KeepFilledOptions<Failure> extends Patience {
  /** Ends it, once what runs has ended. */
  readonly signal: AbortSignal
  /** What ran did not do its work; so did so many in a row, this one included. */
  readonly onFailure: (failure: Failure, inARow: number) => void
  readonly onReplace: () => void
}

/** What ended sooner ended quickly, and the next one may do the same. */
const QUICKLY_MS = 5_000
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 5_000

/**
 * Runs something again and again: at once when it has ended, with growing waits when it ends quickly time after time. `run` resolves when
 * what it started has ended, to why it did not do its work, if it did not.
 */
export async function keepFilled<Failure>(
  run: () => Promise<Failure | undefined>,
  { monotonic, pause, signal, onFailure, onReplace }: KeepFilledOptions<Failure>,
): Promise<void> {
  let quickEnds = 0
  let failures = 0
  for (;;) {
    const startedAt = monotonic()
    const failure = await run()
    if (signal.aborted) return
    quickEnds = monotonic() - startedAt < QUICKLY_MS ? quickEnds + 1 : 0
    failures = failure === undefined ? 0 : failures + 1
    if (failure !== undefined) onFailure(failure, failures)
    await pause(waitAfter(quickEnds), signal).catch(() => undefined)
    if (signal.aborted) return
    onReplace()
  }
}

/** None after the first one, then twice as long each time. */
function waitAfter(quickEnds: number): number {
  return quickEnds < 2 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (quickEnds - 2))
}
