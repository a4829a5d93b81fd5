/** How the connections to a storage are shared out among customers, so that none of them can keep the others away from it. */
export interface Shares {
  /** Whether one more is his to have. `customer` undefined: the gate asks on its own account, and may always. */
  readonly mayTake: (customer: string | undefined) => boolean
  readonly take: (customer: string | undefined) => void
  readonly giveBack: (customer: string | undefined) => void
}

/** Of all connections, the part that is kept for customers who have less than the other part. */
const KEPT = 1 / 8
const LARGE = 1 / 2

/** Nobody is held back as long as there are enough. Of a few connections none is kept. */
export function createShares(connections: number): Shares {
  const free = connections - Math.floor(connections * KEPT)
  const large = Math.ceil(connections * LARGE)
  const held = new Map<string, number>()
  let taken = 0
  return {
    mayTake: (customer) => customer === undefined || taken < free || (held.get(customer) ?? 0) < large,
    take: (customer) => {
      taken++
      if (customer !== undefined) held.set(customer, (held.get(customer) ?? 0) + 1)
    },
    giveBack: (customer) => {
      taken--
      if (customer === undefined) return
      const left = (held.get(customer) ?? 0) - 1
      if (left > 0) held.set(customer, left)
      else held.delete(customer)
    },
  }
}
