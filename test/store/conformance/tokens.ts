import { expect, test } from 'vitest'
import type { Store, StoredToken } from '../../../src/store/contract.ts'
import {
  countersOf,
  deliver,
  newDelivery,
  newName,
  newToken,
  NOW,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

const BY_ADA = { updatedAt: NOW + 1, updatedBy: 'ada' }

export function describeTokens(open: OpenStore): void {
  const stores = useTwoStores(open)

  test('a token comes back from every store as it was given', async () => {
    const { one, other } = stores()
    const token = newToken({ packages: [], name: 'Ünïcode "quoted" 🦀 %_', limitClients: 0 })
    await one.tokens.create(token)
    expect(await other.tokens.read(token.owner, token.repo, token.slugPerm)).toEqual(token)
    expect(await other.tokens.find(token.digest)).toEqual([token])
  })

  test('a secret of several repositories finds all its tokens, oldest first', async () => {
    const { one, other } = stores()
    const first = newToken()
    const second = newToken({ digest: first.digest })
    await one.tokens.create(second)
    await one.tokens.create(first)
    expect(await other.tokens.find(first.digest)).toEqual([first, second])
  })

  test('an unknown digest finds nothing', async () => {
    expect(await stores().one.tokens.find(newName())).toEqual([])
  })

  test('a digest that is the beginning of another does not find it', async () => {
    const { one } = stores()
    const token = newToken()
    await one.tokens.create(token)
    expect(await one.tokens.find(token.digest.slice(0, -1))).toEqual([])
    expect(await one.tokens.find(token.digest.toUpperCase())).toEqual([])
  })

  test('a token is read in its own repository only', async () => {
    const { one } = stores()
    const token = newToken()
    await one.tokens.create(token)
    expect(await one.tokens.read('other', token.repo, token.slugPerm)).toBeUndefined()
    expect(await one.tokens.read(token.owner, 'other', token.slugPerm)).toBeUndefined()
    expect(await one.tokens.read(token.owner, token.repo, newName())).toBeUndefined()
  })

  test('a second token with the same secret in a repository is a conflict and is not kept', async () => {
    const { one, other } = stores()
    const token = newToken()
    const rival = newToken({ repo: token.repo, digest: token.digest })
    await one.tokens.create(token)
    await expect(other.tokens.create(rival)).rejects.toMatchObject({ name: 'StoreError', code: 'conflict' })
    expect(await one.tokens.find(token.digest)).toEqual([token])
    expect(await one.tokens.read(rival.owner, rival.repo, rival.slugPerm)).toBeUndefined()
  })

  test('of many tokens with the same secret that are created at once one is kept', async () => {
    const { one, other } = stores()
    const { digest, repo } = newToken()
    const creations = Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? one : other).tokens.create(newToken({ digest, repo })),
    )
    const settled = await Promise.allSettled(creations)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await one.tokens.find(digest)).toHaveLength(1)
  })

  test('a change sets its fields and leaves the others', async () => {
    const { one, other } = stores()
    const token = newToken()
    await one.tokens.create(token)
    const change = { isActive: false, validUntil: null, limitDownloads: 0, packages: ['curl'], ...BY_ADA }
    const changed = await other.tokens.update(token.owner, token.repo, token.slugPerm, change)
    expect(changed).toEqual({ ...token, ...change })
    expect(await one.tokens.read(token.owner, token.repo, token.slugPerm)).toEqual(changed)
    expect(await one.tokens.find(token.digest)).toEqual([changed])
  })

  test('what was accepted with a token is kept, told to those who watch, and withdrawn', async () => {
    const { one, other } = stores()
    const token = newToken({ eulaRequired: true })
    await one.tokens.create(token)
    const at = [token.owner, token.repo, token.slugPerm] as const
    const told: (string | undefined)[] = []
    const unwatch = other.tokens.watch((digest) => told.push(digest))
    const eulaAccepted = {
      'acme/deb': { revision: 2, at: NOW, address: '2001:db8::7' },
      'acme/Ünï': { revision: 1, at: NOW - 1, address: '192.0.2.1' },
    }
    await one.tokens.update(...at, { eulaAccepted, ...BY_ADA })
    expect(await other.tokens.read(...at)).toMatchObject({ eulaRequired: true, eulaAccepted })
    expect((await other.tokens.find(token.digest))[0]?.eulaAccepted).toEqual(eulaAccepted)
    await expect.poll(() => told).toContain(token.digest)
    unwatch()
    await other.tokens.update(...at, { eulaAccepted: {}, ...BY_ADA })
    expect((await one.tokens.read(...at))?.eulaAccepted).toEqual({})
  })

  test('of acceptances at once, each that expects what it read, none overwrites another', async () => {
    const { one, other } = stores()
    const token = newToken()
    await one.tokens.create(token)
    const at = [token.owner, token.repo, token.slugPerm] as const
    const accept = (store: Store, revision: number): Promise<unknown> => {
      const eulaAccepted = { 'acme/deb': { revision, at: NOW, address: '192.0.2.1' } }
      const isNone = (found: StoredToken): boolean => Object.keys(found.eulaAccepted).length === 0
      return store.tokens.update(...at, { eulaAccepted, ...BY_ADA }, undefined, isNone)
    }
    const all = await Promise.allSettled([1, 2, 3, 4].map((each) => accept(each % 2 ? one : other, each)))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('changes of different fields at once are all kept', async () => {
    const { one, other } = stores()
    const token = newToken()
    await one.tokens.create(token)
    const at = [token.owner, token.repo, token.slugPerm] as const
    await Promise.all([
      one.tokens.update(...at, { name: 'new name', ...BY_ADA }),
      other.tokens.update(...at, { isActive: false, ...BY_ADA }),
      one.tokens.update(...at, { limitClients: 3, ...BY_ADA }),
    ])
    const expected = { name: 'new name', isActive: false, limitClients: 3 }
    expect(await one.tokens.read(...at)).toMatchObject(expected)
  })

  test('a new secret finds the token and the old one no longer does', async () => {
    const { one, other } = stores()
    const token = newToken()
    await one.tokens.create(token)
    const change = { digest: newName(), sealedSecret: 'sealed again', ...BY_ADA }
    await one.tokens.update(token.owner, token.repo, token.slugPerm, change)
    expect(await other.tokens.find(change.digest)).toEqual([{ ...token, ...change }])
    expect(await other.tokens.find(token.digest)).toEqual([])
  })

  test('a change to the secret of a neighbour is a conflict and changes nothing', async () => {
    const { one } = stores()
    const token = newToken()
    const neighbour = newToken({ repo: token.repo })
    await one.tokens.create(token)
    await one.tokens.create(neighbour)
    const change = { name: 'changed', digest: neighbour.digest, ...BY_ADA }
    const update = one.tokens.update(token.owner, token.repo, token.slugPerm, change)
    await expect(update).rejects.toMatchObject({ name: 'StoreError', code: 'conflict' })
    expect(await one.tokens.read(token.owner, token.repo, token.slugPerm)).toEqual(token)
  })

  test('a change that keeps the secret is no conflict', async () => {
    const { one } = stores()
    const token = newToken()
    await one.tokens.create(token)
    const change = { digest: token.digest, ...BY_ADA }
    expect(await one.tokens.update(token.owner, token.repo, token.slugPerm, change)).toMatchObject(change)
  })

  test('a change of what is not there gives undefined', async () => {
    const { one } = stores()
    const token = newToken()
    await one.tokens.create(token)
    expect(await one.tokens.update(token.owner, token.repo, newName(), BY_ADA)).toBeUndefined()
    expect(await one.tokens.update(token.owner, 'other', token.slugPerm, BY_ADA)).toBeUndefined()
  })

  test('a deleted token is seen by no call, and is deleted once', async () => {
    const { one, other } = stores()
    const token = newToken()
    const { owner, repo, slugPerm } = token
    await one.tokens.create(token)
    expect(await one.tokens.delete(owner, 'other', slugPerm, NOW)).toBe(false)
    expect(await one.tokens.delete(owner, repo, slugPerm, NOW)).toBe(true)
    expect(await other.tokens.delete(owner, repo, slugPerm, NOW)).toBe(false)
    expect(await other.tokens.find(token.digest)).toEqual([])
    expect(await other.tokens.read(owner, repo, slugPerm)).toBeUndefined()
    expect(await other.tokens.update(owner, repo, slugPerm, BY_ADA)).toBeUndefined()
  })

  test('the secret of a deleted token may be given again', async () => {
    const { one } = stores()
    const token = newToken()
    const next = newToken({ repo: token.repo, digest: token.digest })
    await one.tokens.create(token)
    await one.tokens.delete(token.owner, token.repo, token.slugPerm, NOW)
    await one.tokens.create(next)
    expect(await one.tokens.find(token.digest)).toEqual([next])
  })

  test('the usage of a deleted token stays', async () => {
    const { one } = stores()
    const token = newToken()
    await one.tokens.create(token)
    await deliver(one, newDelivery({ token: token.slugPerm }), 1_000_000)
    await one.tokens.delete(token.owner, token.repo, token.slugPerm, NOW)
    expect(await countersOf(one, token.slugPerm)).toEqual([1, 1, 1_000_000])
  })
}
