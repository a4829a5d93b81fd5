import type { Exchange } from './exchange.ts'

/**
 * Exchanges that wait for a connection: those that are asked once more before all others, then those of each customer in turn, his first that
 * came first.
 */
export interface ExchangeQueue {
  readonly size: () => number
  readonly add: (exchange: Exchange) => void
  readonly addFirst: (exchange: Exchange) => void
  /** The next one whose customer may have a connection. */
  readonly take: (mayTake: (customer: string | undefined) => boolean) => Exchange | undefined
  /** Harmless for one that does not wait. */
  readonly remove: (exchange: Exchange) => void
  /** Takes out those that are late by `tick`. */
  readonly takeLate: (tick: number) => readonly Exchange[]
}

export function createExchangeQueue(): ExchangeQueue {
  const [repeated, waiting] = [createLine(), createLine()]
  const remove = (exchange: Exchange): void => {
    if (!waiting.remove(exchange)) repeated.remove(exchange)
  }
  return {
    size: () => repeated.size() + waiting.size(),
    add: waiting.add,
    addFirst: repeated.add,
    take: (mayTake) => repeated.take(mayTake) ?? waiting.take(mayTake),
    remove,
    takeLate: (tick) => {
      const late = [...repeated.all(), ...waiting.all()].filter(({ due }) => due <= tick)
      late.forEach(remove)
      return late
    },
  }
}

/** Exchanges by customer, whose turn comes first. */
function createLine() {
  const byCustomer = new Map<string | undefined, Set<Exchange>>()
  let size = 0
  const remove = (exchange: Exchange): boolean => {
    const own = byCustomer.get(exchange.customer)
    if (own?.delete(exchange) !== true) return false
    size--
    if (own.size === 0) byCustomer.delete(exchange.customer)
    return true
  }
  return {
    size: () => size,
    add: (exchange: Exchange): void => {
      const own = byCustomer.get(exchange.customer)
      if (own === undefined) byCustomer.set(exchange.customer, new Set([exchange]))
      else own.add(exchange)
      size++
    },
    take: (mayTake: (customer: string | undefined) => boolean): Exchange | undefined => {
      for (const [customer, own] of byCustomer) {
        if (!mayTake(customer)) continue
        const [first] = own
        if (first === undefined) continue
        remove(first)
        // Now it is the others' turn.
        if (byCustomer.delete(customer)) byCustomer.set(customer, own)
        return first
      }
      return undefined
    },
    remove,
    all: () => [...byCustomer.values()].flatMap((own) => [...own]),
  }
}
