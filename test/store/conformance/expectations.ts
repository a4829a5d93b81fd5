import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { StoreError, type Store, type StoredToken } from '../../../src/store/contract.ts'
import type { ObjectNote } from '../../../src/store/contract/audit.ts'
import { newNote } from './audit.ts'
import { newWebhook } from './events.ts'
import {
  countersOf,
  deliver,
  newDelivery,
  newKey,
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

interface Other {
  readonly create: (store: Store) => Promise<{ readonly id: string }>
  readonly change: (
    store: Store,
    record: { readonly id: string },
    isExpected: (record: object) => boolean,
  ) => Promise<unknown>
  readonly read: (store: Store, record: { readonly id: string }) => Promise<unknown>
}

const OWNER = 'owner-of-expectations'

const A_KEY: Pick<Other, 'create' | 'read'> = {
  create: async ({ keys }) => {
    const key = newKey()
    await keys.create(key)
    return key
  },
  read: ({ keys }, { id }) => keys.read(id),
}

const A_WEBHOOK: Pick<Other, 'create' | 'read'> = {
  create: async ({ webhooks }) => {
    const webhook = newWebhook({ owner: OWNER })
    await webhooks.create(webhook)
    return webhook
  },
  read: ({ webhooks }, { id }) => webhooks.read(OWNER, id),
}

/** The same of what else can be edited. */
const OTHERS: Readonly<Record<string, Other>> = {
  'update of a key': {
    ...A_KEY,
    change: ({ keys }, { id }, isExpected) =>
      keys.update(id, { name: newName(), ...BY_ADA }, newNote({ event: 'api_key.updated' }), isExpected),
  },
  'new secret of a key': {
    ...A_KEY,
    change: ({ keys }, { id }, isExpected) =>
      keys.update(id, { digest: newName(), ...BY_ADA }, newNote({ event: 'api_key.updated' }), isExpected),
  },
  'end of a key': {
    ...A_KEY,
    change: ({ keys }, { id }, isExpected) =>
      keys.revoke(id, NOW, 'ada', newNote({ event: 'api_key.revoked' }), isExpected),
  },
  'update of a webhook': {
    ...A_WEBHOOK,
    change: ({ webhooks }, { id }, isExpected) =>
      webhooks.update(
        OWNER,
        id,
        { isActive: false, ...BY_ADA },
        newNote({ event: 'webhook.updated' }),
        isExpected,
      ),
  },
  'deletion of a webhook': {
    ...A_WEBHOOK,
    change: ({ webhooks }, { id }, isExpected) =>
      webhooks.delete(OWNER, id, newNote({ event: 'webhook.deleted' }), isExpected),
  },
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

  describe.each(Object.entries(OTHERS))('%s', (_name, { create, change, read }) => {
    test('is given the record as it is, and done when it is as expected', async () => {
      const { one, other } = stores()
      const record = await create(one)
      const seen: unknown[] = []
      expect(await codeOf(change(other, record, (found) => seen.push(found) > 0))).toBe('done')
      expect(seen).toEqual([record])
      expect(await read(one, record)).not.toEqual(record)
      expect((await one.audit.list({ ...QUERY, object: record.id })).total).toBe(1)
    })

    test('changes nothing and leaves no line when it is not', async () => {
      const { one, other } = stores()
      const record = await create(one)
      expect(await codeOf(change(other, record, no))).toBe('unexpected')
      expect(await read(one, record)).toEqual(record)
      expect((await one.audit.list({ ...QUERY, object: record.id })).total).toBe(0)
    })

    test('is made once by many that expect the same', async () => {
      const { one, other } = stores()
      const record = await create(one)
      const isAsMade = (found: object): boolean => isDeepStrictEqual(found, record)
      const changes = Array.from({ length: 10 }, (_, index) =>
        change(index % 2 ? one : other, record, isAsMade).catch(() => false),
      )
      const done = (await Promise.all(changes)).filter((result) => result !== false && result !== undefined)
      expect(done).toHaveLength(1)
      expect((await one.audit.list({ ...QUERY, object: record.id })).total).toBe(1)
    })

    test('of what is not there is nobody’s expectation', async () => {
      const { one } = stores()
      const record = await create(one)
      const result = await change(one, { ...record, id: newName() }, no)
      expect([undefined, false]).toContain(result)
    })
  })

  test('a change of a key that was revoked meanwhile is not as expected', async () => {
    const { one, other } = stores()
    const key = newKey()
    await one.keys.create(key)
    await one.keys.revoke(key.id, NOW, 'ada')
    expect(await codeOf(other.keys.update(key.id, { name: 'x', ...BY_ADA }, newNote(), no))).toBe(
      'unexpected',
    )
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
