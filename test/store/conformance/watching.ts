import { expect, test } from 'vitest'
import { waitFor } from '../../support/processes.ts'
import { newName, newToken, NOW, useTwoStores, type OpenStore } from './fixtures.ts'

const BY_ADA = { updatedAt: NOW + 1, updatedBy: 'ada' }

export function describeWatching(open: OpenStore): void {
  const stores = useTwoStores(open)

  test('a change is told in its own process before its call resolves', async () => {
    const { one } = stores()
    const told: (string | undefined)[] = []
    const stop = one.tokens.watch((digest) => told.push(digest))
    const token = newToken()
    const { owner, repo, slugPerm } = token
    await one.tokens.create(token)
    expect(told.splice(0)).toContain(token.digest)
    await one.tokens.update(owner, repo, slugPerm, { isActive: false, ...BY_ADA })
    expect(told.splice(0)).toContain(token.digest)
    await one.tokens.delete(owner, repo, slugPerm, NOW)
    expect(told.splice(0)).toContain(token.digest)
    stop()
  })

  test('a new secret is told with the digests of both', async () => {
    const { one } = stores()
    const token = newToken()
    await one.tokens.create(token)
    const told: (string | undefined)[] = []
    const stop = one.tokens.watch((digest) => told.push(digest))
    const digest = newName()
    await one.tokens.update(token.owner, token.repo, token.slugPerm, { digest, ...BY_ADA })
    expect(told).toEqual(expect.arrayContaining([token.digest, digest]))
    stop()
  })

  test('every change is told to the other processes, which then read what is true', async () => {
    const { one, other } = stores()
    const told = new Set<string | undefined>()
    const stop = other.tokens.watch((digest) => told.add(digest))
    const token = newToken()
    const { owner, repo, slugPerm } = token
    const heard = (): Promise<boolean> =>
      waitFor(() => told.delete(token.digest) || told.delete(undefined), { what: 'the change' })
    await one.tokens.create(token)
    await heard()
    expect(await other.tokens.find(token.digest)).toEqual([token])
    await one.tokens.update(owner, repo, slugPerm, { isActive: false, ...BY_ADA })
    await heard()
    expect(await other.tokens.find(token.digest)).toMatchObject([{ isActive: false }])
    await one.tokens.delete(owner, repo, slugPerm, NOW)
    await heard()
    expect(await other.tokens.find(token.digest)).toEqual([])
    stop()
  })

  test('a listener that was taken off is told nothing', async () => {
    const { one } = stores()
    const told: (string | undefined)[] = []
    const kept: (string | undefined)[] = []
    const stop = one.tokens.watch((digest) => told.push(digest))
    const stopOther = one.tokens.watch((digest) => kept.push(digest))
    stop()
    const token = newToken()
    await one.tokens.create(token)
    expect(kept).toContain(token.digest)
    expect(told).toEqual([])
    stopOther()
  })

  test('what changed before nobody is told', async () => {
    const { one, other, space } = stores()
    const token = newToken()
    const heard = new Set<string | undefined>()
    const stop = other.tokens.watch((digest) => heard.add(digest))
    await one.tokens.create(token)
    // The bus of a cluster has brought it everywhere by then; else it may come behind whoever begins to listen.
    await waitFor(() => heard.has(token.digest) || heard.has(undefined), { what: 'the change' })
    stop()
    const late = await open({ space })
    const told: (string | undefined)[] = []
    late.tokens.watch((digest) => told.push(digest))
    const next = newToken()
    await late.tokens.create(next)
    expect(told).toEqual([next.digest])
    await late.close()
  })
}
