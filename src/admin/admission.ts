import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { Answer } from './answer.ts'
import { busy } from './errors.ts'

/** Lets in what can be worked on. Resolves to the answer of `work`, or to one that says to come again. */
export type Admit = (work: () => Answer | Promise<Answer>, isGone: () => boolean) => Promise<Answer>

export interface AdmissionBounds {
  /** Requests that are worked on at once. */
  readonly atOnce: number
  /** Those that wait for their turn; what comes beyond is sent away. */
  readonly waiting: number
  /** Whoever is sent away is told so late, so that those who ask again at once keep nobody busy. */
  readonly refusedAfterMs: number
}

/** Few, because in a process with a data path downloads wait for each piece of work. */
export const BOUNDS: AdmissionBounds = { atOnce: 4, waiting: 100, refusedAfterMs: 500 }

/**
 * Bounds the work of the management API, whatever is asked of it: in the process that also serves customers, every piece of it keeps downloads
 * waiting. Between two requests there is a turn of the event loop, in which everything else comes first. Slow bodies are read before, and
 * long answers sent after: they take no place.
 */
export function createAdmission({ atOnce, waiting: mostWaiting, refusedAfterMs }: AdmissionBounds): Admit {
  const waiting: (() => void)[] = []
  let running = 0
  const enter = async (): Promise<void> => {
    if (running < atOnce) {
      running++
      return
    }
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const leave = (): void => {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
  return async (work, isGone) => {
    if (running >= atOnce && waiting.length >= mostWaiting) {
      await pause(refusedAfterMs)
      return busy()
    }
    await enter()
    try {
      await nextTurn()
      // Nobody would hear the answer.
      return isGone() ? busy() : await work()
    } finally {
      leave()
    }
  }
}
