import { randomBytes } from 'node:crypto'
import { ulid } from 'ulid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDispatcher, type Dispatcher, type DispatcherOptions } from '../../src/events/dispatcher.ts'
import { sign } from '../../src/events/signature.ts'
import type { Post, Posted } from '../../src/events/post.ts'
import type { Store } from '../../src/store/contract.ts'
import type { EventDelivery, EventRecord, Webhook } from '../../src/store/contract/events.ts'
import { createSecretKeeper } from '../../src/store/secret-keeper.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'

const NOW = Date.UTC(2030, 0, 1)
const keeper = createSecretKeeper('a server key that is long enough for it', randomBytes)
let directory: TemporaryDirectory
let files = 0
beforeAll(async () => {
  directory = await temporaryDirectory('dispatcher')
})
afterAll(() => directory.remove())

interface World extends AsyncDisposable {
  readonly store: Store
  readonly dispatcher: Dispatcher
  readonly sent: Post[]
  readonly results: string[]
  readonly errors: unknown[]
  readonly setNow: (now: number) => void
  /** What targets answer. */
  readonly answerWith: (answer: (post: Post) => Promise<Posted>) => void
  readonly addWebhook: (fields?: Partial<Webhook>) => Promise<Webhook>
  readonly addEvent: (fields?: Partial<EventRecord>) => Promise<EventRecord>
  readonly deliveriesOf: (webhook: Webhook) => Promise<readonly EventDelivery[]>
  /** A turn, and the end of all that it began. */
  readonly turn: () => Promise<void>
}

async function startWorld(different: Partial<DispatcherOptions> = {}): Promise<World> {
  let now = NOW
  const store = await openSqliteStore({
    file: `${directory.path}/${++files}.db`,
    synchronous: 'normal',
    processId: 'test',
    clock: () => now,
  })
  const [sent, results, errors]: [Post[], string[], unknown[]] = [[], [], []]
  let answer: (post: Post) => Promise<Posted> = async () => ({ status: 200 })
  const dispatcher = createDispatcher({
    store,
    post: (what) => {
      sent.push(what)
      return answer(what)
    },
    unseal: keeper.unseal,
    newId: () => ulid(),
    clock: () => now,
    random: () => 0.5,
    version: '1.2.3',
    onAttempt: (result) => results.push(result),
    onError: (error) => errors.push(error),
    ...different,
  })
  return {
    store,
    dispatcher,
    sent,
    results,
    errors,
    setNow: (next) => void (now = next),
    answerWith: (next) => void (answer = next),
    addWebhook: async (fields = {}) => {
      const webhook: Webhook = {
        id: ulid(),
        owner: 'acme',
        targetUrl: 'https://example.com/hooks',
        events: null,
        repositories: null,
        isActive: true,
        sealedSecret: keeper.seal('the secret'),
        createdAt: NOW,
        createdBy: 'ada',
        updatedAt: null,
        updatedBy: null,
        ...fields,
      }
      await store.webhooks.create(webhook)
      return webhook
    },
    addEvent: async (fields = {}) => {
      const event: EventRecord = {
        id: ulid(),
        type: 'limit.reached',
        at: NOW,
        owner: 'acme',
        repo: 'deb',
        token: 'T1',
        tokenName: 'Example Ltd',
        data: { limit: 'downloads' },
        ...fields,
      }
      await store.events.add([event])
      return event
    },
    deliveriesOf: async ({ id }) =>
      (await store.events.deliveries({ webhook: id, state: null, page: 1, pageSize: 100 })).deliveries,
    turn: async () => {
      await dispatcher.turn()
      await dispatcher.drain()
    },
    [Symbol.asyncDispose]: () => store.close(),
  }
}

test('an event goes, signed, to every webhook that wants it', async () => {
  await using world = await startWorld()
  const webhook = await world.addWebhook()
  const event = await world.addEvent()
  await world.turn()
  const [delivery] = await world.deliveriesOf(webhook)
  const [sent] = world.sent
  expect(JSON.parse(sent?.body ?? '')).toEqual({
    id: event.id,
    type: 'limit.reached',
    created_at: '2030-01-01T00:00:00.000Z',
    owner: 'acme',
    repository: 'acme/deb',
    token: { slug_perm: 'T1', name: 'Example Ltd' },
    data: { limit: 'downloads' },
    delivery: { id: delivery?.id, webhook: webhook.id, attempt: 1, is_retry: false },
  })
  expect(sent?.headers).toMatchObject({
    'Content-Type': 'application/json',
    'User-Agent': 'postern/1.2.3',
    'X-Postern-Event': 'limit.reached',
    'X-Postern-Delivery': delivery?.id,
    'X-Postern-Attempt': '1',
    'X-Postern-Signature': sign('the secret', sent?.body ?? '', NOW),
  })
  expect(delivery).toMatchObject({ state: 'delivered', lastStatus: 200, lastError: null })
  expect(world.results).toEqual(['delivered'])
})

test.each<[Partial<Webhook>, boolean]>([
  [{ events: ['limit.reached'] }, true],
  [{ events: ['token.created'] }, false],
  [{ repositories: ['acme/d*'] }, true],
  [{ repositories: ['acme/x*'] }, false],
  [{ repositories: [] }, false],
  [{ owner: 'other' }, false],
  [{ isActive: false }, false],
])('a webhook with %j gets it: %s', async (fields, gets) => {
  await using world = await startWorld()
  const webhook = await world.addWebhook(fields)
  await world.addEvent()
  await world.turn()
  expect(await world.deliveriesOf(webhook)).toHaveLength(gets ? 1 : 0)
  expect(await world.store.events.counts()).toEqual({ waiting: 0, dead: 0 })
})

describe('what fails', () => {
  test('is tried again after a pause, with the same id, as a retry', async () => {
    await using world = await startWorld()
    await world.addWebhook()
    await world.addEvent()
    world.answerWith(async () => ({ status: 503 }))
    await world.turn()
    world.setNow(NOW + 14_999)
    await world.turn()
    expect(world.sent).toHaveLength(1)
    world.setNow(NOW + 15_000)
    world.answerWith(async () => ({ status: 204 }))
    await world.turn()
    const [first, second] = world.sent.map(
      ({ body }) => JSON.parse(body) as { delivery: Record<string, unknown> },
    )
    expect(second?.delivery).toEqual({ ...first?.delivery, attempt: 2, is_retry: true })
    expect(world.results).toEqual(['failed', 'delivered'])
  })

  test.each<[Posted, string, number | null]>([
    [{ status: 500 }, 'The target answered 500.', 500],
    [{ status: 302 }, 'The target redirects (302), which is not followed.', 302],
    [{ error: 'The target refuses connections.' }, 'The target refuses connections.', null],
  ])('with %j says so', async (posted, lastError, lastStatus) => {
    await using world = await startWorld()
    const webhook = await world.addWebhook()
    await world.addEvent()
    world.answerWith(async () => posted)
    await world.turn()
    expect(await world.deliveriesOf(webhook)).toMatchObject([{ state: 'waiting', lastError, lastStatus }])
  })

  test('again and again is given up after about a day, and has new patience when it is sent again', async () => {
    await using world = await startWorld()
    const webhook = await world.addWebhook()
    await world.addEvent()
    world.answerWith(async () => ({ status: 500 }))
    let now = NOW
    for (let attempt = 0; attempt < 20; attempt++) {
      await world.turn()
      world.setNow((now += 6 * 3_600_000))
    }
    const [dead] = await world.deliveriesOf(webhook)
    expect(dead).toMatchObject({ state: 'dead', attempts: 11 })
    expect(world.results.at(-1)).toBe('dead')
    await world.store.events.resend(webhook.id, dead?.id ?? '', now)
    await world.turn()
    expect(await world.deliveriesOf(webhook)).toMatchObject([
      { id: dead?.id, state: 'waiting', attempts: 12 },
    ])
  })

  test('because the webhook was switched off is given up at once', async () => {
    await using world = await startWorld()
    const webhook = await world.addWebhook()
    await world.addEvent()
    world.answerWith(async () => ({ status: 500 }))
    await world.turn()
    await world.store.webhooks.update('acme', webhook.id, { isActive: false })
    world.setNow(NOW + 60_000)
    await world.turn()
    expect(world.sent).toHaveLength(1)
    expect(await world.deliveriesOf(webhook)).toMatchObject([{ state: 'dead' }])
  })

  test('because the secret can’t be unsealed sends nothing', async () => {
    await using world = await startWorld()
    const webhook = await world.addWebhook({ sealedSecret: 'sealed elsewhere' })
    await world.addEvent()
    await world.turn()
    expect(world.sent).toEqual([])
    expect((await world.deliveriesOf(webhook))[0]?.lastError).toMatch(/secret_key/)
  })
})

test('an attempt that nobody ended is made again after a minute, as a retry', async () => {
  await using world = await startWorld()
  await world.addWebhook()
  await world.addEvent()
  const { promise: never } = Promise.withResolvers<Posted>()
  world.answerWith(() => never)
  await world.dispatcher.turn()
  expect(world.sent).toHaveLength(1)
  world.setNow(NOW + 60_000)
  world.answerWith(async () => ({ status: 200 }))
  await world.dispatcher.turn()
  await expect.poll(() => world.results).toEqual(['delivered'])
  expect(JSON.parse(world.sent[1]?.body ?? '')).toMatchObject({ delivery: { attempt: 2, is_retry: true } })
})

test('a webhook that hangs gets four attempts at a time and does not hold the others up', async () => {
  await using world = await startWorld()
  const slow = await world.addWebhook({ targetUrl: 'https://slow.example.com/' })
  const { promise: hanging, resolve } = Promise.withResolvers<Posted>()
  world.answerWith(({ url }) => (url.includes('slow') ? hanging : Promise.resolve({ status: 200 })))
  for (let count = 0; count < 10; count++) await world.addEvent()
  await world.dispatcher.turn()
  expect(world.sent).toHaveLength(4)
  const fast = await world.addWebhook({ events: ['token.created'] })
  await world.addEvent({ type: 'token.created' })
  await world.dispatcher.turn()
  await expect.poll(async () => (await world.deliveriesOf(fast))[0]?.state).toBe('delivered')
  resolve({ status: 200 })
  await world.turn()
  await world.turn()
  await world.turn()
  expect((await world.deliveriesOf(slow)).every(({ state }) => state === 'delivered')).toBe(true)
})
