import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GateToken } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { REPOSITORY, startPair, type Pair } from './pair.ts'

let storage: Storage
let pair: Pair
beforeAll(async () => {
  storage = await startStorage('raw')
  await writeFile(join(storage.root, 'raw/old.bin.sha256'), 'of old.bin')
  await writeFile(join(storage.root, 'raw/old.bin'), 'old')
  await utimes(join(storage.root, 'raw/old.bin'), 1_000_000_000, 1_000_000_000)
  pair = await startPair(`${storage.url}/raw/`)
})
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

interface Explained {
  readonly allowed: boolean
  readonly steps: readonly { readonly step: string; readonly ok: boolean; readonly result: string }[]
  readonly answer: { readonly status: number; readonly code?: string }
}

async function explain(token: GateToken | string, path: string, client = '203.0.113.7'): Promise<Explained> {
  const secret = typeof token === 'string' ? token : token.token
  const body = { target: `/${secret}/${REPOSITORY}/${path}`, client }
  const answer = await pair.here.admin('POST', '/explain/', body)
  expect(answer.status).toBe(200)
  return answer.body as Explained
}

const stepOf = ({ steps }: Explained, name: string): unknown => steps.find(({ step }) => step === name)

test('each limit is told, and nothing is used up by telling', async () => {
  const token = await pair.here.createToken(REPOSITORY, {
    limit_num_downloads: 5,
    limit_bandwidth: 2,
    limit_bandwidth_unit: 'Kilobyte',
    limit_rate: 0.001,
    limit_concurrency: 4,
  })
  for (let i = 0; i < 3; i++) {
    const told = await explain(token, 'small.bin')
    expect([told.allowed, told.answer.status]).toEqual([true, 200])
    expect(stepOf(told, 'limits')).toMatchObject({
      ok: true,
      result:
        'this would be download 1 (of 5); clients: 1 (no limit); bytes: 1024 (of 2000); ' +
        'at most 0.001 requests a second; at most 4 downloads at once',
    })
  }
  expect(await pair.read(token)).toMatchObject({ downloads: 0, bandwidth: 0, last_used_at: null })
})

test('a network that a client is not in is told, with the whole address', async () => {
  const token = await pair.here.createToken(REPOSITORY, { limit_networks: ['2001:db8::1'] })
  const told = await explain(token, 'small.bin', '2001:db8::2')
  expect(stepOf(told, 'client')).toMatchObject({ result: '2001:db8::2, counts as 2001:db8::/64' })
  expect(stepOf(told, 'decide')).toMatchObject({ ok: false })
  expect(told.answer).toMatchObject({ status: 403, code: 'network_not_allowed' })
})

test('what was published too late is told before what it would cost', async () => {
  const token = await pair.here.createToken(REPOSITORY, {
    limit_published_until: '2010-01-01',
    limit_num_downloads: 5,
  })
  const late = await explain(token, 'small.bin')
  expect(stepOf(late, 'published')).toMatchObject({ ok: false })
  expect(stepOf(late, 'limits')).toBeUndefined()
  expect(late.answer).toMatchObject({ status: 403, code: 'published_too_late' })
  const inTime = await explain(token, 'old.bin')
  expect(stepOf(inTime, 'published')).toMatchObject({ ok: true, result: 'published in time' })
  expect(inTime.allowed).toBe(true)
  expect(stepOf(await explain(token, 'old.bin.sha256'), 'published')).toMatchObject({ ok: true })
})

test('bandwidth that is used up and a rate that is exceeded are told', async () => {
  const bytes = await pair.here.createToken(REPOSITORY, { limit_bandwidth: 1_000 })
  expect((await explain(bytes, 'small.bin')).answer).toMatchObject({ status: 403, code: 'bandwidth_used_up' })
  const rate = await pair.here.createToken(REPOSITORY, { limit_rate: 0.001 })
  await pair.ask(pair.here, rate, 'small.bin')
  expect((await explain(rate, 'small.bin')).answer).toMatchObject({ status: 429, code: 'rate_exceeded' })
})

test('a previous secret is told to be one, and never shown', async () => {
  const token = await pair.here.createToken(REPOSITORY)
  const path = `/entitlements/${REPOSITORY}/${token.slug_perm}/refresh/`
  await pair.here.admin('POST', path, { previous_secret_valid_for: 3_600 })
  const told = await explain(token, 'small.bin')
  expect(stepOf(told, 'token')).toMatchObject({ result: expect.stringContaining('by its previous secret') })
  expect(JSON.stringify(told)).not.toContain(token.token)
})

test('at another time, with the token that it was judged by', async () => {
  const token = await pair.here.createToken(REPOSITORY, { limit_date_range_to: '2099-01-01' })
  const target = `/${token.token}/${REPOSITORY}/small.bin`
  const { body } = await pair.here.admin('POST', '/explain/', { target, at: '2099-01-01T00:00:00Z' })
  const identity = { slug_perm: token.slug_perm, name: token.name, owner: 'acme', repository: REPOSITORY }
  expect(body).toMatchObject({ allowed: false, token: identity, answer: { code: 'token_expired' } })
  expect((await explain(token, 'small.bin')).allowed).toBe(true)
  expect(await explain('nobodys-secret', 'small.bin')).toMatchObject({ allowed: false, token: null })
})
