import { waitFor } from './processes.ts'

const TICK_MS = 5
/** Of a tick that was late no more counts. */
const MOST_MS = 15

/** Tells how many ms have passed since it was started. */
export interface Stopwatch extends Disposable {
  readonly ms: () => number
}

/**
 * Starts a stopwatch for promises like "within a second". It stands still while this process is kept waiting for a processor, as the ones that it
 * judges are then, too: on an idle machine it tells the time, and on a busy one what a bound means there.
 */
export function startStopwatch(): Stopwatch {
  let last = performance.now()
  let passedMs = 0
  const look = (): void => {
    const now = performance.now()
    passedMs += Math.min(now - last, MOST_MS)
    last = now
  }
  const timer = setInterval(look, TICK_MS)
  return {
    ms: () => {
      look()
      return passedMs
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** Ms of a processor that this thread has used: what pure code takes, whatever else the machine does. */
export function processorMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/** Ms of a stopwatch until `condition` comes true. */
export async function msUntil(condition: () => boolean | Promise<boolean>): Promise<number> {
  using watch = startStopwatch()
  await waitFor(condition)
  return watch.ms()
}
