import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { msUntil } from '../support/stopwatch.ts'
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

async function refresh({ slug_perm }: GateToken, body: object): Promise<GateToken> {
  const path = `/entitlements/${REPOSITORY}/${slug_perm}/refresh/?show_tokens=true`
  const answer = await pair.here.admin('POST', path, body)
  expect(answer.status).toBe(200)
  return answer.body as GateToken
}

const statusHere = async (secret: GateToken): Promise<number> =>
  (await pair.ask(pair.here, secret, 'small.bin')).status
const statusThere = async (secret: GateToken): Promise<number> =>
  (await pair.ask(pair.there, secret, 'small.bin')).status

describe('after a refresh with a time of grace', () => {
  test('both secrets work in every process until it is over, and then the new one alone', async () => {
    const before = await pair.here.createToken(REPOSITORY)
    expect([await statusHere(before), await statusThere(before)]).toEqual([200, 200])
    const after = await refresh(before, { previous_secret_valid_for: 3 })
    const end = Date.parse(String(after['previous_secret_valid_until']))
    expect([await statusHere(before), await statusHere(after)]).toEqual([200, 200])
    expect([await statusThere(before), await statusThere(after)]).toEqual([200, 200])
    await waitFor(async () => (await statusHere(before)) === 403)
    expect(Date.now()).toBeGreaterThanOrEqual(end)
    await waitFor(async () => (await statusThere(before)) === 403)
    expect(codeOf(await pair.ask(pair.there, before, 'small.bin'))).toBe('token_unknown')
    expect([await statusHere(after), await statusThere(after)]).toEqual([200, 200])
  })

  test('both use up the same downloads', async () => {
    const before = await pair.here.createToken(REPOSITORY, { limit_num_downloads: 3 })
    const after = await refresh(before, { previous_secret_valid_for: 3_600 })
    expect([await statusHere(before), await statusThere(after), await statusHere(before)]).toEqual([
      200, 200, 200,
    ])
    expect([await statusHere(before), await statusThere(after)]).toEqual([403, 403])
    expect(await pair.read(before)).toMatchObject({ downloads: 3, clients: 1 })
  })

  test('the last use of each is shown', async () => {
    const before = await pair.here.createToken(REPOSITORY)
    const after = await refresh(before, { previous_secret_valid_for: 3_600 })
    expect(after).toMatchObject({ secret_last_used_at: null, previous_secret_last_used_at: null })
    expect(await statusThere(before)).toBe(200)
    await waitFor(async () => (await pair.read(before))['previous_secret_last_used_at'] !== null)
    expect(await pair.read(before)).toMatchObject({ secret_last_used_at: null })
    const started = Date.now()
    expect(await statusHere(after)).toBe(200)
    await waitFor(async () => (await pair.read(before))['secret_last_used_at'] !== null)
    const shown = await pair.read(before)
    expect(Date.parse(String(shown['secret_last_used_at']))).toBeGreaterThanOrEqual(started)
    expect(Date.parse(String(shown['previous_secret_last_used_at']))).toBeLessThanOrEqual(started)
  })

  test('the old one can be ended early, at once here and soon in every process', async () => {
    const before = await pair.here.createToken(REPOSITORY)
    await refresh(before, { previous_secret_valid_for: 3_600 })
    expect([await statusHere(before), await statusThere(before)]).toEqual([200, 200])
    await pair.patch(before, { previous_secret_valid_until: null })
    expect(await statusHere(before)).toBe(403)
    expect(await msUntil(async () => (await statusThere(before)) === 403)).toBeLessThan(900)
  })

  test('a disabled or deleted token works with neither', async () => {
    const before = await pair.here.createToken(REPOSITORY)
    const after = await refresh(before, { previous_secret_valid_for: 3_600 })
    expect([await statusHere(before), await statusHere(after)]).toEqual([200, 200])
    const path = `/entitlements/${REPOSITORY}/${before.slug_perm}/`
    await pair.here.admin('POST', `${path}disable/`)
    expect([await statusHere(before), await statusHere(after)]).toEqual([403, 403])
    await pair.here.admin('POST', `${path}enable/`)
    expect([await statusHere(before), await statusHere(after)]).toEqual([200, 200])
    await pair.here.admin('DELETE', path)
    expect([await statusHere(before), await statusHere(after)]).toEqual([403, 403])
  })
})

test('a refresh without one ends the old secret at once', async () => {
  const before = await pair.here.createToken(REPOSITORY)
  expect(await statusHere(before)).toBe(200)
  const after = await refresh(before, {})
  expect([await statusHere(before), await statusHere(after)]).toEqual([403, 200])
})
