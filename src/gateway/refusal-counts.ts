import type { EventStore, RefusalCount } from '../store/contract/events.ts'
import { startFlushing, type Flushing } from '../store/flushing.ts'
import type { Observation } from '../telemetry/observation.ts'
import { isTokenRefusal } from '../telemetry/outcome-class.ts'

/** Adds up, by token, reason and hour, what the vendor's settings refused. When the store fails it is kept for the next time. */
export interface RefusalCounts extends Flushing {
  readonly note: (observation: Observation) => void
}

export interface RefusalCountsOptions {
  readonly events: Pick<EventStore, 'countRefusals'>
  readonly flushMs: number
  /** Kinds that are kept at most; of further ones nothing is counted until the next writing. */
  readonly maxKinds: number
  readonly onFailure: (error: unknown) => void
}

const HOUR_MS = 3_600_000

export function createRefusalCounts(options: RefusalCountsOptions): RefusalCounts {
  const { events, flushMs, maxKinds, onFailure } = options
  let waiting = new Map<string, RefusalCount>()

  const add = (one: RefusalCount): void => {
    const name = `${one.hour} ${one.token} ${one.reason}`
    const known = waiting.get(name)
    if (known === undefined && waiting.size >= maxKinds) return
    waiting.set(name, known === undefined ? one : { ...known, count: known.count + one.count })
  }
  const write = async (): Promise<void> => {
    if (waiting.size === 0) return
    const batch = [...waiting.values()]
    waiting = new Map()
    try {
      await events.countRefusals(batch)
    } catch (error) {
      batch.forEach(add)
      throw error
    }
  }
  return {
    ...startFlushing({ flushMs, write, onFailure }),
    note: ({ token, outcome, at }) => {
      if (token === null || !isTokenRefusal(outcome)) return
      const { slugPerm, name, owner, repo } = token
      if (owner === undefined || repo === undefined) return
      const hour = Math.floor(at / HOUR_MS) * HOUR_MS
      add({ hour, token: slugPerm, tokenName: name, owner, repo, reason: outcome, count: 1 })
    },
  }
}
