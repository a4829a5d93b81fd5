import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { temporaryDirectory, waitFor, type TemporaryDirectory } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get } from '../support/requests.ts'
import { msUntil } from '../support/stopwatch.ts'

const REPOSITORY = 'acme/files'
const KEY = 'revocation-test-admin-key'
/** Well under a second. */
const SOON_MS = 900

let storage: Storage
let directory: TemporaryDirectory
let here: Gate
let there: Gate

beforeAll(async () => {
  storage = await startStorage('raw')
  directory = await temporaryDirectory('revocation')
  const config = {
    store: `sqlite:${directory.path}/shared.db`,
    repositories: { [REPOSITORY]: { format: 'raw', upstream: `${storage.url}/raw/` } },
  } as const
  const start = (): Promise<Gate> => startGate({ config, adminKey: KEY })
  ;[here, there] = await Promise.all([start(), start()])
})
afterAll(async () => {
  await Promise.all([here, there].map((gate) => gate?.[Symbol.asyncDispose]()))
  await storage?.[Symbol.asyncDispose]()
  await directory?.remove()
})

const statusAt = async (gate: Gate, secret: string): Promise<number> =>
  (await get(`${gate.url}/${secret}/${REPOSITORY}/small.bin`)).status

async function warmToken(): Promise<GateToken> {
  const token = await here.createToken(REPOSITORY)
  await waitFor(async () => (await statusAt(here, token.token)) === 200)
  await waitFor(async () => (await statusAt(there, token.token)) === 200)
  return token
}

const path = ({ slug_perm }: GateToken): string => `/entitlements/${REPOSITORY}/${slug_perm}/`

test.each<[string, (token: GateToken) => Promise<unknown>]>([
  ['disabled', (token) => here.admin('POST', `${path(token)}disable/`)],
  ['deleted', (token) => here.admin('DELETE', path(token))],
  ['refreshed', (token) => here.admin('POST', `${path(token)}refresh/`)],
  [
    'given a window that is over',
    (token) => here.admin('PATCH', path(token), { limit_date_range_to: '2020-01-01T00:00:00Z' }),
  ],
  ['limited to nothing', (token) => here.admin('PATCH', path(token), { limit_num_downloads: 0 })],
  [
    'restricted to other packages',
    (token) => here.admin('PATCH', path(token), { limit_packages: ['other'] }),
  ],
])('a token that is %s stops at once here, and soon in every other process', async (_, revoke) => {
  const token = await warmToken()
  await revoke(token)
  expect(await statusAt(here, token.token)).toBe(403)
  expect(await msUntil(async () => (await statusAt(there, token.token)) === 403)).toBeLessThan(SOON_MS)
})

test('a token that is enabled again works at once here, and soon in every other process', async () => {
  const token = await warmToken()
  await here.admin('POST', `${path(token)}disable/`)
  expect(await msUntil(async () => (await statusAt(there, token.token)) === 403)).toBeLessThan(SOON_MS)
  await here.admin('POST', `${path(token)}enable/`)
  expect(await statusAt(here, token.token)).toBe(200)
  expect(await msUntil(async () => (await statusAt(there, token.token)) === 200)).toBeLessThan(SOON_MS)
})

test('a secret that was unknown a moment ago works as soon as its token is made', async () => {
  const secret = 'not-yet-issued-4711'
  expect(await statusAt(here, secret)).toBe(403)
  expect(await statusAt(there, secret)).toBe(403)
  await here.createToken(REPOSITORY, { token: secret })
  expect(await statusAt(here, secret)).toBe(200)
  expect(await msUntil(async () => (await statusAt(there, secret)) === 200)).toBeLessThan(SOON_MS)
})

test('an open connection is refused with its next request', async () => {
  const { Agent } = await import('node:http')
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const token = await warmToken()
  const ask = (): ReturnType<typeof get> =>
    get(`${here.url}/${token.token}/${REPOSITORY}/small.bin`, { agent })
  expect((await ask()).status).toBe(200)
  await here.admin('DELETE', path(token))
  expect((await ask()).status).toBe(403)
  agent.destroy()
})

test('a reset gives all downloads back', async () => {
  const token = await here.createToken(REPOSITORY, { limit_num_downloads: 1 })
  expect(await statusAt(here, token.token)).toBe(200)
  expect(await statusAt(there, token.token)).toBe(403)
  await here.admin('POST', `${path(token)}reset/`)
  expect(await statusAt(there, token.token)).toBe(200)
  expect(await statusAt(here, token.token)).toBe(403)
})
