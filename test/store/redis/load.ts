import type { Store } from '../../../src/store/contract.ts'
import { newDelivery } from '../conformance/fixtures.ts'

/** Customers who ask for downloads of one token without end, and do not mind failures. */
export interface Load {
  /** Downloads that were granted so far. */
  readonly acknowledged: () => number
  readonly stop: () => Promise<void>
}

export function startLoad(store: Store, token: string): Load {
  const state = { acknowledged: 0, isOver: false }
  const customer = async (): Promise<void> => {
    while (!state.isOver) {
      const request = newDelivery({ token, limitDownloads: 1_000_000 })
      const answer = await store.usage.reserve(request).catch(() => undefined)
      if (answer?.granted === true) state.acknowledged++
    }
  }
  const customers = Array.from({ length: 16 }, customer)
  return {
    acknowledged: () => state.acknowledged,
    stop: async () => {
      state.isOver = true
      await Promise.all(customers)
    },
  }
}
