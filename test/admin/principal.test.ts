import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import type { KeyUse } from '../../src/store/contract.ts'
import { startApi, TOKENS, useApi } from './api.ts'
import { callAs } from './call-as.ts'

const api = useApi()
const NOW = Date.UTC(2030, 0, 1)

describe('a key with an end', () => {
  test('works until then, and no longer', async () => {
    await using fresh = await startApi()
    const { call } = await callAs(fresh, { expiresAt: NOW + 5_000 })
    fresh.setNow(NOW + 4_999)
    expect((await call('GET', TOKENS)).status).toBe(200)
    fresh.setNow(NOW + 5_000)
    const answer = await call('GET', TOKENS)
    expect([answer.status, answer.body]).toEqual([
      401,
      { detail: 'Invalid token.', code: 'authentication_failed' },
    ])
  })
})

describe('a key that is ended by another process', () => {
  test('works no longer with the next request', async () => {
    const { key, call } = await callAs(api)
    expect((await call('GET', TOKENS)).status).toBe(200)
    await api.store.keys.revoke(key.id, NOW, 'another')
    expect((await call('GET', TOKENS)).status).toBe(401)
  })

  test.each(['revoked', 'limited'])(
    'is %s also for a request whose body is still on its way',
    async (how) => {
      const { key, secret } = await callAs(api)
      const body = JSON.stringify({ name: 'smuggled' })
      const headers = {
        'X-Api-Key': secret,
        'Content-Type': 'application/json',
        'Content-Length': body.length,
      }
      const sending = request(`${api.url}${TOKENS}`, { method: 'POST', headers })
      sending.write(body.slice(0, 5))
      // The use of the key is noted when it has been accepted.
      await expect.poll(async () => (await api.store.keys.read(key.id))?.lastUsedAt).toBe(NOW)
      if (how === 'revoked') await api.store.keys.revoke(key.id, NOW, 'another')
      else await api.store.keys.update(key.id, { repositories: [], updatedAt: NOW, updatedBy: 'another' })
      const answered = once(sending, 'response')
      sending.end(body.slice(5))
      const [response] = await answered
      expect(response.statusCode).toBe(how === 'revoked' ? 401 : 404)
      expect(await text(response)).not.toContain('smuggled')
      expect((await api.call('GET', `${TOKENS}?query=smuggled`)).body).toEqual([])
    },
  )
})

test('a mistyped key is refused without asking the store, one like those of earlier versions is looked up', async () => {
  const asked: string[] = []
  await using fresh = await startApi({
    wrapStore: (store) => ({
      ...store,
      keys: { ...store.keys, find: (digest) => (asked.push(digest), store.keys.find(digest)) },
    }),
  })
  const { secret } = await callAs(fresh)
  const typo = secret.slice(0, -1) + (secret.endsWith('x') ? 'y' : 'x')
  const send = (key: string) => fresh.send(TOKENS, { headers: { 'X-Api-Key': key } })
  expect((await send(typo)).body).toEqual({ detail: 'Invalid token.', code: 'authentication_failed' })
  expect(asked).toEqual([])
  expect((await send('ptk000000000000000000000000002IJveX')).status).toBe(401)
  expect(asked).toHaveLength(1)
})

describe('the use of a key', () => {
  test('is told with its instant and the address that it came from, a failed one is not', async () => {
    const uses: KeyUse[] = []
    await using fresh = await startApi({
      noteKeyUse: (use) => void uses.push(use),
      clientAddress: (peer, forwardedFor) => `${forwardedFor ?? 'nobody'} by ${peer}`,
    })
    const { key, secret } = await callAs(fresh)
    await fresh.send(TOKENS, { headers: { 'X-Api-Key': secret, 'X-Forwarded-For': '192.0.2.7' } })
    await fresh.send(TOKENS, { headers: { 'X-Api-Key': `${secret}x`, 'X-Forwarded-For': '192.0.2.7' } })
    await fresh.send(TOKENS, { headers: { 'X-Api-Key': secret } })
    expect(uses).toEqual([
      { digest: key.digest, at: NOW, address: '192.0.2.7 by 127.0.0.1' },
      { digest: key.digest, at: NOW, address: 'nobody by 127.0.0.1' },
    ])
  })

  test('is shown by the API', async () => {
    const { key, call } = await callAs(api)
    await call('GET', TOKENS)
    await expect
      .poll(async () => (await api.call('GET', `/keys/${key.id}/`)).body)
      .toMatchObject({ last_used_at: '2030-01-01T00:00:00.000Z', last_used_from: '127.0.0.1' })
  })
})

test('what a key changes carries its name', async () => {
  const { call } = await callAs(api, { name: 'ci of acme', role: 'entitlements' })
  const { body } = await call('POST', TOKENS, { name: 'x' })
  expect(body).toMatchObject({ created_by: 'ci of acme' })
})
