import { describe, expect, test } from 'vitest'
import { StoreError, type Store, type StoredToken } from '../../../src/store/contract.ts'
import type { ObjectNote } from '../../../src/store/contract/audit.ts'
import { newNote } from './audit.ts'
import {
  countersOf,
  deliver,
  newDelivery,
  newName,
  newToken,
  NOW,
  SIZE,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

const BY_ADA = { updatedAt: NOW + 1, updatedBy: 'ada' }
const no = (): boolean => false

/** Changes that can be made to depend on what the token is. */
const CHANGES: Readonly<
  Record<
    string,
    (store: Store, token: StoredToken, isExpected: (token: StoredToken) => boolean) => Promise<unknown>
  >
> = {
  update: ({ tokens }, { owner, repo, slugPerm }, isExpected) =>
    tokens.update(owner, repo, slugPerm, { name: newName(), ...BY_ADA }, newNote(), isExpected),
  delete: ({ tokens }, { owner, repo, slugPerm }, isExpected) =>
    tokens.delete(owner, repo, slugPerm, NOW, newNote({ event: 'repo.entitlement.deleted' }), isExpected),
  reset: ({ usage }, token, isExpected) => usage.reset(token.slugPerm, NOW, resetNote(token), isExpected),
}

function resetNote({ owner, repo, slugPerm, name }: StoredToken): ObjectNote {
  const object = { kind: 'entitlement', owner, repo, id: slugPerm, name } as const
  return { ...newNote({ event: 'repo.entitlement.reset' }), object }
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
  )
}

export function describeExpectations(open: OpenStore): void {
  const stores = useTwoStores(open)

  /** A token that was used once. */
  const newUsed = async (): Promise<StoredToken> => {
    const token = newToken()
    await stores().one.tokens.create(token)
    await deliver(stores().one, newDelivery({ token: token.slugPerm }), SIZE)
    return token
  }

  describe.each(Object.entries(CHANGES))('%s', (_name, change) => {
    test('is given the token as it is, and done when it is as expected', async () => {
      const { one, other } = stores()
      const token = await newUsed()
      const seen: StoredToken[] = []
      await change(other, token, (found) => seen.push(found) > 0)
      expect(seen).toEqual([token])
      const entries = await one.audit.list({ ...QUERY, object: token.slugPerm })
      expect(entries.total).toBe(1)
    })

    test('changes nothing and leaves no line when it is not', async () => {
      const { one, other } = stores()
      const token = await newUsed()
      expect(await codeOf(change(one, token, no))).toBe('unexpected')
      expect(await other.tokens.read(token.owner, token.repo, token.slugPerm)).toEqual(token)
      expect(await countersOf(other, token.slugPerm)).toEqual([1, 1, SIZE])
      expect((await other.audit.list({ ...QUERY, object: token.slugPerm })).total).toBe(0)
      expect((await other.events.waiting(1_000)).filter((event) => event.token === token.slugPerm)).toEqual(
        [],
      )
    })

    test('sees what another process has written just before', async () => {
      const { one, other } = stores()
      const token = await newUsed()
      const { owner, repo, slugPerm } = token
      await one.tokens.update(owner, repo, slugPerm, { limitDownloads: 77, ...BY_ADA })
      expect(await codeOf(change(other, token, (found) => found.limitDownloads === 10))).toBe('unexpected')
    })
  })

  test('of many updates that expect the same, one is made', async () => {
    const { one, other } = stores()
    const token = await newUsed()
    const { owner, repo, slugPerm } = token
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        codeOf(
          (index % 2 ? one : other).tokens.update(
            owner,
            repo,
            slugPerm,
            { limitClients: index, ...BY_ADA },
            newNote(),
            (found) => found.limitClients === null,
          ),
        ),
      ),
    )
    expect(codes.filter((code) => code === 'done')).toHaveLength(1)
    expect(new Set(codes)).toEqual(new Set(['done', 'unexpected']))
    expect((await one.audit.list({ ...QUERY, object: slugPerm })).total).toBe(1)
  })

  test('a deletion and an update that expect the same are not both made', async () => {
    const { one, other } = stores()
    for (let turn = 0; turn < 10; turn++) {
      const token = await newUsed()
      const { owner, repo, slugPerm } = token
      const isExpected = (found: StoredToken): boolean => found.updatedAt === null
      const [updated, deleted] = await Promise.all([
        one.tokens
          .update(owner, repo, slugPerm, { name: 'new', ...BY_ADA }, newNote(), isExpected)
          .catch(() => undefined),
        other.tokens.delete(owner, repo, slugPerm, NOW, newNote(), isExpected).catch(() => false),
      ])
      expect([updated !== undefined, deleted].filter(Boolean)).toHaveLength(1)
      const left = await one.tokens.read(owner, repo, slugPerm)
      expect(left === undefined).toBe(deleted)
    }
  })

  test('a reset of a token that is gone is not as expected, whatever is expected', async () => {
    const { one, other } = stores()
    const token = await newUsed()
    await one.tokens.delete(token.owner, token.repo, token.slugPerm, NOW)
    expect(await codeOf(other.usage.reset(token.slugPerm, NOW, resetNote(token), () => true))).toBe(
      'unexpected',
    )
    expect(await countersOf(one, token.slugPerm)).toEqual([1, 1, SIZE])
  })
}

const QUERY = {
  owner: null,
  repo: null,
  actor: null,
  event: null,
  from: null,
  until: null,
  page: 1,
  pageSize: 10,
} as const
