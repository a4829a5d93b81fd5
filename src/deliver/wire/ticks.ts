/** A clock that is as coarse as time limits may be: reading it costs nothing, and one timer serves all that wait. */
export interface Ticks {
  /** The tick that it is. Stands still while nothing runs. */
  readonly now: () => number
  /** As many ticks as have passed for certain after so long, and at most one more. */
  readonly count: (ms: number) => number
  /** Harmless when it runs. */
  readonly start: () => void
  readonly stop: () => void
}

/** Does not keep the process alive. A process that is held up counts less time than has passed: a storage is not late for that. */
export function createTicks(tickMs: number, onTick: () => void): Ticks {
  let tick = 0
  let timer: NodeJS.Timeout | undefined
  return {
    now: () => tick,
    count: (ms) => Math.ceil(ms / tickMs) + 1,
    start: () => {
      timer ??= setInterval(() => {
        tick++
        onTick()
      }, tickMs).unref()
    },
    stop: () => {
      clearInterval(timer)
      timer = undefined
    },
  }
}
