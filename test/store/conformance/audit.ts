import { describe, expect, test } from 'vitest'
import type { AuditEntry, AuditQuery, ChangeNote, ObjectNote } from '../../../src/store/contract/audit.ts'
import type { ApiKey, Store, StoredToken } from '../../../src/store/contract.ts'
import { FULL_KEY } from '../../../src/store/stored-key.ts'
import {
  countersOf,
  DAY_MS,
  deliver,
  MINUTE_MS,
  newDelivery,
  newName,
  newToken,
  NOW,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

const ACTOR = { kind: 'api_key', id: 'key-1', name: 'Operations', address: '192.0.2.7' } as const
const BY_ADA = { updatedAt: NOW + 1, updatedBy: 'ada' }

export function newNote(fields: Partial<ChangeNote> = {}): ChangeNote {
  const event = 'repo.entitlement.updated'
  return { id: newName(), at: NOW, event, actor: ACTOR, userAgent: 'test/1', ...fields }
}

function query(fields: Partial<AuditQuery> = {}): AuditQuery {
  const everything = { owner: null, repo: null, object: null, actor: null, event: null }
  return { ...everything, from: null, until: null, page: 1, pageSize: 100, ...fields }
}

async function entriesOf(store: Store, { slugPerm }: StoredToken): Promise<readonly AuditEntry[]> {
  return (await store.audit.list(query({ object: slugPerm }))).entries
}

function resetNote({ owner, repo, slugPerm, name }: StoredToken): ObjectNote {
  const object = { kind: 'entitlement', owner, repo, id: slugPerm, name } as const
  return { ...newNote({ event: 'repo.entitlement.reset' }), object }
}

export function describeAudit(open: OpenStore): void {
  const stores = useTwoStores(open)

  describe('the line of a change', () => {
    test('says who, what and on which object, and the fields with what they were and are', async () => {
      const { one, other } = stores()
      const token = newToken({ limitDownloads: 10 })
      const at = [token.owner, token.repo, token.slugPerm] as const
      const note = newNote()
      await one.tokens.create(token)
      await one.tokens.update(...at, { limitDownloads: 20, name: 'New', ...BY_ADA }, note)
      expect(await entriesOf(other, token)).toEqual([
        {
          ...note,
          object: { kind: 'entitlement', owner: at[0], repo: at[1], id: at[2], name: 'New' },
          changes: { limitDownloads: [10, 20], name: [token.name, 'New'] },
        },
      ])
    })

    test('says who accepted what, and from where', async () => {
      const { one, other } = stores()
      const token = newToken()
      const at = [token.owner, token.repo, token.slugPerm] as const
      const actor = { kind: 'customer', id: at[2], name: token.name, address: '192.0.2.9' } as const
      const note = newNote({ event: 'repo.entitlement.eula_accepted', actor })
      const eulaAccepted = { 'acme/deb': { revision: 3, at: NOW, address: '192.0.2.9' } }
      await one.tokens.create(token)
      await one.tokens.update(...at, { eulaAccepted, ...BY_ADA }, note)
      expect(await entriesOf(other, token)).toMatchObject([
        { event: 'repo.entitlement.eula_accepted', actor, changes: { eulaAccepted: [{}, eulaAccepted] } },
      ])
    })

    test('names what a creation set, and what a deletion took away', async () => {
      const { one, other } = stores()
      const token = newToken({ limitClients: 3, metadata: null })
      await one.tokens.create(token, newNote({ event: 'repo.entitlement.created' }))
      await other.tokens.delete(
        token.owner,
        token.repo,
        token.slugPerm,
        NOW,
        newNote({ event: 'repo.entitlement.deleted' }),
      )
      const [deleted, created] = await entriesOf(one, token)
      expect(created?.changes).toMatchObject({ name: [null, token.name], limitClients: [null, 3] })
      expect(created?.changes).not.toHaveProperty('isActive')
      expect(deleted?.changes).toMatchObject({ name: [token.name, null], limitClients: [3, null] })
    })

    test('tells that a secret changed, and nothing of either', async () => {
      const { one } = stores()
      const token = newToken({ previousDigest: 'digest-before' })
      const change = { digest: newName(), sealedSecret: newName(), previousDigest: token.digest, ...BY_ADA }
      await one.tokens.create(token)
      await one.tokens.update(token.owner, token.repo, token.slugPerm, change, newNote())
      const [entry] = await entriesOf(one, token)
      expect(entry?.event).toBe('repo.entitlement.secret_updated')
      expect(entry?.changes).toEqual({ secret: ['*'.repeat(16), '*'.repeat(16)] })
      for (const secret of [change.digest, change.sealedSecret, token.digest, token.sealedSecret]) {
        expect(JSON.stringify(entry)).not.toContain(secret)
      }
    })

    test.each([
      [{ isActive: false }, 'repo.entitlement.disabled'],
      [{ isActive: false, limitClients: 7 }, 'repo.entitlement.updated'],
      [{ isActive: true }, 'repo.entitlement.updated'],
    ] as const)('of a change %j is %s', async (change, event) => {
      const { one } = stores()
      const token = newToken()
      await one.tokens.create(token)
      await one.tokens.update(token.owner, token.repo, token.slugPerm, { ...change, ...BY_ADA }, newNote())
      expect((await entriesOf(one, token)).map((entry) => entry.event)).toEqual([event])
    })

    test('of a reset has the counters that it found', async () => {
      const { one, other } = stores()
      const token = newToken()
      await one.tokens.create(token)
      await deliver(one, newDelivery({ token: token.slugPerm, limitDownloads: 5 }), 1_000_000)
      await other.usage.reset(token.slugPerm, NOW, resetNote(token))
      expect(await countersOf(one, token.slugPerm)).toEqual([0, 0, 0])
      const [entry] = await entriesOf(one, token)
      expect(entry).toMatchObject({
        event: 'repo.entitlement.reset',
        changes: { downloads: [1, 0], clients: [1, 0], bytes: [1_000_000, 0] },
      })
    })
  })

  describe('changes at once', () => {
    test('of one field form a chain: each line begins with what the one before it wrote', async () => {
      const { one, other } = stores()
      const token = newToken({ limitDownloads: 0 })
      const at = [token.owner, token.repo, token.slugPerm] as const
      await one.tokens.create(token)
      const limits = Array.from({ length: 20 }, (_, index) => index + 1)
      await Promise.all(
        limits.map((limitDownloads) =>
          (limitDownloads % 2 ? one : other).tokens.update(...at, { limitDownloads, ...BY_ADA }, newNote()),
        ),
      )
      const lines = (await entriesOf(one, token)).map((entry) => entry.changes['limitDownloads'])
      const nextOf = new Map(lines.map((line) => [line?.[0], line?.[1]]))
      expect(lines).toHaveLength(20)
      let value: unknown = 0
      for (let step = 0; step < 20; step++) value = nextOf.get(value)
      expect(value).toBe((await one.tokens.read(...at))?.limitDownloads)
    })

    test('a change that is a conflict leaves no line', async () => {
      const { one, other } = stores()
      const token = newToken()
      const rivals = Array.from({ length: 10 }, () => newToken({ repo: token.repo, digest: token.digest }))
      const note = (): ChangeNote => newNote({ event: 'repo.entitlement.created' })
      await Promise.allSettled(
        rivals.map((rival, index) => (index % 2 ? one : other).tokens.create(rival, note())),
      )
      const { entries } = await one.audit.list(query({ owner: token.owner, repo: token.repo }))
      expect(entries.map(({ object }) => object.id)).toEqual(
        (await one.tokens.find(token.digest)).map(({ slugPerm }) => slugPerm),
      )
    })

    test('a change of what is not there leaves no line', async () => {
      const { one } = stores()
      const token = newToken()
      const { owner, repo, slugPerm } = token
      await one.tokens.update(owner, repo, slugPerm, BY_ADA, newNote())
      await one.tokens.delete(owner, repo, slugPerm, NOW, newNote())
      expect(await entriesOf(one, token)).toEqual([])
    })

    test('a token that is deleted by many at once is deleted in one line', async () => {
      const { one, other } = stores()
      const token = newToken()
      await one.tokens.create(token)
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 ? one : other).tokens.delete(token.owner, token.repo, token.slugPerm, NOW, newNote()),
        ),
      )
      expect(await entriesOf(one, token)).toHaveLength(1)
    })

    test('every reset of many at once has its line, and only one of them found something', async () => {
      const { one, other } = stores()
      const token = newToken()
      await deliver(one, newDelivery({ token: token.slugPerm, limitDownloads: 5 }), 1_000_000)
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 ? one : other).usage.reset(token.slugPerm, NOW, resetNote(token)),
        ),
      )
      const entries = await entriesOf(one, token)
      expect(entries).toHaveLength(10)
      expect(entries.filter(({ changes }) => changes['downloads']?.[0] === 1)).toHaveLength(1)
    })
  })

  describe('keys of the management API', () => {
    test('leave a line with each change, without anything of their secret', async () => {
      const { one, other } = stores()
      const key: ApiKey = { ...FULL_KEY, id: newName(), name: 'ci', digest: newName(), createdAt: NOW }
      const digest = newName()
      await one.keys.create(key, newNote({ event: 'api_key.created' }))
      await other.keys.create({ ...key, id: newName() }, newNote({ event: 'api_key.created' }))
      await one.keys.update(key.id, { name: 'cd', digest, ...BY_ADA }, newNote({ event: 'api_key.updated' }))
      await Promise.all(
        [one, other, one].map((store) =>
          store.keys.revoke(key.id, NOW, 'ada', newNote({ event: 'api_key.revoked' })),
        ),
      )
      const { entries } = await other.audit.list(query({ object: key.id }))
      expect(entries.map(({ event }) => event).toSorted()).toEqual([
        'api_key.created',
        'api_key.revoked',
        'api_key.updated',
      ])
      const mask = '*'.repeat(16)
      const byEvent = new Map(entries.map(({ event, changes }) => [event, changes]))
      expect(byEvent.get('api_key.updated')).toEqual({ name: ['ci', 'cd'], secret: [mask, mask] })
      expect(byEvent.get('api_key.revoked')).toEqual({ revokedAt: [null, NOW] })
      expect(JSON.stringify(entries)).not.toMatch(new RegExp(`${key.digest}|${digest}`))
    })
  })

  describe('a list', () => {
    test('is sorted by time, newest first, then by id, and comes in pages', async () => {
      const { one, other } = stores()
      const owner = newName()
      const entries = [0, 1, 2, 2, 3].map((minute) => newEntry({ owner }, { at: NOW + minute * MINUTE_MS }))
      for (const entry of entries.toReversed()) await one.audit.append(entry)
      const pages = await Promise.all(
        [1, 2, 3, 4].map((page) => other.audit.list(query({ owner, page, pageSize: 2 }))),
      )
      expect(pages.flatMap((page) => page.entries)).toEqual(entries.toReversed())
      expect(pages.map(({ total }) => total)).toEqual([5, 5, 5, 5])
    })

    test('holds what satisfies every part of the query, and counts it', async () => {
      const { one, other } = stores()
      const [owner, repo, id, actor] = [newName(), newName(), newName(), newName()]
      const match = newEntry(
        { owner, repo, id },
        { actor: { ...ACTOR, id: actor }, event: 'repo.entitlement.reset' },
      )
      const others = [
        newEntry({ owner, repo, id }, { event: 'repo.entitlement.reset' }),
        newEntry({ owner, repo, id }, { actor: match.actor }),
        newEntry({ owner, repo: newName(), id }, { actor: match.actor, event: match.event }),
        newEntry({ owner: newName(), repo, id }, { actor: match.actor, event: match.event }),
        newEntry({ owner, repo }, { actor: match.actor, event: match.event }),
      ]
      for (const entry of [match, ...others]) await one.audit.append(entry)
      const wanted = query({ owner, repo, object: id, actor, event: 'repo.entitlement.reset' })
      expect(await other.audit.list(wanted)).toEqual({ total: 1, entries: [match] })
      const counts = await Promise.all(
        [{ owner }, { owner, repo }, { object: id }, { actor }, { owner, actor }].map(
          async (part) => (await other.audit.list(query(part))).total,
        ),
      )
      expect(counts).toEqual([5, 4, 5, 5, 4])
    })

    test('has bounds in time: the first instant is in, the last is not', async () => {
      const { one } = stores()
      const owner = newName()
      const entries = [0, 1, 2, 3].map((minute) => newEntry({ owner }, { at: NOW + minute * MINUTE_MS }))
      for (const entry of entries) await one.audit.append(entry)
      const bounds = { from: NOW + MINUTE_MS, until: NOW + 3 * MINUTE_MS }
      const expected = { total: 2, entries: [entries[2], entries[1]] }
      expect(await one.audit.list(query({ owner, ...bounds }))).toEqual(expected)
      expect(await one.audit.list(query({ owner, event: 'cache.purged', ...bounds }))).toEqual(expected)
      expect(await one.audit.list(query({ owner, ...bounds, page: 2, pageSize: 1 }))).toMatchObject({
        total: 2,
        entries: [entries[1]],
      })
    })

    test('finds an actor by id, or by name where nobody has that id', async () => {
      const { one, other } = stores()
      const [id, name] = [newName(), newName()]
      await one.audit.append(newEntry({}, { actor: { ...ACTOR, id, name } }))
      await one.audit.append(newEntry({}, { actor: { ...ACTOR, id: newName(), name: id } }))
      expect((await other.audit.list(query({ actor: id }))).total).toBe(1)
      expect((await other.audit.list(query({ actor: name }))).total).toBe(1)
      expect((await other.audit.list(query({ actor: newName() }))).total).toBe(0)
    })

    test('has an entry once that is appended twice', async () => {
      const { one, other } = stores()
      const entry = newEntry({ owner: newName() })
      await Promise.all([one.audit.append(entry), other.audit.append(entry), one.audit.append(entry)])
      expect(await one.audit.list(query({ owner: entry.object.owner }))).toEqual({
        total: 1,
        entries: [entry],
      })
    })
  })

  test('entries from before a day are swept out, the others stay', async () => {
    const store = await open({ space: newName() })
    const entries = [0, 1, 2].map((day) => newEntry({ owner: 'acme' }, { at: NOW + day * DAY_MS }))
    for (const entry of entries) await store.audit.append(entry)
    let swept = 0
    for (let more = 1; more > 0; swept += more) more = await store.audit.sweep(NOW + 2 * DAY_MS)
    expect(swept).toBe(2)
    for (const part of [{}, { owner: 'acme' }, { event: 'cache.purged' } as const]) {
      expect(await store.audit.list(query(part))).toEqual({ total: 1, entries: [entries[2]] })
    }
    await store.close()
  })
}

function newEntry(object: Partial<AuditEntry['object']>, note: Partial<ChangeNote> = {}): AuditEntry {
  return {
    ...newNote({ event: 'cache.purged', ...note }),
    object: { kind: 'cache', owner: null, repo: null, id: null, name: null, ...object },
    changes: { path: [null, 'dists/stable'] },
  }
}
