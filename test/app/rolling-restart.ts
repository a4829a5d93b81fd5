import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { startGate, type Gate } from '../support/gate.ts'
import { freePort } from '../support/processes.ts'
import { startStorage } from '../support/repositories.ts'
import { get } from '../support/requests.ts'

/** How many requests ended in which way: `200`, `200 cut`, another status, or the code of the error. */
type Tally = Record<string, number>

const ADMIN_KEY = 'rolling-restart-admin-key'
const RESTARTS = 2
const CLIENTS = 6
const PAUSE_MS = 10

/** Downloads on and on, on one connection for all requests or on a new one for each. */
async function download(url: string, keepAlive: boolean, over: AbortSignal, tally: Tally): Promise<void> {
  const agent = new Agent({ keepAlive })
  while (!over.aborted) {
    const ending = await get(url, { agent }).then(
      ({ status, complete }) => (complete ? String(status) : `${status} cut`),
      (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
    )
    tally[ending] = (tally[ending] ?? 0) + 1
    await pause(PAUSE_MS)
  }
  agent.destroy()
}

/**
 * Under load replaces a master by another on the same port, several times: the next one begins to serve, then the old one is told to end.
 * Prints two tallies: of clients with lasting connections, and of those with a new one for each request.
 */
await using storage = await startStorage('raw')
const config = {
  workers: 2,
  listen: `127.0.0.1:${await freePort()}`,
  store: `sqlite:${storage.root}/shared.db`,
  log: { access: false },
  repositories: { 'acme/files': { format: 'raw', upstream: `${storage.url}/raw/` } },
} as const
const start = (): Promise<Gate> => startGate({ config, adminKey: ADMIN_KEY })

let gate = await start()
const { token } = await gate.createToken('acme/files')
const url = `http://${config.listen}/${token}/acme/files/small.bin`
const over = new AbortController()
const [lasting, fresh]: readonly [Tally, Tally] = [{}, {}]
const clients = Array.from({ length: CLIENTS }, () => [
  download(url, true, over.signal, lasting),
  download(url, false, over.signal, fresh),
])
const codes: number[] = []
for (let i = 0; i < RESTARTS; i++) {
  const next = await start()
  codes.push(await gate.stop('SIGTERM'))
  gate = next
}
over.abort()
await Promise.all(clients.flat())
await gate.stop()
process.stdout.write(JSON.stringify({ lasting, fresh, codes }))
