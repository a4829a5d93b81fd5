import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, openRaw, type RawConnection } from '../support/requests.ts'

const REPOSITORY = 'acme/raw'
const CONNECTIONS = 16

let storage: Storage
let gate: Gate
beforeAll(async () => {
  storage = await startStorage('raw')
  gate = await startGate({
    config: {
      repositories: { [REPOSITORY]: { format: 'raw', upstream: `${storage.url}/raw/`, cache: false } },
      upstream: { connections: CONNECTIONS },
    },
  })
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** Asks for a large file again and again on one connection, and reads nothing. */
async function stall({ token }: GateToken): Promise<RawConnection> {
  const client = await openRaw(gate.port)
  client.socket.once('data', () => client.socket.pause())
  client.socket.write(`GET /${token}/${REPOSITORY}/large.bin HTTP/1.1\r\nHost: x\r\n\r\n`)
  return client
}

test('a customer who stalls on more downloads than a storage has connections keeps nobody else from it', async () => {
  const [staller, other] = [await gate.createToken(REPOSITORY), await gate.createToken(REPOSITORY)]
  const stalled = await Promise.all(Array.from({ length: 3 * CONNECTIONS }, () => stall(staller)))
  try {
    const begun = (): number =>
      stalled.filter((client) => client.received().startsWith('HTTP/1.1 200')).length
    await waitFor(() => begun() >= CONNECTIONS - CONNECTIONS / 8)
    for (let round = 0; round < 20; round++) {
      const { status } = await get(`${gate.url}/${other.token}/${REPOSITORY}/small.bin`)
      expect(status).toBe(200)
    }
    expect(begun()).toBe(CONNECTIONS - CONNECTIONS / 8)
  } finally {
    for (const client of stalled) client.socket.destroy()
  }
})
