import type { CliContext } from '../dependencies.ts'

/** How far something long is. */
export interface Progress {
  readonly show: (done: number) => void
  /** Clears the line. */
  readonly end: () => void
}

const REDRAWN_MS = 100
const BAR = 24

/** A line on the terminal, redrawn; nothing where there is no terminal, or where it is over at once. */
export function createProgress({ stderr, clock }: CliContext, verb: string, total: number): Progress {
  let drawnAt = clock()
  let isDrawn = false
  return {
    show: (done) => {
      if (!stderr.isTerminal || clock() - drawnAt < REDRAWN_MS) return
      drawnAt = clock()
      isDrawn = true
      const full = Math.floor((done / total) * BAR)
      const bar = `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`
      stderr.write(`\r${verb} ${bar} ${done} of ${total}\u001B[K`)
    },
    end: () => {
      if (isDrawn) stderr.write('\r\u001B[K')
      isDrawn = false
    },
  }
}
