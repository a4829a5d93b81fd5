import { describe, expect, test } from 'vitest'
import { WHOLE_OWNER } from '../../../src/policy/owner-level.ts'
import type { StoredToken } from '../../../src/store/contract.ts'
import { newName, newToken, NOW, useTwoStores, type OpenStore } from './fixtures.ts'

const CONFLICT = { name: 'StoreError', code: 'conflict' }
const BY_ADA = { updatedAt: NOW, updatedBy: 'ada' }

export function describeOwnerLevel(open: OpenStore): void {
  const stores = useTwoStores(open)
  const create = async (fields: Partial<StoredToken>): Promise<StoredToken> => {
    const token = newToken(fields)
    await stores().one.tokens.create(token)
    return token
  }

  test('a token that belongs to its owner is read, changed and deleted like any other', async () => {
    const { one, other } = stores()
    const { owner, slugPerm, digest } = await create({ repo: WHOLE_OWNER })
    expect(await other.tokens.read(owner, WHOLE_OWNER, slugPerm)).toMatchObject({ repo: WHOLE_OWNER })
    expect(await other.tokens.read(owner, 'deb', slugPerm)).toBeUndefined()
    expect(await one.tokens.update(owner, WHOLE_OWNER, slugPerm, { name: 'new', ...BY_ADA })).toMatchObject({
      name: 'new',
    })
    expect(await other.tokens.find(digest)).toMatchObject([{ name: 'new' }])
    expect(await one.tokens.delete(owner, WHOLE_OWNER, slugPerm, NOW)).toBe(true)
    expect(await other.tokens.find(digest)).toEqual([])
  })

  describe.each([
    ['a secret', 'digest'],
    ['a previous secret', 'previousDigest'],
  ] as const)('%s', (_what, field) => {
    test('of such a token is given to no other token of the owner, and the other way round', async () => {
      const { other } = stores()
      const owners = await create({ repo: WHOLE_OWNER, [field]: newName() })
      const taken = owners[field] ?? ''
      await expect(other.tokens.create(newToken({ digest: taken }))).rejects.toMatchObject(CONFLICT)
      await expect(other.tokens.create(newToken({ repo: WHOLE_OWNER, digest: taken }))).rejects.toMatchObject(
        CONFLICT,
      )
      const repos = await create({ [field]: newName() })
      const free = await create({ repo: WHOLE_OWNER })
      const change = { digest: repos[field] ?? '', ...BY_ADA }
      await expect(other.tokens.update(free.owner, WHOLE_OWNER, free.slugPerm, change)).rejects.toMatchObject(
        CONFLICT,
      )
      expect(await other.tokens.find(repos[field] ?? '')).toMatchObject([{ slugPerm: repos.slugPerm }])
    })
  })

  test('what happens to such a token is told of its owner, and of no repository', async () => {
    const { one, other } = stores()
    const token = newToken({ owner: newName(), repo: WHOLE_OWNER })
    const note = {
      id: newName(),
      at: NOW,
      event: 'repo.entitlement.created',
      actor: { kind: 'api_key', id: 'k', name: 'ada', address: null },
      userAgent: null,
    } as const
    await one.tokens.create(token, note)
    const { owner, slugPerm } = token
    const all = { owner, repo: null, object: null, actor: null, event: null, from: null, until: null }
    const { entries } = await other.audit.list({ ...all, page: 1, pageSize: 9 })
    expect(entries).toMatchObject([{ object: { owner, repo: null, id: slugPerm } }])
    const events = (await other.events.waiting(500)).filter(({ token: about }) => about === slugPerm)
    expect(events).toMatchObject([{ type: 'token.created', owner, repo: '' }])
  })

  test('tokens of other owners may have the same secret, and such of other repositories among each other', async () => {
    const { other } = stores()
    const owners = await create({ repo: WHOLE_OWNER })
    await other.tokens.create(newToken({ owner: 'acme-2', digest: owners.digest }))
    await other.tokens.create(newToken({ owner: 'acme-3', repo: WHOLE_OWNER, digest: owners.digest }))
    expect(await other.tokens.find(owners.digest)).toHaveLength(3)
    const one = await create({ repo: 'first' })
    await other.tokens.create(newToken({ repo: 'second', digest: one.digest }))
    expect(await other.tokens.find(one.digest)).toHaveLength(2)
  })
}
