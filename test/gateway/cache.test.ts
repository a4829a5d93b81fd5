import { rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { rawContent, startStorage, type Storage } from '../support/repositories.ts'
import { get, type Answer } from '../support/requests.ts'

const HOT = 'acme/files'
const COLD = 'acme/cold'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('raw', 'npm')
  const upstream = `${storage.url}/raw/`
  gate = await startGate({
    config: {
      // Longer than any test takes.
      cache: { default_ttl: '10m' },
      repositories: {
        [HOT]: { format: 'raw', upstream },
        [COLD]: { format: 'raw', upstream, cache: false } as never,
        'acme/js': { format: 'npm', upstream: `${storage.url}/npm/` },
      },
    },
  })
})
beforeEach(async () => {
  await gate.admin('POST', '/cache/purge/')
  await storage.nginx.forget()
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

const fetchFile = (token: GateToken, path: string, headers: Record<string, string> = {}, method = 'GET') =>
  get(`${gate.url}/${token.token}/${token['repository'] ?? HOT}/${path}`, { headers, method })

async function createToken(fields: object = {}): Promise<GateToken> {
  return gate.createToken(HOT, { repositories: ['acme/*'], ...fields })
}

/** The storage's log is written when an answer is over. */
const storageRequests = async (uri: string): Promise<number> =>
  (await storage.nginx.requests()).filter((request) => request.uri === uri).length

const downloadsOf = async ({ slug_perm }: GateToken): Promise<number> =>
  (await gate.readToken(HOT, slug_perm)).downloads

test('a hundred requests become one request to the storage, and each is charged', async () => {
  const token = await createToken({ limit_num_downloads: 1_000 })
  const all = await Promise.all(Array.from({ length: 100 }, () => fetchFile(token, 'small.bin')))
  expect(all.every(({ body }) => body.equals(rawContent('small.bin')))).toBe(true)
  await waitFor(async () => (await storageRequests('/raw/small.bin')) === 1)
  await expect.poll(() => downloadsOf(token)).toBe(100)
  expect(await storageRequests('/raw/small.bin')).toBe(1)
})

test('no limit is exceeded by a download, however hot the file is', async () => {
  const token = await createToken({ limit_num_downloads: 10 })
  const all = await Promise.all(Array.from({ length: 40 }, () => fetchFile(token, 'small.bin')))
  expect(all.filter(({ status }) => status === 200)).toHaveLength(10)
  expect(all.filter(({ status }) => status === 403)).toHaveLength(30)
  expect(await downloadsOf(token)).toBe(10)
})

test('a revoked token is refused although the file is hot, and others go on', async () => {
  const [token, other] = [await createToken(), await createToken()]
  expect((await fetchFile(token, 'small.bin')).status).toBe(200)
  await gate.admin('POST', `/entitlements/${HOT}/${token.slug_perm}/disable/`)
  const refused = await fetchFile(token, 'small.bin')
  expect(refused.status).toBe(403)
  expect(refused.body.includes(rawContent('small.bin'))).toBe(false)
  expect((await fetchFile(other, 'small.bin')).status).toBe(200)
  expect((await get(`${gate.url}/no-such-token/${HOT}/small.bin`)).status).toBe(403)
})

test('an answer from memory looks like the storage’s own, but for its age', async () => {
  const token = await createToken()
  const [first, second] = [await fetchFile(token, 'small.bin'), await fetchFile(token, 'small.bin')]
  const { age, ...others } = second.headers
  expect(age).toMatch(/^\d+$/)
  expect(others).toEqual(first.headers)
  expect(second.headers['cache-control']).toBe('private')
})

test('parts, HEAD and conditions are answered from memory, and cost what they would cost without it', async () => {
  const [warming, hot, cold] = [await createToken(), await createToken(), await createToken()]
  const path = 'tool/2.0/tool%202.0+%C3%BC.bin'
  const etag = String((await fetchFile(warming, path)).headers['etag'])
  const asked: readonly (readonly [Record<string, string>, string])[] = [
    [{ range: 'bytes=0-999' }, 'GET'],
    [{ range: 'bytes=-500', 'if-range': etag }, 'GET'],
    [{ range: 'bytes=100000-' }, 'GET'],
    [{ 'if-none-match': etag }, 'GET'],
    [{ 'if-match': '"other"' }, 'GET'],
    [{}, 'HEAD'],
    [{}, 'GET'],
    [{}, 'GET'],
  ]
  for (const [headers, method] of asked) {
    const fromMemory = await fetchFile(hot, path, headers, method)
    const fromStorage = await get(`${gate.url}/${cold.token}/${COLD}/${path}`, { headers, method })
    expect(essence(fromMemory)).toEqual(essence(fromStorage))
    expect(fromMemory.headers['age']).toBeDefined()
  }
  await expect.poll(() => downloadsOf(cold)).toBe(2)
  await expect.poll(() => downloadsOf(hot)).toBe(2)
  await expect.poll(async () => (await storage.nginx.requests()).length).toBe(1 + asked.length)
})

/** What the accounting and resuming clients depend on. */
function essence({ status, headers, body }: Answer): unknown {
  const { 'content-range': range, 'content-length': length, etag } = headers
  return { status, bytes: body.length, range, ...(status === 200 || status === 206 ? { etag, length } : {}) }
}

test('a repository that wants no cache has none', async () => {
  const token = await createToken()
  for (let i = 0; i < 3; i++) await get(`${gate.url}/${token.token}/${COLD}/small.bin`)
  await expect.poll(() => storageRequests('/raw/small.bin')).toBe(3)
})

test('a large file goes past the memory', async () => {
  const token = await createToken()
  for (let i = 0; i < 2; i++) {
    expect((await fetchFile(token, 'tool/1.0/tool-1.0.bin')).body).toHaveLength(300_000)
  }
  await expect.poll(() => storageRequests('/raw/tool/1.0/tool-1.0.bin')).toBe(2)
})

test('npm’s documents come from memory and lead each customer through its own way in', async () => {
  const tokens = [await createToken(), await createToken()]
  for (const token of tokens) {
    const { body } = await get(`${gate.url}/${token.token}/acme/js/@acme%2fwidget`)
    expect(body.toString()).toContain(`${gate.url}/${token.token}/acme/js/`)
    for (const other of tokens) expect(body.includes(other.token)).toBe(other === token)
  }
  await expect.poll(async () => (await storage.nginx.requests()).length).toBe(1)
})

test('a purge through the API makes the gate ask the storage again, for what was purged', async () => {
  const token = await createToken()
  const file = join(storage.root, 'raw/replaced.bin')
  const old = new Date('2026-01-01T00:00:00Z')
  await writeFile(file, 'one')
  await utimes(file, old, old)
  const read = async (): Promise<string> => (await fetchFile(token, 'replaced.bin')).body.toString()
  expect(await read()).toBe('one')
  await fetchFile(token, 'small.bin')
  await writeFile(file, 'two')
  await utimes(file, old, old)
  expect(await read()).toBe('one')
  const purged = await gate.admin('POST', '/cache/purge/', { repository: HOT, path: '/replaced.bin' })
  expect(purged).toEqual({ status: 200, body: { purged: 1 } })
  expect(await read()).toBe('two')
  await fetchFile(token, 'small.bin')
  expect(await storageRequests('/raw/small.bin')).toBe(1)
  await rm(file)
})

test('the figures tell hits from misses', async () => {
  const token = await createToken()
  const read = async (): Promise<string> => (await fetch(`${gate.adminUrl}/metrics`)).text()
  const hits = (text: string): number =>
    Number(/postern_cache_requests_total\{result="hit"\} (\d+)/.exec(text)?.[1] ?? 0)
  const before = hits(await read())
  for (let i = 0; i < 3; i++) await fetchFile(token, 'small.bin')
  const after = await read()
  expect(hits(after) - before).toBe(2)
  expect(after).toMatch(/^postern_cache_bytes [1-9]\d{3}$/m)
})

test('a client that leaves while the file is fetched takes it from nobody', async () => {
  const token = await createToken()
  const leaving = Array.from({ length: 20 }, async () => {
    const controller = new AbortController()
    const asked = fetch(`${gate.url}/${token.token}/${HOT}/small.bin`, { signal: controller.signal })
    controller.abort()
    await asked.catch(() => undefined)
  })
  const staying = Array.from({ length: 20 }, () => fetchFile(token, 'small.bin'))
  await Promise.all(leaving)
  expect((await Promise.all(staying)).every(({ status }) => status === 200)).toBe(true)
})
