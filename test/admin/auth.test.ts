import { describe, expect, test } from 'vitest'
import { presentedKey } from '../../src/admin/key-check.ts'
import { FULL_KEY } from '../../src/store/stored-key.ts'
import { KEY, TOKENS, startApi, useApi } from './api.ts'

const api = useApi()
const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`

describe('a key is accepted', () => {
  test.each<[string, Record<string, string>]>([
    ['in X-Api-Key', { 'X-Api-Key': KEY }],
    ['after "token"', { Authorization: `token ${KEY}` }],
    ['after "Token"', { Authorization: `Token ${KEY}` }],
    ['after "Bearer"', { Authorization: `Bearer ${KEY}` }],
    ['after "bearer" and spaces', { Authorization: `bearer   ${KEY}` }],
    ['as a password', { Authorization: basic(`somebody:${KEY}`) }],
    ['as a password without a user', { Authorization: basic(`:${KEY}`) }],
    ['in X-Api-Key beside a stray .netrc', { 'X-Api-Key': KEY, Authorization: basic('x:y') }],
    ['beside an empty X-Api-Key', { 'X-Api-Key': '', Authorization: `token ${KEY}` }],
  ])('%s', async (_where, headers) => {
    expect((await api.send(TOKENS, { headers })).status).toBe(200)
  })
})

describe('without a key', () => {
  test.each<Record<string, string>>([{}, { 'X-Api-Key': '' }, { Authorization: '' }])(
    '%j is a 401',
    async (headers) => {
      const answer = await api.send(TOKENS, { headers })
      expect(answer.status).toBe(401)
      expect(answer.body).toMatchObject({ detail: 'Authentication credentials were not provided.' })
      expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Postern API"')
    },
  )

  test('never is a request throttled', async () => {
    for (let i = 0; i < 30; i++) expect((await api.send(TOKENS)).status).toBe(401)
  })

  test('no method gets through, and a body is not even looked at', async () => {
    const { slug_perm } = await api.create()
    const paths = [
      TOKENS,
      `${TOKENS}${slug_perm}/`,
      `${TOKENS}${slug_perm}/refresh/`,
      '/user/self/',
      '/explain/',
    ]
    for (const path of paths) {
      for (const method of ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE']) {
        expect([401, 405]).toContain((await api.send(path, { method })).status)
      }
    }
    expect((await api.send(TOKENS, { method: 'POST', body: '{' })).status).toBe(401)
    expect((await api.call('GET', `${TOKENS}${slug_perm}/`)).status).toBe(200)
  })
})

describe('a wrong key is a 401', () => {
  test.each<[string, (secret: string) => Record<string, string>]>([
    ['cut off', () => ({ 'X-Api-Key': KEY.slice(0, -1) })],
    ['in another case', () => ({ 'X-Api-Key': KEY.toUpperCase() })],
    ['sent twice', () => ({ 'X-Api-Key': `${KEY}, ${KEY}` })],
    [
      'right in a header that does not count',
      () => ({ 'X-Api-Key': 'wrong', Authorization: `token ${KEY}` }),
    ],
    ['right but as the user', () => ({ Authorization: basic(`${KEY}:`) })],
    ['of an unknown scheme', () => ({ Authorization: `Digest ${KEY}` })],
    ['without a scheme', () => ({ Authorization: KEY })],
    ['an empty password', () => ({ Authorization: basic('x:') })],
    ['no base64', () => ({ Authorization: 'Basic %%%' })],
    ['an entitlement token', (secret) => ({ 'X-Api-Key': secret })],
  ])('%s', async (_what, headers) => {
    await using fresh = await startApi()
    const { token } = await fresh.create()
    const answer = await fresh.send(TOKENS, { headers: headers(token) })
    expect(answer.status).toBe(401)
    expect(answer.body).toEqual({ detail: 'Invalid token.', code: 'authentication_failed' })
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Postern API"')
  })

  test('even if somebody stored an empty one', async () => {
    await using fresh = await startApi()
    await fresh.store.keys.create({
      ...FULL_KEY,
      id: 'x',
      name: 'x',
      digest: fresh.keeper.digest(''),
      createdAt: 0,
    })
    for (const authorization of ['Bearer ', 'Basic Og==', 'nothing']) {
      expect(presentedKey({ authorization })).toBe('')
      expect((await fresh.send(TOKENS, { headers: { authorization } })).status).toBe(401)
    }
  })
})

describe('a page of another site can not use the credentials that a browser remembers', () => {
  const key = { Authorization: basic(`x:${KEY}`) }

  test.each<Record<string, string>>([
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
  ])('%j is a 403', async (headers) => {
    const { slug_perm } = await api.create()
    const answer = await api.send(`${TOKENS}${slug_perm}/disable/`, {
      method: 'POST',
      headers: { ...key, ...headers },
    })
    expect(answer.status).toBe(403)
    expect(await api.read(slug_perm)).toMatchObject({ is_active: true })
  })

  test('but our own pages can', async () => {
    const { slug_perm } = await api.create()
    for (const headers of [{ 'Sec-Fetch-Site': 'same-origin', Origin: 'https://x' }, { Origin: api.url }]) {
      const path = `${TOKENS}${slug_perm}/disable/`
      expect((await api.send(path, { method: 'POST', headers: { ...key, ...headers } })).status).toBe(204)
    }
  })
})
