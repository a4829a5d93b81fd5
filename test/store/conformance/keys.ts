import { describe, expect, test } from 'vitest'
import type { ApiKey } from '../../../src/store/contract.ts'
import { MINUTE_MS, newKey, newName, NOW, useTwoStores, type OpenStore } from './fixtures.ts'

const BY_ADA = { updatedAt: NOW + 1, updatedBy: 'ada' }

export function describeKeys(open: OpenStore): void {
  const stores = useTwoStores(open)
  /** A key that one store made and the other reads. */
  const created = async (fields: Partial<ApiKey> = {}): Promise<ApiKey> => {
    const key = newKey(fields)
    await stores().one.keys.create(key)
    return key
  }

  test('a key is found by its digest and read by its id in every store, with all its fields', async () => {
    const { other } = stores()
    const key = await created({
      role: 'entitlements',
      repositories: ['acme/*', 'ü/?'],
      expiresAt: NOW + MINUTE_MS,
      createdBy: 'ada',
    })
    expect(await other.keys.find(key.digest)).toEqual(key)
    expect(await other.keys.read(key.id)).toEqual(key)
    expect(await other.keys.find(newName())).toBeUndefined()
    expect(await other.keys.read(newName())).toBeUndefined()
  })

  test('a key is not found by what it is stored under, nor by its id', async () => {
    const { one } = stores()
    const key = await created()
    expect(await one.keys.find(`2:${key.digest}`)).toBeUndefined()
    expect(await one.keys.find(key.id)).toBeUndefined()
    expect(await one.keys.read(key.digest)).toBeUndefined()
  })

  test('a key whose digest is known stays as it was, revoked or not', async () => {
    const { one, other } = stores()
    const key = await created()
    const before = await one.keys.count()
    await other.keys.create(newKey({ digest: key.digest, name: 'another' }))
    expect(await one.keys.find(key.digest)).toEqual(key)
    await one.keys.revoke(key.id, NOW, 'ada')
    await other.keys.create(newKey({ digest: key.digest }))
    expect(await one.keys.find(key.digest)).toBeUndefined()
    expect(await one.keys.count()).toBe(before)
  })

  test('of many that make a key with one digest at once, one does', async () => {
    const { one, other } = stores()
    const before = await one.keys.count()
    const keys = Array.from({ length: 20 }, () => newKey({ digest: `digest-of-all-${before}` }))
    await Promise.all(keys.map((key, index) => (index % 2 ? one : other).keys.create(key)))
    expect(await one.keys.count()).toBe(before + 1)
    expect(await other.keys.find(`digest-of-all-${before}`)).toEqual(
      await one.keys.find(`digest-of-all-${before}`),
    )
  })

  test('an expired key is found: whether it works is judged by who asks', async () => {
    const key = await created({ expiresAt: 1 })
    expect(await stores().other.keys.find(key.digest)).toEqual(key)
  })

  test('keys are counted, revoked ones too', async () => {
    const { one, other } = stores()
    const before = await one.keys.count()
    const key = newKey()
    await Promise.all([one.keys.create(key), other.keys.create(newKey())])
    await one.keys.revoke(key.id, NOW, 'ada')
    expect(await one.keys.count()).toBe(before + 2)
  })

  describe('a change', () => {
    test('is seen by every store, and leaves the rest', async () => {
      const { one, other } = stores()
      const key = await created()
      const change = { name: 'new', repositories: [], expiresAt: NOW + 5, ...BY_ADA }
      expect(await other.keys.update(key.id, change)).toEqual({ ...key, ...change })
      expect(await one.keys.find(key.digest)).toEqual({ ...key, ...change })
      expect(await one.keys.read(key.id)).toEqual({ ...key, ...change })
    })

    test('of the digest ends the old one', async () => {
      const { one, other } = stores()
      const key = await created()
      const digest = newName()
      expect(await other.keys.update(key.id, { digest, ...BY_ADA })).toEqual({ ...key, digest, ...BY_ADA })
      expect(await one.keys.find(key.digest)).toBeUndefined()
      expect(await one.keys.find(digest)).toMatchObject({ id: key.id })
    })

    test('to the digest of another key is refused and changes nothing', async () => {
      const { one, other } = stores()
      const [key, taken] = [await created(), await created()]
      await expect(
        other.keys.update(key.id, { digest: taken.digest, name: 'x', ...BY_ADA }),
      ).rejects.toMatchObject({ name: 'StoreError', code: 'conflict' })
      expect(await one.keys.read(key.id)).toEqual(key)
      expect(await one.keys.find(taken.digest)).toEqual(taken)
    })

    test('of a key that is not there, or revoked, does nothing', async () => {
      const { one, other } = stores()
      const key = await created()
      await one.keys.revoke(key.id, NOW, 'ada')
      const revoked = await one.keys.read(key.id)
      expect(await other.keys.update(key.id, { name: 'x', digest: newName(), ...BY_ADA })).toBeUndefined()
      expect(await other.keys.update(newName(), { name: 'x', ...BY_ADA })).toBeUndefined()
      expect(await one.keys.read(key.id)).toEqual(revoked)
    })

    test('made by many at once loses none of their fields', async () => {
      const { one, other } = stores()
      const key = await created()
      await Promise.all([
        one.keys.update(key.id, { name: 'new', ...BY_ADA }),
        other.keys.update(key.id, { repositories: ['a/b'], ...BY_ADA }),
        one.keys.update(key.id, { expiresAt: NOW + 9, ...BY_ADA }),
        other.keys.noteUse([{ digest: key.digest, at: NOW, address: '192.0.2.1' }]),
      ])
      expect(await one.keys.read(key.id)).toMatchObject({
        name: 'new',
        repositories: ['a/b'],
        expiresAt: NOW + 9,
        lastUsedAt: NOW,
      })
    })
  })

  describe('a revoked key', () => {
    test('is found no longer by any store, and stays on record', async () => {
      const { one, other } = stores()
      const key = await created()
      expect(await other.keys.revoke(key.id, NOW + 5, 'ada')).toBe(true)
      expect(await one.keys.find(key.digest)).toBeUndefined()
      expect(await one.keys.read(key.id)).toEqual({ ...key, revokedAt: NOW + 5, revokedBy: 'ada' })
    })

    test('is revoked once: the first stands', async () => {
      const { one, other } = stores()
      const key = await created()
      const answers = await Promise.all([
        one.keys.revoke(key.id, NOW, 'ada'),
        other.keys.revoke(key.id, NOW + 1, 'bob'),
      ])
      expect(answers.toSorted()).toEqual([false, true])
      const first = answers[0] ? 'ada' : 'bob'
      expect(await one.keys.read(key.id)).toMatchObject({ revokedBy: first })
      expect(await one.keys.revoke(newName(), NOW, 'ada')).toBe(false)
    })

    test('can not be brought back by a change that began before', async () => {
      const { one, other } = stores()
      const keys = await Promise.all(Array.from({ length: 10 }, () => created()))
      await Promise.all(
        keys.flatMap(({ id, digest }) => [
          one.keys.noteUse([{ digest, at: NOW, address: '192.0.2.1' }]),
          one.keys.update(id, { digest: newName(), ...BY_ADA }),
          other.keys.revoke(id, NOW, 'ada'),
          one.keys.update(id, { name: 'x', ...BY_ADA }),
        ]),
      )
      for (const { id, digest } of keys) {
        const after = await one.keys.read(id)
        expect(after).toMatchObject({ revokedAt: NOW, revokedBy: 'ada' })
        expect(await other.keys.find(digest)).toBeUndefined()
        expect(await other.keys.find(after?.digest ?? '')).toBeUndefined()
      }
    })
  })

  describe('the use of a key', () => {
    const use = (digest: string, at: number, address: string) => ({ digest, at, address })

    test('is noted with its address, the latest one', async () => {
      const { one, other } = stores()
      const [key, another] = [await created(), await created()]
      await one.keys.noteUse([use(key.digest, NOW + 5, '192.0.2.1'), use(another.digest, NOW, '2001:db8::1')])
      await other.keys.noteUse([use(key.digest, NOW + 4, '192.0.2.2')])
      expect(await other.keys.read(key.id)).toEqual({
        ...key,
        lastUsedAt: NOW + 5,
        lastUsedFrom: '192.0.2.1',
      })
      expect(await one.keys.find(another.digest)).toMatchObject({ lastUsedFrom: '2001:db8::1' })
    })

    test('of no key, of a revoked one and of a replaced digest is passed over', async () => {
      const { one, other } = stores()
      const [revoked, rotated, working] = [await created(), await created(), await created()]
      await one.keys.revoke(revoked.id, NOW, 'ada')
      await one.keys.update(rotated.id, { digest: newName(), ...BY_ADA })
      await other.keys.noteUse([
        use(newName(), NOW, '192.0.2.1'),
        use(revoked.digest, NOW, '192.0.2.1'),
        use(rotated.digest, NOW, '192.0.2.1'),
        use(working.digest, NOW, '192.0.2.1'),
      ])
      expect(await one.keys.read(revoked.id)).toMatchObject({ lastUsedAt: null })
      expect(await one.keys.read(rotated.id)).toMatchObject({ lastUsedAt: null })
      expect(await one.keys.read(working.id)).toMatchObject({ lastUsedAt: NOW })
    })
  })

  describe('a list of keys', () => {
    const lists = useTwoStores(open)
    const pageOf = async (page: number, pageSize: number, workingAt: number | null = null) => {
      const { total, keys } = await lists().other.keys.list({ page, pageSize, workingAt })
      return [total, ...keys.map(({ id }) => id)]
    }

    test('is empty, or has them in their order, page by page, and only the working ones if asked', async () => {
      const { one } = lists()
      expect(await pageOf(1, 10)).toEqual([0])
      const keys = [newKey(), newKey({ expiresAt: NOW }), newKey({ expiresAt: NOW + 1 }), newKey()]
      for (const key of keys.toReversed()) await one.keys.create(key)
      const [first = '', second, third, fourth] = keys.map(({ id }) => id)
      await one.keys.revoke(first, NOW, 'ada')
      expect(await pageOf(1, 10)).toEqual([4, first, second, third, fourth])
      expect(await pageOf(2, 3)).toEqual([4, fourth])
      expect(await pageOf(9, 3)).toEqual([4])
      expect(await pageOf(1, 10, NOW)).toEqual([2, third, fourth])
      expect(await pageOf(1, 1, NOW)).toEqual([2, third])
    })
  })
}
