import { openStore, serverAt } from './open.ts'

/**
 * A process of its own on a store, for the tests: `node contender.ts PORT PREFIX HEARTBEAT_MS`. Asks for downloads of the token "held"
 * without end, each of another file, and prints each one once it is acknowledged. Nothing is settled.
 */
const [port, prefix = '', heartbeatMs] = process.argv.slice(2)
const store = await openStore(serverAt(Number(port)), { prefix, heartbeatMs: Number(heartbeatMs) })

for (let count = 1; ; count++) {
  const bytes = { size: 1_000_000, start: 0, end: 1_000_000 }
  const answer = await store.usage.reserve({
    token: 'held',
    client: 'contender',
    artifact: `file-${count}`,
    ...bytes,
    now: Date.now(),
    limitDownloads: 1_000_000,
    limitClients: null,
    limitConcurrency: 1_000_000,
  })
  if (answer.granted) process.stdout.write(`acknowledged ${answer.downloads}\n`)
}
