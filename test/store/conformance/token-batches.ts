import { expect, test } from 'vitest'
import { WHOLE_OWNER } from '../../../src/policy/owner-level.ts'
import type { TokenFilter } from '../../../src/policy/search/filter.ts'
import type {
  PlannedChange,
  RepositoryName,
  StoredToken,
  StoreError,
  TokenBatch,
} from '../../../src/store/contract.ts'
import { waitFor } from '../../support/processes.ts'
import { newNote } from './audit.ts'
import { newName, newToken, NOW, useTwoStores, type OpenStore } from './fixtures.ts'

function newPlace(): RepositoryName {
  return { owner: 'acme', repo: `repo-${newName()}` }
}

function create(after: StoredToken): PlannedChange {
  return { before: undefined, after, note: newNote({ event: 'repo.entitlement.created' }) }
}

function update(before: StoredToken, fields: Partial<StoredToken>): PlannedChange {
  return { before, after: { ...before, ...fields }, note: newNote({ event: 'repo.entitlement.updated' }) }
}

function remove(before: StoredToken): PlannedChange {
  return { before, after: undefined, note: newNote({ event: 'repo.entitlement.deleted' }) }
}

const NOTHING: TokenBatch['about'] = { slugPerms: [], names: [], digests: [] }

function newBatch(
  place: RepositoryName,
  about: Partial<TokenBatch['about']>,
  plan: TokenBatch['plan'],
): TokenBatch {
  return { ...place, about: { ...NOTHING, ...about }, plan, at: NOW }
}

export function describeTokenBatches(open: OpenStore): void {
  const stores = useTwoStores(open)

  test('tokens come, change and go in one step, with their names, secrets, lines and events', async () => {
    const { one, other } = stores()
    const place = newPlace()
    const [changed, gone, added] = [newToken(place), newToken(place), newToken({ ...place, isActive: false })]
    await one.tokens.create(changed)
    await one.tokens.create(gone)
    const next = { name: `Renamed ${newName()}`, digest: newName(), previousDigest: changed.digest }
    const about = {
      slugPerms: [changed.slugPerm, gone.slugPerm],
      digests: [added.digest, next.digest],
    }
    await one.tokens.batch(
      newBatch(place, about, (found) => [
        create(added),
        ...found.map((token) => (token.slugPerm === gone.slugPerm ? remove(token) : update(token, next))),
      ]),
    )
    const read = (slugPerm: string): Promise<StoredToken | undefined> =>
      other.tokens.read(place.owner, place.repo, slugPerm)
    expect(await read(added.slugPerm)).toEqual(added)
    expect(await read(changed.slugPerm)).toEqual({ ...changed, ...next })
    expect(await read(gone.slugPerm)).toBeUndefined()
    for (const digest of [next.digest, changed.digest]) {
      expect((await other.tokens.find(digest)).map(({ slugPerm }) => slugPerm)).toEqual([changed.slugPerm])
    }
    expect(await other.tokens.find(gone.digest)).toEqual([])
    const walked = await other.tokens.walk(place.owner, place.repo, null, 10)
    expect(walked.map(({ slugPerm }) => slugPerm).toSorted()).toEqual(
      [changed.slugPerm, added.slugPerm].toSorted(),
    )
    const query = { ...place, object: null, actor: null, event: null, from: null, until: null }
    const { entries } = await other.audit.list({ ...query, page: 1, pageSize: 50 })
    expect(entries.map(({ event }) => event).toSorted()).toEqual([
      'repo.entitlement.created',
      'repo.entitlement.deleted',
      'repo.entitlement.secret_updated',
    ])
    const events = (await other.events.waiting(1_000)).filter(({ repo }) => repo === place.repo)
    expect(events.map(({ type }) => type).toSorted()).toEqual([
      'token.created',
      'token.deleted',
      'token.refreshed',
    ])
  })

  test('the plan is told of the tokens with these ids, names and secrets, each once, of this repository only', async () => {
    const { one } = stores()
    const [place, elsewhere] = [newPlace(), newPlace()]
    const name = `Often ${newName()}`
    const tokens = [
      newToken({ ...place, name }),
      newToken({ ...place, name }),
      newToken({ ...place, name: `${name} ` }),
      newToken({ ...place, previousDigest: newName() }),
      newToken({ ...place, name: `${name}\u{1f600}` }),
    ]
    const stranger = newToken({ ...elsewhere, name, digest: tokens[0]?.digest ?? '' })
    for (const token of [...tokens, stranger]) await one.tokens.create(token)
    const seen: string[][] = []
    const about = {
      slugPerms: [tokens[0]?.slugPerm ?? '', stranger.slugPerm, 'unknown'],
      names: [name, 'unknown'],
      digests: [tokens[0]?.digest ?? '', tokens[3]?.previousDigest ?? '', 'unknown'],
    }
    await one.tokens.batch(
      newBatch(place, about, (found) => (seen.push(found.map(({ slugPerm }) => slugPerm).toSorted()), [])),
    )
    expect(seen).toEqual([[tokens[0], tokens[1], tokens[3]].map((token) => token?.slugPerm).toSorted()])
  })

  test.each([
    ['the secret of another token', (taken: StoredToken) => [taken.digest, newName()]],
    ['the previous secret of another token', (taken: StoredToken) => [taken.previousDigest, newName()]],
    ['a secret that another new token has', () => ['twice', 'twice']],
  ])('%s is a conflict, and nothing changes', async (_what, digestsFor) => {
    const { one } = stores()
    const place = newPlace()
    const taken = newToken({ ...place, previousDigest: newName() })
    await one.tokens.create(taken)
    const digests = digestsFor(taken).map(String)
    const added = digests.map((digest) => newToken({ ...place, digest, previousDigest: null }))
    const batch = newBatch(place, { digests: [...digests] }, () => added.map(create))
    await expect(one.tokens.batch(batch)).rejects.toMatchObject({ name: 'StoreError', code: 'conflict' })
    expect(await one.tokens.walk(place.owner, place.repo, null, 10)).toEqual([taken])
    expect((await one.tokens.find(digests[1] ?? '')).filter(({ repo }) => repo === place.repo)).toEqual([])
  })

  test.each([
    ['changes a token twice', (token: StoredToken) => [update(token, { name: 'x' }), remove(token)]],
    [
      'gives out a secret that it did not ask about',
      (token: StoredToken) => [update(token, { digest: 'new' })],
    ],
  ])('a plan that %s is refused, and nothing changes', async (_what, plan) => {
    const { one } = stores()
    const token = newToken()
    await one.tokens.create(token)
    const batch = newBatch(token, { slugPerms: [token.slugPerm] }, () => plan(token))
    await expect(one.tokens.batch(batch)).rejects.toThrow('a plan')
    expect(await one.tokens.read(token.owner, token.repo, token.slugPerm)).toEqual(token)
  })

  test('a secret that is where it may not be a second time is told, and in the way; elsewhere it is not', async () => {
    const { one } = stores()
    const owner = `owner-${newName()}`
    const [deb, whole] = [
      newToken({ owner, repo: 'deb', previousDigest: newName() }),
      newToken({ owner, repo: WHOLE_OWNER }),
    ]
    await one.tokens.create(deb)
    await one.tokens.create(whole)
    const attempt = async (repo: string, digest: string): Promise<readonly unknown[]> => {
      const seen: string[] = []
      const added = newToken({ owner, repo, digest })
      const batch = newBatch({ owner, repo }, { digests: [digest] }, (found) => {
        seen.push(...found.map(({ slugPerm }) => slugPerm))
        return [create(added)]
      })
      const outcome = await one.tokens.batch(batch).then(
        () => 'made',
        (error: StoreError) => error.code,
      )
      await one.tokens.delete(owner, repo, added.slugPerm, NOW)
      return [outcome, ...seen]
    }
    expect(await attempt(WHOLE_OWNER, deb.digest)).toEqual(['conflict', deb.slugPerm])
    expect(await attempt(WHOLE_OWNER, deb.previousDigest ?? '')).toEqual(['conflict', deb.slugPerm])
    expect(await attempt('rpm', whole.digest)).toEqual(['conflict', whole.slugPerm])
    expect(await attempt('rpm', deb.digest)).toEqual(['made'])
  })

  test('what a batch changed is found by searches, and what it deleted is not', async () => {
    const { one, other } = stores()
    const place = newPlace()
    const [changed, gone, added] = [newToken(place), newToken(place), newToken(place)]
    await one.tokens.create(changed)
    await one.tokens.create(gone)
    const about = { slugPerms: [changed.slugPerm, gone.slugPerm], digests: [added.digest] }
    await one.tokens.batch(
      newBatch(place, about, (found) => [
        create(added),
        ...found.map((each) =>
          each.slugPerm === gone.slugPerm
            ? remove(each)
            : update(each, { isActive: false, name: 'Umbenannt' }),
        ),
      ]),
    )
    const list = async (filter: TokenFilter | null): Promise<readonly string[]> => {
      const query = { owner: place.owner, repos: [place.repo], page: 1, pageSize: 50, order: 'name' as const }
      const { tokens } = await other.tokens.list({ ...query, filter, descending: false, now: NOW })
      return tokens.map(({ slugPerm }) => slugPerm)
    }
    expect((await list(null)).toSorted()).toEqual([changed.slugPerm, added.slugPerm].toSorted())
    expect(await list({ kind: 'name', pattern: 'umbenannt' })).toEqual([changed.slugPerm])
    expect(await list({ kind: 'state', state: 'disabled' })).toEqual([changed.slugPerm])
  })

  test('other changes of the same turn are not lost with one that is refused', async () => {
    const { one } = stores()
    const [taken, added] = [newToken(), newToken()]
    await one.tokens.create(taken)
    const rival = newToken({ ...taken, slugPerm: newName() })
    const [refused, created] = await Promise.allSettled([
      one.tokens.batch(newBatch(taken, { digests: [rival.digest] }, () => [create(rival)])),
      one.tokens.create(added),
    ])
    expect([refused.status, created.status]).toEqual(['rejected', 'fulfilled'])
    expect(await one.tokens.find(added.digest)).toEqual([added])
  })

  test('two at once that make what is missing make it once', async () => {
    const { one, other } = stores()
    for (let turn = 0; turn < 10; turn++) {
      const place = newPlace()
      const names = ['a', 'b', 'c']
      const fill = (digest: string): TokenBatch => {
        const made = names.map((name) => newToken({ ...place, name, digest: `${digest}-${name}-${turn}` }))
        return newBatch(place, { names, digests: made.map((each) => each.digest) }, (found) =>
          made.filter(({ name }) => !found.some((each) => each.name === name)).map(create),
        )
      }
      await Promise.all([one.tokens.batch(fill('one')), other.tokens.batch(fill('other'))])
      const walked = await one.tokens.walk(place.owner, place.repo, null, 10)
      expect(walked.map(({ name }) => name)).toEqual(names)
    }
  })

  test('a change that comes in between is not written over', async () => {
    const { one, other } = stores()
    const token = newToken({ limitDownloads: 0 })
    await one.tokens.create(token)
    const raise = (store: typeof one): Promise<void> =>
      store.tokens.batch(
        newBatch(token, { slugPerms: [token.slugPerm] }, (found) =>
          found.map((each) => update(each, { limitDownloads: (each.limitDownloads ?? 0) + 1 })),
        ),
      )
    await Promise.all(Array.from({ length: 10 }, (_, index) => raise(index % 2 ? one : other)))
    expect(await one.tokens.read(token.owner, token.repo, token.slugPerm)).toMatchObject({
      limitDownloads: 10,
    })
  })

  test('a thousand at once are written whole, and every process is told', async () => {
    const { one, other } = stores()
    const place = newPlace()
    const added = Array.from({ length: 1_000 }, () => newToken(place))
    const told = new Set<string | undefined>()
    const stop = other.tokens.watch((digest) => told.add(digest))
    const digests = added.map(({ digest }) => digest)
    await one.tokens.batch(newBatch(place, { digests }, () => added.map(create)))
    await waitFor(() => told.has(undefined) || digests.every((digest) => told.has(digest)), {
      what: 'the news',
    })
    stop()
    expect(await other.tokens.walk(place.owner, place.repo, null, 2_000)).toHaveLength(1_000)
  })
}
