import { describe, expect, test } from 'vitest'
import { waitFor } from '../../support/processes.ts'
import { DAY_MS, newName, newToken, NOW, useTwoStores, type OpenStore } from './fixtures.ts'
import type { SecretUse, StoredToken, TokenChange } from '../../../src/store/contract.ts'

const BY_ADA = { updatedAt: NOW + 1, updatedBy: 'ada' }

/** What a refresh with a time of grace changes. */
function refreshed(token: StoredToken): TokenChange & { readonly digest: string } {
  return {
    digest: `digest-${newName()}`,
    previousDigest: token.digest,
    previousValidUntil: NOW + DAY_MS,
    ...BY_ADA,
  }
}

function useOf({ owner, repo, slugPerm }: StoredToken, digest: string, at: number): SecretUse {
  return { owner, repo, slugPerm, digest, at }
}

export function describeSecrets(open: OpenStore): void {
  const stores = useTwoStores(open)
  const create = async (fields: Partial<StoredToken> = {}): Promise<StoredToken> => {
    const token = newToken(fields)
    await stores().one.tokens.create(token)
    return token
  }
  const change = (token: StoredToken, what: TokenChange): Promise<StoredToken | undefined> =>
    stores().one.tokens.update(token.owner, token.repo, token.slugPerm, what)
  const read = (token: StoredToken): Promise<StoredToken | undefined> =>
    stores().other.tokens.read(token.owner, token.repo, token.slugPerm)

  describe('a previous secret', () => {
    test('finds its token as the current one does, in every store', async () => {
      const { other } = stores()
      const token = await create()
      const refresh = refreshed(token)
      const after = { ...token, ...refresh }
      expect(await change(token, refresh)).toEqual(after)
      expect(await other.tokens.find(token.digest)).toEqual([after])
      expect(await other.tokens.find(refresh.digest)).toEqual([after])
    })

    test('can come with a creation', async () => {
      const { other } = stores()
      const token = await create({ previousDigest: newName(), previousValidUntil: NOW })
      expect(await other.tokens.find(token.previousDigest ?? '')).toEqual([token])
      expect(await other.tokens.find(token.digest)).toEqual([token])
    })

    test('finds also after its time: whether it works is not for the store to say', async () => {
      const token = await create({ previousDigest: newName(), previousValidUntil: 1 })
      expect(await stores().one.tokens.find(token.previousDigest ?? '')).toEqual([token])
    })

    test('finds nothing once it was taken away or replaced', async () => {
      const { one } = stores()
      const token = await create()
      const first = refreshed(token)
      await change(token, first)
      const second = { ...refreshed(token), previousDigest: first.digest }
      await change(token, second)
      expect(await one.tokens.find(token.digest)).toEqual([])
      expect(await one.tokens.find(first.digest)).toHaveLength(1)
      await change(token, { previousDigest: null, ...BY_ADA })
      expect(await one.tokens.find(first.digest)).toEqual([])
      expect(await one.tokens.find(second.digest)).toHaveLength(1)
    })

    test('finds nothing once its token is deleted', async () => {
      const { one } = stores()
      const token = await create()
      const refresh = refreshed(token)
      await change(token, refresh)
      await one.tokens.delete(token.owner, token.repo, token.slugPerm, NOW)
      expect(await one.tokens.find(token.digest)).toEqual([])
      expect(await one.tokens.find(refresh.digest)).toEqual([])
    })

    test('survives other changes', async () => {
      const { one } = stores()
      const token = await create()
      await change(token, refreshed(token))
      await change(token, { isActive: false, ...BY_ADA })
      expect(await one.tokens.find(token.digest)).toMatchObject([{ isActive: false }])
    })

    test('may be the current one of a token elsewhere: both are found, oldest first', async () => {
      const { one } = stores()
      const first = await create()
      const second = await create({ digest: first.digest })
      await change(first, refreshed(first))
      expect((await one.tokens.find(first.digest)).map(({ slugPerm }) => slugPerm)).toEqual([
        first.slugPerm,
        second.slugPerm,
      ])
    })

    test('may become the current one again', async () => {
      const { one } = stores()
      const token = await create()
      const refresh = refreshed(token)
      await change(token, refresh)
      await change(token, { digest: token.digest, previousDigest: refresh.digest, ...BY_ADA })
      expect(await one.tokens.find(token.digest)).toHaveLength(1)
      expect(await one.tokens.find(refresh.digest)).toHaveLength(1)
    })

    test('may be the same as the current one, and finds its token once', async () => {
      const { one } = stores()
      const token = await create()
      await change(token, { previousDigest: token.digest, ...BY_ADA })
      expect(await one.tokens.find(token.digest)).toHaveLength(1)
      await change(token, { previousDigest: null, ...BY_ADA })
      expect(await one.tokens.find(token.digest)).toHaveLength(1)
    })

    test('is told with every change of its token', async () => {
      const { one } = stores()
      const token = await create()
      const refresh = refreshed(token)
      await change(token, refresh)
      const told: (string | undefined)[] = []
      const stop = one.tokens.watch((digest) => told.push(digest))
      const both = expect.arrayContaining([token.digest, refresh.digest])
      await change(token, { isActive: false, ...BY_ADA })
      expect(told.splice(0)).toEqual(both)
      await change(token, { previousDigest: null, ...BY_ADA })
      expect(told.splice(0)).toEqual(both)
      await change(token, { previousDigest: token.digest, ...BY_ADA })
      expect(told.splice(0)).toEqual(both)
      await one.tokens.delete(token.owner, token.repo, token.slugPerm, NOW)
      expect(told.splice(0)).toEqual(both)
      stop()
    })
  })

  describe('the same secret in a repository is a conflict', () => {
    test('for a creation with what is a previous one', async () => {
      const { other } = stores()
      const token = await create()
      await change(token, refreshed(token))
      const rival = newToken({ repo: token.repo, digest: token.digest })
      await expect(other.tokens.create(rival)).rejects.toMatchObject({ code: 'conflict' })
      expect(await read(rival)).toBeUndefined()
    })

    test('for a previous one that is the current one of another', async () => {
      const token = await create()
      const rival = newToken({ repo: token.repo, previousDigest: token.digest })
      await expect(stores().one.tokens.create(rival)).rejects.toMatchObject({ code: 'conflict' })
    })

    test('for a change, which then changes nothing', async () => {
      const token = await create()
      const other = await create({ repo: token.repo })
      await change(token, refreshed(token))
      const body = { digest: token.digest, name: 'changed', ...BY_ADA }
      await expect(change(other, body)).rejects.toMatchObject({ code: 'conflict' })
      expect(await read(other)).toEqual(other)
    })

    test('until the previous one is taken away', async () => {
      const token = await create()
      await change(token, refreshed(token))
      await change(token, { previousDigest: null, ...BY_ADA })
      const heir = await create({ repo: token.repo, digest: token.digest })
      expect(await stores().other.tokens.find(token.digest)).toEqual([heir])
    })

    test('of many refreshes and creations at once one has it', async () => {
      const { one, other } = stores()
      const { repo, digest } = newToken()
      const tokens = await Promise.all([1, 2, 3, 4].map(() => create({ repo })))
      const attempts = await Promise.allSettled([
        ...tokens.map((token) => change(token, { previousDigest: digest, ...BY_ADA })),
        one.tokens.create(newToken({ repo, digest })),
        other.tokens.create(newToken({ repo, digest })),
      ])
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await other.tokens.find(digest)).toHaveLength(1)
    })
  })

  describe('the use of a secret', () => {
    test('is noted with the secret that was used, the latest one', async () => {
      const { one, other } = stores()
      const token = await create({ previousDigest: newName() })
      const previous = token.previousDigest ?? ''
      await one.tokens.noteUse([useOf(token, token.digest, 50), useOf(token, previous, 70)])
      expect(await read(token)).toEqual({ ...token, secretUsedAt: 50, previousSecretUsedAt: 70 })
      await other.tokens.noteUse([useOf(token, token.digest, 40), useOf(token, previous, 80)])
      expect(await read(token)).toEqual({ ...token, secretUsedAt: 50, previousSecretUsedAt: 80 })
    })

    test('of another secret, or of a token that there is not, is passed over', async () => {
      const { one } = stores()
      const token = await create()
      const stranger = newToken()
      await one.tokens.noteUse([useOf(stranger, stranger.digest, 5), useOf(token, newName(), 5)])
      await one.tokens.noteUse([{ ...useOf(token, token.digest, 5), repo: 'elsewhere' }])
      await one.tokens.noteUse([])
      expect(await read(token)).toEqual(token)
      expect(await read(stranger)).toBeUndefined()
    })

    test('is told to nobody', async () => {
      const { one, other } = stores()
      const told: (string | undefined)[] = []
      const watchers = [one, other].map((store) => store.tokens.watch((digest) => told.push(digest)))
      const token = await create()
      const isTold = (digest: string): boolean => told.filter((each) => each === digest).length === 2
      await expect.poll(() => isTold(token.digest)).toBe(true)
      await one.tokens.noteUse([useOf(token, token.digest, 50)])
      const later = await create()
      await expect.poll(() => isTold(later.digest)).toBe(true)
      for (const stop of watchers) stop()
      expect(told.filter((each) => each === token.digest || each === undefined)).toHaveLength(2)
    })

    test('does not undo a change that was made at the same time', async () => {
      const { one, other } = stores()
      const token = await create()
      await Promise.all([
        one.tokens.noteUse([useOf(token, token.digest, 50)]),
        other.tokens.update(token.owner, token.repo, token.slugPerm, { name: 'renamed', ...BY_ADA }),
        one.tokens.noteUse([useOf(token, token.digest, 60)]),
      ])
      expect(await read(token)).toEqual({ ...token, name: 'renamed', ...BY_ADA, secretUsedAt: 60 })
    })
  })

  describe('a first download', () => {
    const note = ({ owner, repo, slugPerm }: StoredToken, at: number, byOther = false): Promise<void> =>
      stores()[byOther ? 'other' : 'one'].tokens.noteFirstDownload(owner, repo, slugPerm, at)

    test('is noted once, whoever comes later', async () => {
      const token = await create()
      await note(token, 500)
      await note(token, 400, true)
      await note(token, 600)
      expect(await read(token)).toEqual({ ...token, firstDownloadAt: 500 })
    })

    test('of many at once is one of them', async () => {
      const token = await create()
      await Promise.all(Array.from({ length: 50 }, (_, index) => note(token, 100 + index, index % 2 === 0)))
      const first = (await read(token))?.firstDownloadAt
      await note(token, 1)
      expect(first).toBeGreaterThanOrEqual(100)
      expect((await read(token))?.firstDownloadAt).toBe(first)
    })

    test('can be forgotten, and noted again', async () => {
      const token = await create()
      await note(token, 500)
      await change(token, { firstDownloadAt: null, ...BY_ADA })
      await note(token, 700)
      expect(await read(token)).toMatchObject({ firstDownloadAt: 700 })
    })

    test('is told, here and to others, when it was noted', async () => {
      const { one, other } = stores()
      const token = await create()
      const here: (string | undefined)[] = []
      const there: (string | undefined)[] = []
      const stops = [one.tokens.watch((digest) => here.push(digest))]
      stops.push(other.tokens.watch((digest) => there.push(digest)))
      await note(token, 500)
      expect(here).toContain(token.digest)
      await waitFor(() => there.includes(token.digest) || there.includes(undefined), { what: 'the news' })
      for (const stop of stops) stop()
    })

    test('of a token that there is not, or not any more, is passed over', async () => {
      const { one } = stores()
      const token = await create()
      await one.tokens.delete(token.owner, token.repo, token.slugPerm, NOW)
      await note(token, 500)
      await note(newToken(), 500)
      expect(await read(token)).toBeUndefined()
    })
  })
}
