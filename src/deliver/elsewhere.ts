import { createWireClient, type WireClient } from './wire/client.ts'
import type { WireOptions } from './wire/options.ts'

/** Clients for the places that a storage sends on to. */
export interface Elsewhere {
  /** undefined: they are too many. */
  readonly clientFor: (target: URL) => WireClient | undefined
  readonly close: () => Promise<void>
}

/** A registry keeps its blobs in one place, or a few. */
const MOST_PLACES = 16

export function createElsewhere(options: Omit<WireOptions, 'url'>): Elsewhere {
  const clients = new Map<string, WireClient>()
  return {
    clientFor: (target) => {
      const known = clients.get(target.origin)
      if (known !== undefined || clients.size >= MOST_PLACES) return known
      const client = createWireClient({ ...options, url: new URL(target.origin) })
      clients.set(target.origin, client)
      return client
    },
    close: async () => {
      await Promise.all(Array.from(clients.values(), (client) => client.close()))
    },
  }
}
