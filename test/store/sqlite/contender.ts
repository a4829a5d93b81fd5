import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts'
import type { DeliveryRequest } from '../../../src/store/contract.ts'

/**
 * A process of its own on a store, for the tests: `node contender.ts FILE NAME race|hold`.
 * - `race`: asks 300 times for one download of each of some tokens that allow 50 in all, and prints how often each was granted.
 * - `hold`: asks for downloads of the token "held" without end, prints each one once it is acknowledged, and ends none.
 */
const [file = '', name = '', mode] = process.argv.slice(2)
const store = await openSqliteStore({ file, synchronous: 'normal', processId: name, clock: Date.now })
const SIZE = 1_000_000
const RACES: Readonly<Record<string, Partial<DeliveryRequest>>> = {
  downloads: { limitDownloads: 50 },
  clients: { limitClients: 50 },
  bytes: { limitBytes: 50 * SIZE + 1 },
  concurrency: { limitConcurrency: 50 },
  rate: { limitRate: 50, now: Date.UTC(2026, 0) },
}
let asked = 0

function newRequest(token: string, limits: Partial<DeliveryRequest>): DeliveryRequest {
  const count = ++asked
  return {
    token,
    client: `${name}-${count}`,
    artifact: `file-${count}`,
    size: SIZE,
    start: 0,
    end: SIZE,
    now: Date.now(),
    limitDownloads: null,
    limitClients: null,
    ...limits,
  }
}

async function race(): Promise<void> {
  const granted: Record<string, number> = {}
  for (let turn = 0; turn < 30; turn++) {
    const requests = Object.entries(RACES).flatMap(([token, limits]) =>
      Array.from({ length: 10 }, () => newRequest(token, limits)),
    )
    const answers = await Promise.all(requests.map((request) => store.usage.reserve(request)))
    for (const answer of answers) {
      if (answer.granted) granted[answer.token] = (granted[answer.token] ?? 0) + 1
    }
  }
  process.stdout.write(`${JSON.stringify(granted)}\n`)
  // Without a good-bye, which would free the places that it holds while the others still ask.
  process.exit()
}

async function hold(): Promise<void> {
  for (;;) {
    const answer = await store.usage.reserve(
      newRequest('held', { client: name, limitBytes: 1e15, limitConcurrency: 1e9 }),
    )
    if (answer.granted) process.stdout.write(`acknowledged ${answer.downloads}\n`)
  }
}

await (mode === 'race' ? race() : hold())
