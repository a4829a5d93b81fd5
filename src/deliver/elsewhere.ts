import { createWireClient, type WireClient } from './wire/client.ts'
import type { WireOptions } from './wire/options.ts'

/** Clients for the places that a storage sends on to. */
export interface Elsewhere {
  readonly clientFor: (target: URL) => WireClient
  readonly close: () => Promise<void>
}

/** A registry keeps its blobs in one place, or a few. */
const MOST_PLACES = 16

/** Whoever was asked longest ago gives place to others, when what it was asked for has ended. */
export function createElsewhere(options: Omit<WireOptions, 'url'>): Elsewhere {
  const clients = new Map<string, WireClient>()
  const closing = new Set<Promise<void>>()
  const letGo = (origin: string, client: WireClient): void => {
    clients.delete(origin)
    const closed = client.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }
  return {
    clientFor: ({ origin }) => {
      const client = clients.get(origin) ?? createWireClient({ ...options, url: new URL(origin) })
      clients.delete(origin)
      clients.set(origin, client)
      const [oldest] = clients
      if (clients.size > MOST_PLACES && oldest !== undefined) letGo(...oldest)
      return client
    },
    close: async () => {
      for (const [origin, client] of clients) letGo(origin, client)
      await Promise.all(closing)
    },
  }
}
