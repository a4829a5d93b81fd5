import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, openRaw } from '../support/requests.ts'

const REPOSITORY = 'acme/files'

let storage: Storage

beforeAll(async () => {
  storage = await startStorage('raw')
})
afterAll(async () => {
  await storage?.[Symbol.asyncDispose]()
})

const config = (extra: object = {}) => ({
  repositories: { [REPOSITORY]: { format: 'raw' as const, upstream: `${storage.url}/raw/` } },
  ...extra,
})

test('SIGTERM lets the downloads under way end, then the process ends with 0', async () => {
  const gate = await startGate({ config: config() })
  const { token } = await gate.createToken(REPOSITORY)
  const slow = await fetch(`${gate.url}/${token}/${REPOSITORY}/large.bin`)
  const ended = gate.stop('SIGTERM')
  await waitFor(
    () =>
      get(`${gate.url}/healthz`).then(
        () => false,
        () => true,
      ),
    { what: 'the gate to take no more connections' },
  )
  expect((await slow.arrayBuffer()).byteLength).toBe(16_000_000)
  expect(await ended).toBe(0)
})

test('an idle connection does not hold the end up', async () => {
  const gate = await startGate({ config: config() })
  using idle = await openRaw(gate.port)
  expect(await gate.stop('SIGTERM')).toBe(0)
  await idle.closed
})

test('a download that never ends is cut after drain_timeout', async () => {
  const gate = await startGate({ config: config({ drain_timeout: '300ms' }) })
  const { token } = await gate.createToken(REPOSITORY)
  using stalled = await openRaw(gate.port)
  stalled.socket.pause()
  stalled.socket.write(`GET /${token}/${REPOSITORY}/large.bin HTTP/1.1\r\nHost: x\r\n\r\n`)
  await waitFor(async () => storage.heard().includes('large.bin'))
  expect(await gate.stop('SIGTERM')).toBe(0)
})

test('what was counted in memory is written before the end', async () => {
  const shared = `sqlite:${storage.root}/drain-test.db`
  const first = await startGate({ config: config({ store: shared }) })
  const token = await first.createToken(REPOSITORY)
  for (let i = 0; i < 3; i++) await get(`${first.url}/${token.token}/${REPOSITORY}/small.bin`)
  await first.stop('SIGTERM')
  await using second = await startGate({ config: config({ store: shared }) })
  expect(await second.readToken(REPOSITORY, token.slug_perm)).toMatchObject({ downloads: 3, clients: 1 })
})
