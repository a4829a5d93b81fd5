import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { startRedis, type RedisServer } from '../support/redis.ts'

const REPOSITORIES = { 'acme/files': { format: 'raw', upstream: 'http://127.0.0.1:1/' } } as const
const LIST = '/entitlements/acme/files/'

interface Made {
  readonly key: string
  readonly slug_perm: string
}

async function makeKey(gate: Gate): Promise<Made> {
  const fields = { name: 'ci', role: 'entitlements', repositories: ['acme/*'] }
  const { status, body } = await gate.admin('POST', '/keys/', fields)
  expect(status).toBe(201)
  return body as Made
}

const statusOf = async (gate: Gate, path: string, headers: Record<string, string>): Promise<number> =>
  (await fetch(gate.adminUrl + path, { headers })).status

describe('two hosts that share a Redis', () => {
  let redis: RedisServer
  let one: Gate
  let other: Gate

  beforeAll(async () => {
    redis = await startRedis()
    const config = {
      repositories: REPOSITORIES,
      store: `redis://127.0.0.1:${redis.port}`,
      secret_key: 'a secret key that both hosts have, long enough',
      trusted_proxies: ['127.0.0.1'],
    }
    one = await startGate({ config })
    other = await startGate({ config })
  })
  afterAll(async () => {
    await other.stop()
    await one.stop()
    await redis[Symbol.asyncDispose]()
  })

  test('know each other’s keys, and which were revoked, with the next request', async () => {
    const { key, slug_perm } = await makeKey(one)
    const headers = { 'X-Api-Key': key }
    expect(await statusOf(other, LIST, headers)).toBe(200)
    expect(await statusOf(other, '/keys/', headers)).toBe(403)
    expect((await one.admin('DELETE', `/keys/${slug_perm}/`)).status).toBe(204)
    expect(await statusOf(other, LIST, headers)).toBe(401)
  })

  test('show when a key was used, and the address that a trusted proxy names', async () => {
    const { key, slug_perm } = await makeKey(one)
    await statusOf(other, LIST, { 'X-Api-Key': key, 'X-Forwarded-For': '203.0.113.9, 192.0.2.7' })
    await expect
      .poll(async () => (await one.admin('GET', `/keys/${slug_perm}/`)).body)
      .toMatchObject({ last_used_at: expect.any(String), last_used_from: '192.0.2.7' })
  })

  test('each have a key of the environment of their own', async () => {
    expect((await one.admin('GET', '/user/self/')).body).toMatchObject({
      slug_perm: 'environment',
      role: 'admin',
    })
    expect(await statusOf(one, LIST, { 'X-Api-Key': other.adminKey })).toBe(401)
  })

  test('print no key', async () => {
    const { key } = await makeKey(one)
    await statusOf(one, LIST, { 'X-Api-Key': key })
    for (const gate of [one, other]) expect(gate.output()).not.toContain('pmk')
  })
})

test('the last use of a key is written when the gate ends at once', async () => {
  await using redis = await startRedis()
  const config = {
    repositories: REPOSITORIES,
    store: `redis://127.0.0.1:${redis.port}`,
    secret_key: 'a secret key that both hosts have, long enough',
  }
  const gate = await startGate({ config })
  const { key, slug_perm } = await makeKey(gate)
  await statusOf(gate, LIST, { 'X-Api-Key': key })
  expect(await gate.stop()).toBe(0)
  await using next = await startGate({ config })
  expect((await next.admin('GET', `/keys/${slug_perm}/`)).body).toMatchObject({ last_used_from: '127.0.0.1' })
})
