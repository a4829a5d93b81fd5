import type { SeenClient, UsageQuery, UsageStore } from '../contract.ts'
import type { Keys } from './keys.ts'
import type { Scripts } from './scripts.ts'
import { inGroups, pageIn } from '../slices.ts'

/** Clients that one call looks at. */
const AT_ONCE = 1_000
const VALUES_EACH = 4

/** Tells of clients and releases them. */
export function createRedisClients(
  scripts: Pick<Scripts, 'listClients' | 'releaseClient'>,
  keys: Keys,
): Pick<UsageStore, 'listClients' | 'releaseClient'> {
  return {
    listClients: async (query) => {
      const clients = await readAll(scripts, keys, query)
      return { total: clients.length, clients: pageIn(clients.toSorted(byLastSeen), query) }
    },
    releaseClient: async ({ token, periodStart, client, dryRun }) => {
      const answer = await scripts.releaseClient(
        [keys.usage(token), keys.clients(token)],
        [periodStart ?? '', client, dryRun === true ? 1 : 0],
      )
      return answer === 1
    },
  }
}

async function readAll(
  scripts: Pick<Scripts, 'listClients'>,
  keys: Keys,
  { token, periodStart }: UsageQuery,
): Promise<readonly SeenClient[]> {
  // One that was moved while it was looked for comes twice.
  const found = new Map<string, SeenClient>()
  let cursor = '0'
  do {
    const [, next, ...values] = await scripts.listClients(
      [keys.usage(token), keys.clients(token)],
      [periodStart ?? '', cursor, AT_ONCE],
    )
    cursor = next
    for (const [client, downloads, firstAt, lastAt] of inGroups(values, VALUES_EACH)) {
      const firstSeen = firstAt === null || firstAt === undefined ? null : Number(firstAt)
      const seen = { downloads: Number(downloads), firstAt: firstSeen, lastAt: Number(lastAt) }
      found.set(String(client), { client: String(client), ...seen })
    }
  } while (cursor !== '0')
  return [...found.values()]
}

function byLastSeen(a: SeenClient, b: SeenClient): number {
  return b.lastAt - a.lastAt || (a.client < b.client ? -1 : 1)
}
