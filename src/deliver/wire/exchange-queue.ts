import type { Exchange } from './exchange.ts'

/** Exchanges that wait for a connection, the first that came first, those that are asked once more before all others. */
export interface ExchangeQueue {
  readonly size: () => number
  readonly add: (exchange: Exchange) => void
  readonly addFirst: (exchange: Exchange) => void
  readonly take: () => Exchange | undefined
  /** Harmless for one that does not wait. */
  readonly remove: (exchange: Exchange) => void
  /** Takes out those that are late by `tick`. */
  readonly takeLate: (tick: number) => readonly Exchange[]
}

export function createExchangeQueue(): ExchangeQueue {
  const repeated = new Set<Exchange>()
  const waiting = new Set<Exchange>()
  const takeFrom = (queue: Set<Exchange>): Exchange | undefined => {
    for (const exchange of queue) {
      queue.delete(exchange)
      return exchange
    }
    return undefined
  }
  return {
    size: () => repeated.size + waiting.size,
    add: (exchange) => waiting.add(exchange),
    addFirst: (exchange) => repeated.add(exchange),
    take: () => takeFrom(repeated) ?? takeFrom(waiting),
    remove: (exchange) => {
      if (!waiting.delete(exchange)) repeated.delete(exchange)
    },
    takeLate: (tick) => {
      const late = [...repeated, ...waiting].filter(({ due }) => due <= tick)
      for (const exchange of late) if (!waiting.delete(exchange)) repeated.delete(exchange)
      return late
    },
  }
}
