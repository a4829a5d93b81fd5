import { expect, test } from 'vitest'
import { fieldsOf, TOKENS, useApi, type Answered, type Json } from './api.ts'

const api = useApi()

function refresh(slugPerm: string, body?: Json): Promise<Answered> {
  return api.call('POST', `${TOKENS}${slugPerm}/refresh/?show_tokens=True`, body)
}

async function isKnown(secret: unknown): Promise<boolean> {
  return (await api.store.tokens.find(api.keeper.digest(String(secret)))).length > 0
}

test('refresh makes a new secret; the old one is unknown and all else stays', async () => {
  const before = await api.create({ limit_num_downloads: 5 })
  await api.store.usage.record([
    { token: before.slug_perm, downloads: 2, bytes: 10, clients: new Map([['192.0.2.1', 2]]), lastUsedAt: 0 },
  ])
  const { status, body } = await refresh(before.slug_perm)
  const after = body as Json
  expect(status).toBe(200)
  expect(after).toMatchObject({
    slug_perm: before.slug_perm,
    name: before['name'],
    downloads: 2,
    limit_num_downloads: 5,
  })
  expect(after['token']).toMatch(/^ptk[0-9A-Za-z]{32}$/)
  expect(after['token']).not.toBe(before.token)
  expect([await isKnown(before.token), await isKnown(after['token'])]).toEqual([false, true])
  expect(after).toMatchObject({ updated_by: 'Operations', updated_at: expect.stringMatching(/Z$/) })
})

test('refresh takes the secret and the fields of its body', async () => {
  const before = await api.create()
  const { body } = await refresh(before.slug_perm, { token: 'refreshed-to-this', limit_num_clients: 3 })
  expect(body).toMatchObject({ token: 'refreshed-to-this', limit_num_clients: 3 })
  expect(await isKnown(before.token)).toBe(false)
})

test('refresh with token: null makes one', async () => {
  const before = await api.create()
  const { body } = await refresh(before.slug_perm, { token: null })
  expect((body as Json)['token']).toMatch(/^ptk/)
})

test('a refresh that is refused leaves the old secret working', async () => {
  await api.create({ token: 'not-available' })
  const before = await api.create()
  for (const body of [{ token: 'bad' }, { limit_rate: 0 }, { unknown: 1 }, { token: 'not-available' }]) {
    fieldsOf(await refresh(before.slug_perm, body))
    expect(await api.read(before.slug_perm)).toEqual(before)
  }
})

test('refresh does not show the secret unless asked to', async () => {
  const { slug_perm } = await api.create()
  const { body } = await api.call('POST', `${TOKENS}${slug_perm}/refresh/`)
  expect((body as Json)['token']).toMatch(/^\*+$/)
})

test('of many refreshes at once all succeed and exactly one secret is left', async () => {
  const { slug_perm } = await api.create()
  const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(slug_perm)))
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  const secrets = answers.map(({ body }) => (body as Json)['token'])
  const known = await Promise.all(secrets.map(isKnown))
  expect(new Set(secrets).size).toBe(10)
  expect(known.filter(Boolean)).toHaveLength(1)
  expect((await api.read(slug_perm))['token']).toBe(secrets[known.indexOf(true)])
})
