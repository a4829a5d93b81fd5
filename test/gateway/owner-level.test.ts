import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get } from '../support/requests.ts'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('raw')
  const repository = { format: 'raw' as const, upstream: `${storage.url}/raw/` }
  const names = ['acme/one', 'acme/two', 'other/one']
  gate = await startGate({
    config: { repositories: Object.fromEntries(names.map((name) => [name, repository])) },
  })
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

async function create(fields: Readonly<Record<string, unknown>> = {}): Promise<GateToken> {
  const answer = await gate.admin('POST', '/entitlements/acme/?show_tokens=true', {
    name: 'Everything',
    ...fields,
  })
  expect(answer.status).toBe(201)
  return answer.body as GateToken
}
const download = async ({ token }: GateToken, repository: string): Promise<number> =>
  (await get(`${gate.url}/${token}/${repository}/small.bin`)).status

test('a token of an owner opens each repository of the owner, and none of others, under one limit', async () => {
  const token = await create({ limit_num_downloads: 2 })
  expect(await download(token, 'other/one')).toBe(403)
  expect(await download(token, 'acme/one')).toBe(200)
  expect(await download(token, 'acme/two')).toBe(200)
  const third = await get(`${gate.url}/${token.token}/acme/two/large.bin`)
  expect(third.status).toBe(403)
})

test('it opens only the repositories that it names', async () => {
  const token = await create({ repositories: ['acme/t*'] })
  expect(await download(token, 'acme/one')).toBe(403)
  expect(await download(token, 'acme/two')).toBe(200)
})

test('it is shut as quickly as any other', async () => {
  const token = await create()
  expect(await download(token, 'acme/one')).toBe(200)
  await gate.admin('POST', `/entitlements/acme/${token.slug_perm}/disable/`)
  await expect.poll(() => download(token, 'acme/one')).toBe(403)
})

test('searches know what was downloaded, some seconds later', async () => {
  const token = await create({ name: 'Counted' })
  expect(await download(token, 'acme/one')).toBe(200)
  const find = async (): Promise<unknown> =>
    (await gate.admin('GET', '/entitlements/acme/?query=downloads:1+last_used:%3E-1h+name:counted')).body
  await expect.poll(find).toMatchObject([{ slug_perm: token.slug_perm, downloads: 1 }])
})
