import { describe, expect, test } from 'vitest'
import type { ChangeNote } from '../../../src/store/contract/audit.ts'
import type { EventRecord, RefusalCount, Webhook } from '../../../src/store/contract/events.ts'
import type { Store } from '../../../src/store/contract.ts'
import { newDelivery } from '../../../src/store/new-delivery.ts'
import { newNote } from './audit.ts'
import { HOUR_MS, MINUTE_MS, newName, newToken, NOW, useTwoStores, type OpenStore } from './fixtures.ts'

export function newEvent(fields: Partial<EventRecord> = {}): EventRecord {
  return {
    id: newName(),
    type: 'limit.reached',
    at: NOW,
    owner: 'acme',
    repo: 'deb',
    token: newName(),
    tokenName: 'Ünïcode "quoted" 🦀',
    data: { used: 7, 7: 'seven' },
    ...fields,
  }
}

export function newWebhook(fields: Partial<Webhook> = {}): Webhook {
  return {
    id: newName(),
    owner: `owner-${newName()}`,
    targetUrl: 'https://example.com/hooks/very-secret-path',
    events: ['token.created'],
    repositories: null,
    isActive: true,
    sealedSecret: 'sealed-1',
    createdAt: NOW,
    createdBy: 'ada',
    updatedAt: null,
    updatedBy: null,
    ...fields,
  }
}

async function waitingOf(store: Store): Promise<readonly EventRecord[]> {
  return store.events.waiting(1_000)
}

/** Of the part, one store for each test: what waits is everybody's. */
async function withStores(open: OpenStore, run: (one: Store, other: Store) => Promise<void>): Promise<void> {
  const space = newName()
  const [one, other] = [await open({ space }), await open({ space })]
  try {
    await run(one, other)
  } finally {
    await one.close()
    await other.close()
  }
}

export function describeEvents(open: OpenStore): void {
  const stores = useTwoStores(open)
  /** A test with two stores that nobody else uses: what waits is everybody's. */
  const alone = (run: (one: Store, other: Store) => Promise<void>) => () => withStores(open, run)

  describe('events', () => {
    test(
      'of changes wait as soon as the change is made, in its order, without any secret',
      alone(async (one, other) => {
        const token = newToken()
        const at = [token.owner, token.repo, token.slugPerm] as const
        const by = { updatedAt: NOW, updatedBy: 'ada' }
        const notes = [newNote({ event: 'repo.entitlement.created' }), newNote(), newNote()] as const
        await one.tokens.create(token, notes[0])
        await other.tokens.update(...at, { isActive: false, ...by }, notes[1])
        await one.tokens.update(...at, { digest: newName(), ...by }, notes[2])
        const events = await waitingOf(other)
        expect(events.map(({ id, type }) => [id, type])).toEqual([
          [notes[0].id, 'token.created'],
          [notes[1].id, 'token.disabled'],
          [notes[2].id, 'token.refreshed'],
        ])
        expect(events[1]).toMatchObject({ token: at[2], data: { changes: { isActive: [true, false] } } })
        expect(JSON.stringify(events)).not.toMatch(/digest|sealed|192\.0\.2\.7/)
      }),
    )

    test(
      'that change nothing are none',
      alone(async (one) => {
        const token = newToken()
        await one.tokens.create(token)
        const rival = newToken({ repo: token.repo, digest: token.digest })
        const note = newNote({ event: 'repo.entitlement.created' })
        await one.tokens.create(rival, note).catch(() => undefined)
        expect(await waitingOf(one)).toEqual([])
      }),
    )

    test(
      'with the same id are added once, whoever adds them',
      alone(async (one, other) => {
        const event = newEvent()
        const added = await Promise.all(
          Array.from({ length: 10 }, (_, index) => (index % 2 ? one : other).events.add([event])),
        )
        expect(added.flat()).toEqual([event.id])
        expect(await waitingOf(one)).toEqual([event])
      }),
    )

    test(
      'are not added again after they were handed out',
      alone(async (one, other) => {
        const event = newEvent()
        await one.events.add([event])
        expect(await other.events.handOut(event, [])).toBe(true)
        expect(await one.events.add([event])).toEqual([])
        expect(await waitingOf(one)).toEqual([])
      }),
    )

    test(
      'come back as they were written, and are handed out once',
      alone(async (one, other) => {
        const events = [newEvent(), newEvent(), newEvent()]
        await one.events.add(events)
        const [first, second] = await waitingOf(other)
        expect([first, second]).toEqual(events.slice(0, 2))
        const delivery = newDelivery(newName(), 'hook', events[0] ?? newEvent(), NOW)
        const handed = await Promise.all(
          [one, other, one].map((store) => store.events.handOut(first ?? newEvent(), [delivery])),
        )
        expect(handed.filter(Boolean)).toHaveLength(1)
        expect(await one.events.waiting(2)).toEqual(events.slice(1))
        const query = { webhook: 'hook', state: null, page: 1, pageSize: 10 }
        expect(await other.events.deliveries(query)).toEqual({ total: 1, deliveries: [delivery] })
      }),
    )
  })

  describe('deliveries', () => {
    test(
      'are claimed once, when they are due, and counted before they are tried',
      alone(async (one, other) => {
        const [due, later] = [
          newDelivery(newName(), 'h', newEvent(), NOW),
          newDelivery(newName(), 'h', newEvent(), NOW + 1),
        ]
        await one.events.addDelivery(due)
        await one.events.addDelivery(later)
        const claims = await Promise.all(
          Array.from({ length: 6 }, (_, index) =>
            (index % 2 ? one : other).events.claim(NOW, NOW + MINUTE_MS, 10, []),
          ),
        )
        expect(claims.flat()).toEqual([{ ...due, attempts: 1, lastAttemptAt: NOW, dueAt: NOW + MINUTE_MS }])
      }),
    )

    test(
      'that were claimed by somebody who died are claimed again',
      alone(async (one, other) => {
        await one.events.addDelivery(newDelivery(newName(), 'h', newEvent(), NOW))
        await one.events.claim(NOW, NOW + MINUTE_MS, 10, [])
        expect(await other.events.claim(NOW + MINUTE_MS - 1, NOW + HOUR_MS, 10, [])).toEqual([])
        const [again] = await other.events.claim(NOW + MINUTE_MS, NOW + HOUR_MS, 10, [])
        expect(again?.attempts).toBe(2)
      }),
    )

    test(
      'of webhooks that are busy are passed over',
      alone(async (one) => {
        for (const hook of ['slow', 'slow', 'fast'])
          await one.events.addDelivery(newDelivery(newName(), hook, newEvent(), NOW))
        const claimed = await one.events.claim(NOW, NOW + MINUTE_MS, 10, ['slow'])
        expect(claimed.map(({ webhook }) => webhook)).toEqual(['fast'])
      }),
    )

    test(
      'end as their last attempt did, not as an earlier one',
      alone(async (one, other) => {
        await one.events.addDelivery(newDelivery(newName(), 'h', newEvent(), NOW))
        const [first] = await one.events.claim(NOW, NOW, 1, [])
        const [second] = await other.events.claim(NOW, NOW + MINUTE_MS, 1, [])
        if (first === undefined || second === undefined) throw new Error('not claimed')
        const outcome = { state: 'delivered', dueAt: NOW + 5, lastStatus: 204, lastError: null } as const
        expect(await one.events.finish(first, { ...outcome, state: 'dead' })).toBe(false)
        expect(await other.events.finish(second, outcome)).toBe(true)
        expect(await other.events.finish(second, { ...outcome, state: 'dead' })).toBe(false)
        expect(await one.events.claim(NOW + HOUR_MS, NOW + HOUR_MS, 1, [])).toEqual([])
        expect(
          (await one.events.deliveries({ webhook: 'h', state: 'delivered', page: 1, pageSize: 9 }))
            .deliveries,
        ).toEqual([{ ...second, ...outcome }])
      }),
    )

    test(
      'are sent again by hand, with their id, a new patience and a line in the log',
      alone(async (one, other) => {
        const dead = { ...newDelivery(newName(), 'h', newEvent(), NOW), state: 'dead', attempts: 11 } as const
        await one.events.addDelivery(dead)
        expect(await other.events.counts()).toEqual({ waiting: 0, dead: 1 })
        const object = { kind: 'webhook', owner: 'acme', repo: null, id: 'h', name: null } as const
        const note = { ...newNote({ event: 'webhook.resent' }), object }
        expect(await other.events.resend('other', dead.id, NOW + 7, note)).toBeUndefined()
        expect(await other.events.resend('h', dead.id, NOW + 7, note)).toMatchObject({
          id: dead.id,
          state: 'waiting',
          attempts: 11,
          attemptsBefore: 11,
        })
        expect(await one.events.claim(NOW + 7, NOW + HOUR_MS, 9, [])).toHaveLength(1)
        expect(await one.events.counts()).toEqual({ waiting: 1, dead: 0 })
        expect((await one.audit.list({ ...EVERYTHING, object: 'h' })).total).toBe(1)
      }),
    )

    test(
      'are listed newest first, in pages',
      alone(async (one, other) => {
        const all = [0, 1, 2].map((index) => newDelivery(newName(), 'h', newEvent(), NOW + index))
        for (const each of all) await one.events.addDelivery(each)
        const page = await other.events.deliveries({ webhook: 'h', state: null, page: 1, pageSize: 2 })
        expect(page).toEqual({ total: 3, deliveries: [all[2], all[1]] })
        const rest = await other.events.deliveries({ webhook: 'h', state: 'waiting', page: 2, pageSize: 2 })
        expect(rest).toEqual({ total: 3, deliveries: [all[0]] })
      }),
    )

    test(
      'that ended, and ids that were seen, are swept out when they are old',
      alone(async (one) => {
        const [old, young] = [newEvent({ at: NOW - HOUR_MS }), newEvent()]
        await one.events.add([old, young])
        await one.events.handOut(old, [])
        const ended = newDelivery(newName(), 'h', old, NOW - HOUR_MS)
        await one.events.addDelivery({ ...ended, state: 'delivered' })
        await one.events.addDelivery({ ...newDelivery(newName(), 'h', old, NOW - HOUR_MS) })
        await one.events.addDelivery({ ...newDelivery(newName(), 'h', young, NOW), state: 'dead' })
        for (let more = 1; more > 0;) more = await one.events.sweep(NOW, NOW)
        const { deliveries } = await one.events.deliveries({
          webhook: 'h',
          state: null,
          page: 1,
          pageSize: 9,
        })
        expect(deliveries.map(({ state }) => state).toSorted()).toEqual(['dead', 'waiting'])
        expect(await one.events.add([old, young])).toEqual([old.id])
      }),
    )
  })

  describe('refusals', () => {
    const hour = Math.floor(NOW / HOUR_MS) * HOUR_MS
    const count = (fields: Partial<RefusalCount> = {}): RefusalCount => ({
      hour,
      token: 't',
      tokenName: 'T',
      owner: 'acme',
      repo: 'deb',
      reason: 'token_expired',
      count: 1,
      ...fields,
    })

    test(
      'of an hour are one event for each token and reason, when it is over',
      alone(async (one, other) => {
        await Promise.all([
          one.events.countRefusals([count({ count: 3 }), count({ reason: 'network_not_allowed' })]),
          other.events.countRefusals([count({ count: 4 }), count({ hour: hour + HOUR_MS })]),
        ])
        expect(await one.events.closeHours(hour, NOW)).toBe(0)
        const closed = await Promise.all(
          [one, other].map((store) => store.events.closeHours(hour + HOUR_MS, NOW)),
        )
        expect(closed[0] ?? 0).toBeGreaterThanOrEqual(0)
        for (let more = 1; more > 0;) more = await one.events.closeHours(hour + HOUR_MS, NOW)
        const events = await waitingOf(one)
        expect(events.map(({ data }) => [data['reason'], data['count']]).toSorted()).toEqual([
          ['network_not_allowed', 1],
          ['token_expired', 7],
        ])
        expect(events[0]).toMatchObject({
          type: 'downloads.refused',
          token: 't',
          tokenName: 'T',
          owner: 'acme',
        })
      }),
    )

    test(
      'that are counted when their hour was told of are told of later',
      alone(async (one) => {
        await one.events.countRefusals([count()])
        await one.events.closeHours(hour + HOUR_MS, NOW)
        await one.events.countRefusals([count({ count: 2 })])
        await one.events.closeHours(hour + HOUR_MS, NOW + 1)
        expect((await waitingOf(one)).map(({ data }) => data['count'])).toEqual([1, 2])
      }),
    )
  })

  test('a lease belongs to one holder, until it ends or is given back', async () => {
    const { one, other } = stores()
    const name = newName()
    const now = Date.now()
    const won = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 ? one : other).events.lease(name, `holder-${index}`, now, now + HOUR_MS),
      ),
    )
    expect(won.filter(Boolean)).toHaveLength(1)
    const holder = `holder-${won.indexOf(true)}`
    expect(await one.events.lease(name, holder, now, now + HOUR_MS)).toBe(true)
    await one.events.lease(name, holder, now, now + 1)
    await expect.poll(() => other.events.lease(name, 'next', now + 2, now + HOUR_MS)).toBe(true)
  })

  describe('webhooks', () => {
    const note = (event: ChangeNote['event']): ChangeNote => newNote({ event })

    test('come back from every store, of their owner only', async () => {
      const { one, other } = stores()
      const webhook = newWebhook()
      await one.webhooks.create(webhook)
      expect(await other.webhooks.list(webhook.owner)).toEqual([webhook])
      expect(await other.webhooks.list(null)).toContainEqual(webhook)
      expect(await other.webhooks.read(webhook.owner, webhook.id)).toEqual(webhook)
      expect(await other.webhooks.read('other', webhook.id)).toBeUndefined()
      expect(await other.webhooks.update('other', webhook.id, { isActive: false })).toBeUndefined()
      expect(await other.webhooks.delete('other', webhook.id)).toBe(false)
    })

    test('leave a line with each change, without their secret and the path of their target', async () => {
      const { one, other } = stores()
      const webhook = newWebhook()
      await one.webhooks.create(webhook, note('webhook.created'))
      await Promise.all([
        one.webhooks.update(webhook.owner, webhook.id, { isActive: false }, note('webhook.updated')),
        other.webhooks.update(
          webhook.owner,
          webhook.id,
          { sealedSecret: 'sealed-2' },
          note('webhook.updated'),
        ),
      ])
      expect(await other.webhooks.read(webhook.owner, webhook.id)).toMatchObject({
        isActive: false,
        sealedSecret: 'sealed-2',
      })
      await other.webhooks.delete(webhook.owner, webhook.id, note('webhook.deleted'))
      const { entries } = await one.audit.list({ ...EVERYTHING, owner: webhook.owner })
      expect(entries.map(({ event }) => event).toSorted()).toEqual([
        'webhook.created',
        'webhook.deleted',
        'webhook.updated',
        'webhook.updated',
      ])
      expect(JSON.stringify(entries)).not.toMatch(/sealed-|very-secret-path/)
    })

    test('take their deliveries along', async () => {
      const { one, other } = stores()
      const webhook = newWebhook()
      await one.webhooks.create(webhook)
      await one.events.addDelivery(newDelivery(newName(), webhook.id, newEvent(), NOW))
      await other.webhooks.delete(webhook.owner, webhook.id)
      const query = { webhook: webhook.id, state: null, page: 1, pageSize: 9 }
      expect(await one.events.deliveries(query)).toEqual({ total: 0, deliveries: [] })
    })
  })
}

const EVERYTHING = {
  owner: null,
  repo: null,
  object: null,
  actor: null,
  event: null,
  from: null,
  until: null,
  page: 1,
  pageSize: 100,
} as const
