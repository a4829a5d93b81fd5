import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import { startGate } from '../support/gate.ts'
import { temporaryDirectory, waitFor, type TemporaryDirectory } from '../support/processes.ts'

let directory: TemporaryDirectory
beforeAll(async () => {
  directory = await temporaryDirectory('crash')
})
afterAll(() => directory.remove())

test('after kill -9 in the middle of changes, every stored change has its line and every line its change', async () => {
  const file = join(directory.path, 'postern.db')
  const gate = await startGate({
    config: {
      store: `sqlite:${file}`,
      workers: 1,
      repositories: { 'acme/files': { format: 'raw', upstream: 'http://127.0.0.1:9/' } },
    },
  })
  const { slug_perm } = await gate.createToken('acme/files', { limit_num_downloads: 0 })
  const path = `/entitlements/acme/files/${slug_perm}/`
  let acknowledged = 0
  const changing = Array.from({ length: 200 }, async (_, index) => {
    const answer = await gate.admin('PATCH', path, { limit_num_downloads: index + 1 }).catch(() => undefined)
    if (answer?.status === 200) acknowledged++
  })
  await waitFor(() => acknowledged >= 5)
  await gate.stop('SIGKILL')
  await Promise.all(changing)

  const store = await openSqliteStore({ file, synchronous: 'normal', processId: 'after', clock: Date.now })
  const query = { owner: 'acme', repo: 'files', actor: null, event: null, from: null, until: null }
  const { entries } = await store.audit.list({ ...query, object: slug_perm, page: 1, pageSize: 500 })
  const token = await store.tokens.read('acme', 'files', slug_perm)
  const events = await store.events.waiting(500)
  await store.close()
  await gate[Symbol.asyncDispose]()

  const changes = entries.filter(({ event }) => event === 'repo.entitlement.updated')
  expect(changes.length).toBeGreaterThanOrEqual(acknowledged)
  const nextOf = new Map(changes.map((entry) => entry.changes['limitDownloads'] ?? [null, null]))
  let value: unknown = 0
  for (let step = 0; step < changes.length; step++) value = nextOf.get(value)
  expect(value).toBe(token?.limitDownloads)
  expect(nextOf.size).toBe(changes.length)
  const lines = new Set(entries.map(({ id }) => id))
  expect(events.every(({ id }) => lines.has(id))).toBe(true)
})
