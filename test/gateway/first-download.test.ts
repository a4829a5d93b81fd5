import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { codeOf, REPOSITORY, startPair, type Pair } from './pair.ts'

let storage: Storage
let pair: Pair
beforeAll(async () => {
  storage = await startStorage('raw')
  pair = await startPair(`${storage.url}/raw/`)
})
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** A window of so many seconds, whose dates are long over. */
const create = (seconds: number, fields = {}): Promise<GateToken> =>
  pair.here.createToken(REPOSITORY, {
    limit_date_range_from: '2020-01-01T00:00:00Z',
    limit_date_range_to: new Date(Date.UTC(2020, 0, 1) + seconds * 1_000).toISOString(),
    starts_on_first_download: true,
    ...fields,
  })

test.each([{}, { limit_num_downloads: 1_000 }])(
  'a window begins with the first download and ends when its length is over, with %j',
  async (limits) => {
    const token = await create(2, limits)
    expect(await pair.read(token)).toMatchObject({ first_download_at: null, expires_at: null })
    const before = Date.now()
    expect((await pair.ask(pair.here, token, 'small.bin')).status).toBe(200)
    const begun = await pair.read(token)
    const at = Date.parse(String(begun['first_download_at']))
    expect(at).toBeGreaterThanOrEqual(before)
    expect(at).toBeLessThanOrEqual(Date.now())
    expect(Date.parse(String(begun['expires_at']))).toBe(at + 2_000)
    expect(begun).toMatchObject({ limit_date_range_from: '2020-01-01T00:00:00.000Z', updated_at: null })
    for (const gate of [pair.here, pair.there]) {
      await waitFor(async () => codeOf(await pair.ask(gate, token, 'small.bin')) === 'token_expired')
    }
    expect(Date.now()).toBeGreaterThanOrEqual(at + 2_000)
    expect((await pair.read(token))['first_download_at']).toBe(begun['first_download_at'])
  },
)

test('of many first downloads at once, at two processes, one begins it', async () => {
  const token = await create(3_600)
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => pair.ask(i % 2 ? pair.there : pair.here, token, 'small.bin')),
  )
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  const begun = (await pair.read(token))['first_download_at']
  await pair.ask(pair.there, token, 'small.bin')
  await pair.ask(pair.here, token, 'small.bin')
  expect((await pair.read(token))['first_download_at']).toBe(begun)
})

test('what is free or refused does not begin it', async () => {
  const token = await create(3_600, { limit_num_downloads: 0 })
  await pair.ask(pair.here, token, 'small.bin', { method: 'HEAD' })
  await pair.ask(pair.here, token, 'missing.bin')
  await pair.ask(pair.here, token, 'small.bin.sha256')
  expect(codeOf(await pair.ask(pair.here, token, 'small.bin'))).toBe('downloads_used_up')
  expect(await pair.read(token)).toMatchObject({ first_download_at: null })
})

test('it does not work before its first date', async () => {
  const token = await create(3_600, {
    limit_date_range_from: new Date(Date.now() + 3_600_000).toISOString(),
    limit_date_range_to: new Date(Date.now() + 7_200_000).toISOString(),
  })
  expect(codeOf(await pair.ask(pair.here, token, 'small.bin'))).toBe('token_not_yet_valid')
  expect(await pair.read(token)).toMatchObject({ first_download_at: null })
})

test('a longer window renews it', async () => {
  const token = await create(1)
  await pair.ask(pair.here, token, 'small.bin')
  await waitFor(async () => codeOf(await pair.ask(pair.here, token, 'small.bin')) === 'token_expired')
  await pair.patch(token, { limit_date_range_to: '2021-01-01T00:00:00Z' })
  expect((await pair.ask(pair.here, token, 'small.bin')).status).toBe(200)
})
