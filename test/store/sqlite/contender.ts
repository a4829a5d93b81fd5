import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts'
import type { DeliveryRequest } from '../../../src/store/contract.ts'

/**
 * A process of its own on a store, for the tests: `node contender.ts FILE NAME race|hold`.
 * - `race`: asks 300 times for one download of the token "raced" (limit 50), and prints how often it was granted.
 * - `hold`: asks for downloads of the token "held" without end, and prints each one once it is acknowledged.
 */
const [file = '', name = '', mode] = process.argv.slice(2)
const store = await openSqliteStore({ file, synchronous: 'normal', processId: name, clock: Date.now })
let asked = 0

function newRequest(token: string, limitDownloads: number | null): DeliveryRequest {
  const artifact = `file-${++asked}`
  const bytes = { size: 1_000_000, start: 0, end: 1_000_000 }
  return { token, client: name, artifact, ...bytes, now: Date.now(), limitDownloads, limitClients: null }
}

async function race(): Promise<void> {
  let granted = 0
  for (let turn = 0; turn < 30; turn++) {
    const requests = Array.from({ length: 10 }, () => newRequest('raced', 50))
    const answers = await Promise.all(requests.map((request) => store.usage.reserve(request)))
    granted += answers.filter((answer) => answer.granted).length
  }
  await store.close()
  process.stdout.write(`granted ${granted}\n`)
}

async function hold(): Promise<void> {
  for (;;) {
    const answer = await store.usage.reserve(newRequest('held', null))
    if (answer.granted) process.stdout.write(`acknowledged ${answer.downloads}\n`)
  }
}

await (mode === 'race' ? race() : hold())
