import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/policy/audit-event.ts'
import type { Store, StoredToken, RepositoryName, TokenSync } from '../../../src/store/contract.ts'
import { waitFor } from '../../support/processes.ts'
import { newNote } from './audit.ts'
import {
  deliver,
  newDelivery,
  newName,
  newToken,
  NOW,
  SIZE,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

function newPlace(): RepositoryName {
  return { owner: 'acme', repo: `repo-${newName()}` }
}

/** Puts so many tokens into a repository. */
async function fill(
  store: Store,
  place: RepositoryName,
  count: number,
  fields: Partial<StoredToken> = {},
): Promise<readonly StoredToken[]> {
  const tokens = Array.from({ length: count }, () => newToken({ ...place, ...fields }))
  await Promise.all(tokens.map((token) => store.tokens.create(token)))
  return tokens
}

function newSync(source: RepositoryName, target: RepositoryName, fields: Partial<TokenSync> = {}): TokenSync {
  return {
    source,
    target,
    plan: (from) => from.map((token) => ({ ...token, ...target, slugPerm: newName() })),
    most: 100,
    at: NOW,
    noteOf: (event: AuditEvent) => newNote({ event }),
    ...fields,
  }
}

const ALL = { page: 1, pageSize: 500, filter: null, order: 'name', descending: false, now: NOW } as const

async function tokensOf(store: Store, place: RepositoryName): Promise<readonly StoredToken[]> {
  return (await store.tokens.list({ ...ALL, owner: place.owner, repos: [place.repo] })).tokens
}

function secretsOf(tokens: readonly StoredToken[]): string[] {
  return tokens.map(({ digest }) => digest).toSorted()
}

export function describeSync(open: OpenStore): void {
  const stores = useTwoStores(open)

  test('copies take the place of what was there, and the source stays as it is', async () => {
    const { one, other } = stores()
    const [source, target] = [newPlace(), newPlace()]
    const from = await fill(one, source, 3)
    const old = await fill(one, target, 2)
    const made = await one.tokens.sync(newSync(source, target))
    expect(secretsOf(made ?? [])).toEqual(secretsOf(from))
    expect(await tokensOf(other, target)).toEqual(made)
    expect(await tokensOf(other, source)).toEqual(from)
    for (const { digest, slugPerm } of old) {
      expect(await other.tokens.find(digest)).toEqual([])
      expect(await other.tokens.read(target.owner, target.repo, slugPerm)).toBeUndefined()
    }
    for (const token of made ?? []) {
      expect(await other.tokens.read(target.owner, target.repo, token.slugPerm)).toEqual(token)
      expect((await other.tokens.find(token.digest)).map(({ repo }) => repo)).toEqual([
        source.repo,
        target.repo,
      ])
    }
  })

  test('a second sync gives the same secrets to other tokens', async () => {
    const { one, other } = stores()
    const [source, target] = [newPlace(), newPlace()]
    const from = await fill(one, source, 3, { previousDigest: null })
    const first = await one.tokens.sync(newSync(source, target))
    const second = await other.tokens.sync(newSync(source, target))
    expect(secretsOf(await tokensOf(one, target))).toEqual(secretsOf(from))
    expect(await tokensOf(one, target)).toEqual(second)
    for (const { slugPerm } of first ?? []) {
      expect(await one.tokens.read(target.owner, target.repo, slugPerm)).toBeUndefined()
    }
  })

  test('previous secrets find the copies, too, and those of the deleted find nothing', async () => {
    const { one, other } = stores()
    const [source, target] = [newPlace(), newPlace()]
    const [token] = await fill(one, source, 1, { previousDigest: newName() })
    const [old] = await fill(one, target, 1, { previousDigest: newName() })
    await one.tokens.sync(newSync(source, target))
    expect(await other.tokens.find(token?.previousDigest ?? '')).toHaveLength(2)
    expect(await other.tokens.find(old?.previousDigest ?? '')).toEqual([])
  })

  test('switched off copies are not among the active ones', async () => {
    const { one, other } = stores()
    const [source, target] = [newPlace(), newPlace()]
    await fill(one, source, 1, { isActive: false })
    await fill(one, source, 1)
    await fill(one, target, 3)
    await one.tokens.sync(newSync(source, target))
    const query = { ...ALL, owner: target.owner, repos: [target.repo] }
    const active = { kind: 'active', isActive: true } as const
    expect((await other.tokens.list({ ...query, filter: active })).total).toBe(1)
    expect((await other.tokens.list({ ...query, order: 'created' })).total).toBe(2)
    expect((await other.tokens.list({ ...query, filter: { kind: 'not', part: active } })).total).toBe(1)
  })

  test('the plan is given all tokens of both, and may say no: then nothing changes', async () => {
    const { one, other } = stores()
    const [source, target] = [newPlace(), newPlace()]
    const [from, old] = [await fill(one, source, 2), await fill(one, target, 3)]
    const seen: unknown[] = []
    const plan: TokenSync['plan'] = (...given) => void seen.push(given)
    expect(await one.tokens.sync(newSync(source, target, { plan }))).toBeUndefined()
    expect(seen).toEqual([[from, old]])
    expect(await tokensOf(other, target)).toEqual(old)
  })

  test('a plan is given one more than the most, and refused if it does not care', async () => {
    const { one } = stores()
    const [source, target] = [newPlace(), newPlace()]
    await fill(one, source, 4)
    const old = await fill(one, target, 1)
    const seen: number[] = []
    const plan: TokenSync['plan'] = (from) => void seen.push(from.length)
    await one.tokens.sync(newSync(source, target, { plan, most: 2 }))
    expect(seen).toEqual([3])
    await expect(one.tokens.sync(newSync(source, target, { most: 2 }))).rejects.toThrow('has not seen all')
    expect(await tokensOf(one, target)).toEqual(old)
  })

  test('planned tokens with the same secret are a conflict, and nothing changes', async () => {
    const { one } = stores()
    const [source, target] = [newPlace(), newPlace()]
    await fill(one, source, 2, { previousDigest: null })
    const old = await fill(one, target, 2)
    const plan: TokenSync['plan'] = (from) =>
      from.map((token) => ({ ...token, ...target, slugPerm: newName(), digest: 'the same' }))
    const error = await one.tokens.sync(newSync(source, target, { plan })).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'StoreError', code: 'conflict' })
    expect(await tokensOf(one, target)).toEqual(old)
  })

  test('an empty plan leaves none', async () => {
    const { one, other } = stores()
    const [source, target] = [newPlace(), newPlace()]
    await fill(one, target, 2)
    expect(await one.tokens.sync(newSync(source, target, { plan: () => [] }))).toEqual([])
    expect(await tokensOf(other, target)).toEqual([])
  })

  test('what the deleted have used stays, and the copies begin at zero', async () => {
    const { one } = stores()
    const [source, target] = [newPlace(), newPlace()]
    const [from] = await fill(one, source, 1)
    const [old] = await fill(one, target, 1)
    for (const token of [from, old]) await deliver(one, newDelivery({ token: token?.slugPerm ?? '' }), SIZE)
    const [made] = (await one.tokens.sync(newSync(source, target))) ?? []
    const tokens = [from, old, made].map((token) => ({ token: token?.slugPerm ?? '', periodStart: null }))
    expect((await one.usage.read(tokens)).map(({ downloads }) => downloads)).toEqual([1, 1, 0])
  })

  test('every process is told of all secrets, its own before the call resolves', async () => {
    const { one, other } = stores()
    const [source, target] = [newPlace(), newPlace()]
    const [from] = await fill(one, source, 1, { previousDigest: newName() })
    const [old] = await fill(one, target, 1, { previousDigest: newName() })
    const digests = [from, old].flatMap((token) => [token?.digest, token?.previousDigest])
    const [own, others] = [new Set<unknown>(), new Set<unknown>()]
    const stops = [
      one.tokens.watch((digest) => own.add(digest)),
      other.tokens.watch((digest) => others.add(digest)),
    ]
    await one.tokens.sync(newSync(source, target))
    const knows = (told: ReadonlySet<unknown>): boolean => digests.every((digest) => told.has(digest))
    expect(knows(own)).toBe(true)
    await waitFor(() => knows(others) || others.has(undefined), { what: 'the news' })
    for (const stop of stops) stop()
  })

  test('the audit log names the whole and each token, and webhooks hear of each', async () => {
    const { one, other } = stores()
    const [source, target] = [newPlace(), newPlace()]
    const from = await fill(one, source, 2)
    const old = await fill(one, target, 1)
    await one.tokens.sync(newSync(source, target))
    const query = { ...target, object: null, actor: null, event: null, from: null, until: null }
    const { entries } = await other.audit.list({ ...query, page: 1, pageSize: 50 })
    expect(entries.map(({ event }) => event).toSorted()).toEqual([
      'repo.entitlement.created',
      'repo.entitlement.created',
      'repo.entitlement.deleted',
      'repo.token_synced',
    ])
    const whole = entries.find(({ event }) => event === 'repo.token_synced')
    expect(whole).toMatchObject({
      object: { kind: 'repository', ...target, id: null, name: target.repo },
      changes: { source: [null, `acme/${source.repo}`], tokens: [old.length, from.length] },
    })
    const events = (await other.events.waiting(1_000)).filter(({ repo }) => repo === target.repo)
    expect(events.map(({ type }) => type).toSorted()).toEqual([
      'token.created',
      'token.created',
      'token.deleted',
    ])
  })

  test('nobody ever sees a part of it, nor loses what is created meanwhile in another repository', async () => {
    const { one, other } = stores()
    const [first, second, target] = [newPlace(), newPlace(), newPlace()]
    const filled = [await fill(one, first, 5), await fill(one, second, 5)]
    const sets = new Set(filled.map((tokens) => secretsOf(tokens).join()))
    await one.tokens.sync(newSync(first, target))
    const seen = new Set<string>()
    const done = new AbortController()
    const look = async (): Promise<void> => {
      while (!done.signal.aborted) {
        seen.add(secretsOf(await tokensOf(other, target)).join())
        // A store that answers at once would never let anybody else run.
        await setImmediate()
      }
    }
    const looking = look()
    for (let turn = 0; turn < 15; turn++) {
      const sources = turn % 2 ? [first, second] : [second, first]
      await Promise.all(
        sources.map((source, index) => (index ? one : other).tokens.sync(newSync(source, target))),
      )
    }
    done.abort()
    await looking
    expect([...seen].filter((secrets) => !sets.has(secrets))).toEqual([])
    expect((await tokensOf(one, first)).length + (await tokensOf(one, second)).length).toBe(10)
  })

  test('a token that is created or changed at the same time is copied whole or not at all, and never left over', async () => {
    const { one, other } = stores()
    for (let turn = 0; turn < 10; turn++) {
      const [source, target] = [newPlace(), newPlace()]
      const [changed] = await fill(one, source, 2)
      const [late, leftover] = [newToken(source), newToken(target)]
      const at = [source.owner, source.repo, changed?.slugPerm ?? ''] as const
      const change = { digest: newName(), updatedAt: NOW, updatedBy: 'ada' }
      const [made] = await Promise.all([
        one.tokens.sync(newSync(source, target)),
        other.tokens.create(late),
        other.tokens.update(...at, change),
        other.tokens.create(leftover),
      ])
      const left = await tokensOf(one, target)
      // What was created there came before the sync, and is gone, or after it, and stays.
      const own = left.filter(({ digest }) => digest !== leftover.digest)
      expect(own).toEqual(made)
      expect([2, 3]).toContain(own.length)
      expect(await one.tokens.find(leftover.digest)).toHaveLength(left.length - own.length)
    }
  })
}
