import { beforeEach, describe, expect, test } from 'vitest'
import { fieldsOf, TOKENS, useApi, type Answered, type Json } from './api.ts'

const api = useApi()
const NOW = Date.UTC(2030, 0, 1)
const HOUR = 3_600
beforeEach(() => api.setNow(NOW))

function refresh(slugPerm: string, body?: Json): Promise<Answered> {
  return api.call('POST', `${TOKENS}${slugPerm}/refresh/?show_tokens=True`, body)
}

function patch(slugPerm: string, body: Json): Promise<Answered> {
  return api.call('PATCH', `${TOKENS}${slugPerm}/?show_tokens=True`, body)
}

/** Tokens that a secret finds, by which of their secrets it is. */
async function found(secret: unknown): Promise<string[]> {
  const digest = api.keeper.digest(String(secret))
  const tokens = await api.store.tokens.find(digest)
  return tokens.map((token) => (token.digest === digest ? 'current' : 'previous'))
}

const secretOf = ({ body }: Answered): string => String((body as Json)['token'])

describe('a refresh', () => {
  test.each([
    [{ previous_secret_valid_for: HOUR }, '2030-01-01T01:00:00.000Z'],
    [{ previous_secret_valid_until: '2030-03-01' }, '2030-03-01T00:00:00.000Z'],
    [
      { previous_secret_valid_for: null, previous_secret_valid_until: '2030-03-01' },
      '2030-03-01T00:00:00.000Z',
    ],
  ])('with %j leaves the replaced secret working for so long', async (body, until) => {
    const before = await api.create()
    const answer = await refresh(before.slug_perm, body)
    expect(answer.body).toMatchObject({ previous_secret_valid_until: until })
    expect(secretOf(answer)).not.toBe(before.token)
    expect([await found(before.token), await found(secretOf(answer))]).toEqual([['previous'], ['current']])
  })

  test('ends the secret before the one that it replaces', async () => {
    const first = await api.create()
    const second = secretOf(await refresh(first.slug_perm, { previous_secret_valid_for: HOUR }))
    const third = secretOf(await refresh(first.slug_perm, { previous_secret_valid_for: HOUR }))
    expect([await found(first.token), await found(second), await found(third)]).toEqual([
      [],
      ['previous'],
      ['current'],
    ])
  })

  test('without a time ends both', async () => {
    const first = await api.create()
    const second = secretOf(await refresh(first.slug_perm, { previous_secret_valid_for: HOUR }))
    const answer = await refresh(first.slug_perm)
    expect([await found(first.token), await found(second)]).toEqual([[], []])
    expect(answer.body).toMatchObject({
      previous_secret_valid_until: null,
      previous_secret_last_used_at: null,
    })
  })

  test('may bring back the secret that it replaced', async () => {
    const first = await api.create()
    const second = secretOf(await refresh(first.slug_perm, { previous_secret_valid_for: HOUR }))
    const body = { token: first.token, previous_secret_valid_for: HOUR }
    expect((await refresh(first.slug_perm, body)).status).toBe(200)
    expect([await found(first.token), await found(second)]).toEqual([['current'], ['previous']])
  })

  test('can not keep and replace the same secret', async () => {
    const { slug_perm, token } = await api.create()
    const body = { token, previous_secret_valid_for: HOUR }
    expect(fieldsOf(await refresh(slug_perm, body))).toEqual({ token: [expect.any(String)] })
  })

  test.each([
    [{ previous_secret_valid_for: 0 }, 'previous_secret_valid_for'],
    [{ previous_secret_valid_for: -1 }, 'previous_secret_valid_for'],
    [{ previous_secret_valid_for: 0.5 }, 'previous_secret_valid_for'],
    [{ previous_secret_valid_for: '1h' }, 'previous_secret_valid_for'],
    [{ previous_secret_valid_for: 2 ** 53 }, 'previous_secret_valid_for'],
    [{ previous_secret_valid_for: [] }, 'previous_secret_valid_for'],
    [{ previous_secret_valid_until: 'soon' }, 'previous_secret_valid_until'],
    [{ previous_secret_valid_until: '2029-12-31' }, 'previous_secret_valid_until'],
    [{ previous_secret_valid_until: '2030-01-01T00:00:00Z' }, 'previous_secret_valid_until'],
    [
      { previous_secret_valid_for: 60, previous_secret_valid_until: '2031-01-01' },
      'previous_secret_valid_for',
    ],
  ])('refuses %j and leaves the secret as it is', async (body, field) => {
    const { slug_perm, token } = await api.create()
    const answer = await refresh(slug_perm, body)
    expect(fieldsOf(answer)).toEqual({ [field]: [expect.any(String)] })
    expect(await found(token)).toEqual(['current'])
  })

  test('reports what else is wrong, too', async () => {
    const { slug_perm } = await api.create()
    const answer = await refresh(slug_perm, { previous_secret_valid_for: 0, limit_rate: 0 })
    expect(Object.keys(fieldsOf(answer)).toSorted()).toEqual(['limit_rate', 'previous_secret_valid_for'])
  })
})

describe('the previous secret', () => {
  test('can be ended, and given more time', async () => {
    const { slug_perm, token } = await api.create()
    await refresh(slug_perm, { previous_secret_valid_for: HOUR })
    const later = await patch(slug_perm, { previous_secret_valid_until: '2031-01-01' })
    expect(later.body).toMatchObject({ previous_secret_valid_until: '2031-01-01T00:00:00.000Z' })
    expect(await found(token)).toEqual(['previous'])
    const ended = await patch(slug_perm, { previous_secret_valid_until: null })
    expect(ended.body).toMatchObject({ previous_secret_valid_until: null })
    expect(await found(token)).toEqual([])
  })

  test('can be kept by a change of the secret, too', async () => {
    const { slug_perm, token } = await api.create()
    const body = { token: 'changed-secret-1', previous_secret_valid_until: '2031-01-01' }
    expect((await patch(slug_perm, body)).status).toBe(200)
    expect(await found(token)).toEqual(['previous'])
    expect((await patch(slug_perm, { token: 'changed-secret-2' })).status).toBe(200)
    expect([await found(token), await found('changed-secret-1')]).toEqual([[], []])
  })

  test('goes on working when a change sends the current secret again', async () => {
    const { slug_perm, token } = await api.create()
    const second = secretOf(await refresh(slug_perm, { previous_secret_valid_for: HOUR }))
    expect((await patch(slug_perm, { token: second, name: 'renamed' })).status).toBe(200)
    expect([await found(token), await found(second)]).toEqual([['previous'], ['current']])
    expect((await refresh(slug_perm, { token: second })).status).toBe(200)
    expect([await found(token), await found(second)]).toEqual([[], ['current']])
  })

  test('is nobody else’s secret in its repository', async () => {
    const { slug_perm, token } = await api.create()
    await refresh(slug_perm, { previous_secret_valid_for: HOUR })
    const rival = await api.call('POST', TOKENS, { name: 'rival', token })
    expect(fieldsOf(rival)).toEqual({
      token: ['Another token of this repository, or of its owner, has this secret.'],
    })
    const other = await api.create()
    expect(fieldsOf(await patch(other.slug_perm, { token }))).toHaveProperty('token')
  })

  test('is shown with its last use, which was the token’s until then', async () => {
    const { slug_perm } = await api.create()
    const clients = new Map([['192.0.2.1', 1]])
    await api.store.usage.record([
      { token: slug_perm, downloads: 1, bytes: 1, clients, lastUsedAt: NOW - 5_000 },
    ])
    const { body } = await refresh(slug_perm, { previous_secret_valid_for: HOUR })
    expect(body).toMatchObject({
      secret_last_used_at: null,
      previous_secret_last_used_at: '2029-12-31T23:59:55.000Z',
    })
  })
})
