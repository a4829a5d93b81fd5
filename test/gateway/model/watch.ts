import type { Gate } from '../../support/gate.ts'
import { readUsed, type ModelToken } from './tokens.ts'

/** What customers have for certain, or asked for, until now. */
export interface Tally {
  /** Whole copies that came in one piece. */
  copies: number
  bytes: number
  /** Files that were asked for. */
  asked: number
}

export interface Watch {
  /** Readings so far. */
  readonly readings: () => number
  /** Resolves to what was wrong. */
  readonly stop: () => Promise<readonly string[]>
}

/**
 * Reads the usage of all tokens from the hosts in turn, on and on. No reading may be beyond a limit, nor tell less than customers had got before
 * it began, nor more downloads than were asked for when it ended.
 */
export function watchUsage(
  gates: readonly Gate[],
  tokens: readonly ModelToken[],
  tallies: readonly Tally[],
): Watch {
  const wrong: string[] = []
  let readings = 0
  const over = new AbortController()
  const read = async (gate: Gate): Promise<void> => {
    const before = tallies.map((tally) => ({ ...tally }))
    const used = await readUsed(gate)
    if (used === undefined) return
    readings++
    for (const [at, { slug, limits }] of tokens.entries()) {
      const now = used.get(slug)
      const [least, most] = [before[at], tallies[at]]
      if (now === undefined || least === undefined || most === undefined)
        throw new Error(`${slug} is missing`)
      const { limit_num_downloads: downloads = Infinity, limit_num_clients: clients = Infinity } = limits
      const { limit_bandwidth: bytes = Infinity } = limits
      const isWithin = now.downloads <= downloads && now.clients <= clients && now.bandwidth <= bytes
      const isTold = now.downloads >= least.copies && (bytes === Infinity || now.bandwidth >= least.bytes)
      if (!isWithin || !isTold || now.downloads > most.asked)
        wrong.push(JSON.stringify({ slug, limits, now, least, most }))
    }
  }
  const watching = (async () => {
    for (let turn = 0; !over.signal.aborted; turn++) {
      const gate = gates[turn % gates.length]
      if (gate !== undefined) await read(gate)
    }
  })()
  return {
    readings: () => readings,
    stop: async () => {
      over.abort()
      await watching
      return wrong
    },
  }
}
