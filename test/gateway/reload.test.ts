import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get } from '../support/requests.ts'

const SOON = { timeout: 30_000 }

let storage: Storage
let gate: Gate
let token: GateToken

const raw = (extra: object = {}): object => ({ format: 'raw', upstream: `${storage.url}/raw/`, ...extra })

beforeAll(async () => {
  storage = await startStorage('raw')
})
beforeEach(async () => {
  await gate?.[Symbol.asyncDispose]()
  gate = await startGate({ config: { repositories: { 'acme/files': raw() as never } } })
  token = await gate.createToken('acme/files', { repositories: ['acme/*'] })
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

async function rewriteConfig(change: (config: Record<string, unknown>) => unknown): Promise<void> {
  const before = JSON.parse(await gate.readConfig()) as Record<string, unknown>
  const next = change(before)
  await writeFile(gate.configFile, typeof next === 'string' ? next : JSON.stringify(next))
  process.kill(gate.pid, 'SIGHUP')
}

const statusOf = async (path: string): Promise<number> =>
  (await get(`${gate.url}/${token.token}/${path}`)).status

test('a repository that the file gains is served after SIGHUP, without a restart', async () => {
  expect(await statusOf('acme/more/small.bin')).toBe(404)
  await rewriteConfig((config) => ({ ...config, repositories: { 'acme/files': raw(), 'acme/more': raw() } }))
  await waitFor(async () => (await statusOf('acme/more/small.bin')) === 200)
  expect(await statusOf('acme/files/small.bin')).toBe(200)
})

test('a repository that the file loses is gone after SIGHUP', async () => {
  await rewriteConfig((config) => ({ ...config, repositories: { 'acme/other': raw() } }))
  await expect.poll(() => statusOf('acme/files/small.bin'), SOON).toBe(404)
})

test('a wrong file changes nothing and is reported', async () => {
  await rewriteConfig((config) => ({ ...config, repositories: { 'acme/files': raw({ fromat: 'raw' }) } }))
  await waitFor(() => gate.output().includes('fromat'))
  expect(await statusOf('acme/files/small.bin')).toBe(200)
  await rewriteConfig(() => '{ not yaml: [')
  await waitFor(() => gate.output().split('not reloaded').length === 3)
  expect(await statusOf('acme/files/small.bin')).toBe(200)
})

test('what can not change without a restart is named', async () => {
  await rewriteConfig((config) => ({ ...config, trusted_proxies: ['10.0.0.0/8'] }))
  await expect.poll(gate.output, SOON).toMatch(/"keys":"trusted_proxies".*need a restart/)
})

test('what is back as it was at the start needs no restart', async () => {
  await rewriteConfig((config) => ({ ...config, trusted_proxies: ['10.0.0.0/8'] }))
  await waitFor(() => gate.output().includes('was reloaded'))
  await rewriteConfig((config) => ({ ...config, trusted_proxies: [] }))
  await waitFor(() => gate.output().split('was reloaded').length === 3)
  expect(gate.output().split('need a restart')).toHaveLength(2)
})

test('a download under way survives a reload that removes its repository', async () => {
  const url = `${gate.url}/${token.token}/acme/files/large.bin`
  const slow = await fetch(url)
  const reader = slow.body?.getReader()
  const first = await reader?.read()
  await rewriteConfig((config) => ({ ...config, repositories: { 'acme/other': raw() } }))
  await waitFor(async () => (await statusOf('acme/files/small.bin')) === 404)
  let bytes = first?.value?.length ?? 0
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    bytes += part.value.length
  }
  expect(bytes).toBe(16_000_000)
})

test('no request fails while the file is reloaded again and again', async () => {
  const over = new AbortController()
  const statuses = new Set<number>()
  const asking = Array.from({ length: 4 }, async () => {
    while (!over.signal.aborted) statuses.add(await statusOf('acme/files/small.bin'))
  })
  for (let i = 0; i < 20; i++) {
    await rewriteConfig((config) => ({
      ...config,
      upstream: { connections: 10 + i },
      repositories: { 'acme/files': raw() },
    }))
    await waitFor(() => gate.output().split('was reloaded').length > i + 1)
  }
  over.abort()
  await Promise.all(asking)
  expect([...statuses]).toEqual([200])
})
