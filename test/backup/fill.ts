import * as fc from 'fast-check'
import type { DeliveryRequest, Store, StoredToken } from '../../src/store/contract.ts'
import type { EventRecord, RefusalCount } from '../../src/store/contract/events.ts'
import { newDelivery as newEventDelivery } from '../../src/store/new-delivery.ts'
import { newNote } from '../store/conformance/audit.ts'
import { newEvent, newWebhook } from '../store/conformance/events.ts'
import { DAY_MS, HOUR_MS, newKey, newName, newToken, NOW, SIZE } from '../store/conformance/fixtures.ts'
import { delivered, increment, KEEP, newBatch, newRecord } from '../store/conformance/history.ts'

type LimitName = 'limitDownloads' | 'limitClients' | 'limitBytes' | 'clientsWindowMs' | 'limitRate'

/** What happens to a token, by chance. */
interface Life {
  readonly name: string
  readonly limits: Readonly<Record<LimitName, number | null>>
  readonly previous: boolean
  readonly deliveries: readonly (Span & {
    readonly client: number
    readonly artifact: number
    readonly sent: number
  })[]
  readonly recorded: number
  readonly reset: boolean
  readonly end: 'stays' | 'deleted' | 'disabled'
}

interface Span {
  readonly start: number
  readonly end: number
}

const span: fc.Arbitrary<Span> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ start: 0, end: SIZE }) },
  fc
    .tuple(fc.integer({ min: 0, max: SIZE - 1 }), fc.integer({ min: 1, max: SIZE }))
    .map(([start, length]) => ({ start, end: Math.min(SIZE, start + length) })),
)

const maybe = (most: number): fc.Arbitrary<number | null> => fc.option(fc.integer({ min: 0, max: most }))

export const lives: fc.Arbitrary<readonly Life[]> = fc.array(
  fc.record({
    name: fc
      .string({ unit: 'binary', minLength: 1, maxLength: 12 })
      .map((text) => text.replaceAll('\0', '·')),
    limits: fc.record({
      limitDownloads: maybe(6),
      limitClients: maybe(4),
      limitBytes: maybe(5 * SIZE),
      clientsWindowMs: fc.option(fc.integer({ min: 1, max: HOUR_MS }), { nil: null }),
      limitRate: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
    }),
    previous: fc.boolean(),
    deliveries: fc.array(
      span.chain((bytes) =>
        fc.record({
          start: fc.constant(bytes.start),
          end: fc.constant(bytes.end),
          client: fc.integer({ min: 0, max: 5 }),
          artifact: fc.integer({ min: 0, max: 2 }),
          sent: fc.integer({ min: 0, max: bytes.end - bytes.start }),
        }),
      ),
      { maxLength: 12 },
    ),
    recorded: fc.integer({ min: 0, max: 2 ** 52 }),
    reset: fc.boolean(),
    end: fc.constantFrom('stays', 'stays', 'deleted', 'disabled'),
  }),
  { minLength: 1, maxLength: 8 },
)

/** What a filled store has, for those who compare. */
export interface Filling {
  readonly tokens: readonly StoredToken[]
  /** Deliveries that may be asked for again. */
  readonly requests: readonly DeliveryRequest[]
  readonly owners: readonly string[]
  readonly webhooks: readonly string[]
  readonly digests: readonly string[]
  readonly seen: readonly EventRecord[]
}

/** Fills a store through its contract alone. Nothing is under way when it ends. */
export async function fill(store: Store, all: readonly Life[]): Promise<Filling> {
  const repo = `repo-${newName()}`
  const tokens: StoredToken[] = []
  const requests: DeliveryRequest[] = []
  for (const life of all) {
    const digest = `digest-${newName()}`
    const previous = life.previous
      ? { previousDigest: `old-${digest}`, previousValidUntil: NOW + DAY_MS }
      : {}
    const eulaAccepted = { [`acme/${repo}`]: { revision: 2, at: NOW, address: '192.0.2.8' } }
    const accepted = life.previous ? { eulaRequired: true, eulaAccepted } : {}
    const token = newToken({ repo, name: life.name, digest, ...previous, ...accepted })
    tokens.push(token)
    requests.push(...(await live(store, token, life)))
  }
  const others = await fillOthers(store)
  await fillHistory(store, tokens)
  return { tokens, requests, ...others, digests: tokens.flatMap(({ digest }) => [digest, `old-${digest}`]) }
}

async function live(store: Store, token: StoredToken, life: Life): Promise<DeliveryRequest[]> {
  const at = [token.owner, token.repo, token.slugPerm] as const
  await store.tokens.create(token, newNote({ event: 'repo.entitlement.created' }))
  if (life.reset) await store.usage.reset(token.slugPerm, NOW - HOUR_MS)
  const requests: DeliveryRequest[] = []
  for (const [index, { client, artifact, start, end, sent }] of life.deliveries.entries()) {
    const request: DeliveryRequest = {
      token: token.slugPerm,
      client: `2001:db8::${client}`,
      artifact: `${token.owner}/${token.repo}/pool/a {b} ${artifact}.deb`,
      size: SIZE,
      start,
      end,
      now: NOW + index * 400,
      ...life.limits,
    }
    requests.push(request)
    const answer = await store.usage.reserve(request)
    if (answer.granted) await store.usage.settle(answer, sent, request.now)
  }
  const clients = new Map([['192.0.2.1', 2]])
  await store.usage.record([
    { token: token.slugPerm, downloads: 2, bytes: life.recorded, clients, lastUsedAt: NOW },
  ])
  await store.usage.releaseClient({ token: token.slugPerm, client: '2001:db8::0', periodStart: null })
  await store.tokens.noteFirstDownload(...at, NOW)
  await store.tokens.noteUse([
    { owner: at[0], repo: at[1], slugPerm: at[2], digest: token.digest, at: NOW + 7 },
  ])
  const by = { updatedAt: NOW + 9, updatedBy: 'ada' }
  if (life.end === 'disabled') await store.tokens.update(...at, { isActive: false, ...by }, newNote())
  if (life.end === 'deleted')
    await store.tokens.delete(...at, NOW + 9, newNote({ event: 'repo.entitlement.deleted' }))
  return requests
}

async function fillOthers(store: Store): Promise<Pick<Filling, 'owners' | 'webhooks' | 'seen'>> {
  const keys = [
    newKey(),
    newKey({ role: 'viewer', repositories: ['acme/*'], expiresAt: NOW + DAY_MS }),
    newKey(),
  ]
  for (const key of keys) await store.keys.create(key, newNote({ event: 'api_key.created' }))
  await store.keys.revoke(keys[2]?.id ?? '', NOW, 'ada')
  await store.keys.noteUse([{ digest: keys[0]?.digest ?? '', at: NOW, address: '192.0.2.9' }])
  const webhook = newWebhook()
  await store.webhooks.create(webhook, newNote({ event: 'webhook.created' }))
  const events = [newEvent(), newEvent(), newEvent()]
  await store.events.add(events)
  const [first] = await store.events.waiting(1)
  if (first !== undefined) {
    const deliveries = [0, 1, 2].map(() => newEventDelivery(newName(), webhook.id, first, NOW))
    await store.events.handOut(first, deliveries)
    const claimed = await store.events.claim(NOW, NOW + HOUR_MS, 2, [])
    for (const [index, each] of claimed.entries()) {
      const state = index === 0 ? 'dead' : 'delivered'
      await store.events.finish(each, { state, dueAt: NOW, lastStatus: 500, lastError: 'it is "broken"' })
    }
  }
  const refusal: RefusalCount = {
    hour: NOW - (NOW % HOUR_MS),
    token: newName(),
    tokenName: 'Example "Ltd"',
    owner: 'acme',
    repo: 'deb',
    reason: 'out_of_scope',
    count: 3,
  }
  await store.events.countRefusals([refusal, refusal])
  return { owners: [webhook.owner], webhooks: [webhook.id], seen: events }
}

async function fillHistory(store: Store, tokens: readonly StoredToken[]): Promise<void> {
  for (const [index, { slugPerm: token, owner, repo, name: tokenName }] of tokens.entries()) {
    const repository = `${owner}/${repo}`
    const refusals = new Map([['out_of_scope', index + 1]])
    const clients = Array.from({ length: index * 40 }, (_, each) => `192.0.2.${each}`)
    const times = { firstAt: NOW - index, lastAt: NOW + index }
    const file = { name: index % 2 ? '@acme/{wid}get' : 'widget', version: '', filename: 'ünicode widget' }
    await store.history.record(
      newBatch({
        usage: [increment({ token, bytes: 2 ** 40 + index, refusals, clients })],
        packages: [
          delivered({ token, tokenName, repository, ...times }),
          delivered({ token, tokenName, repository, ...file, ...times, format: 'npm' }),
        ],
        downloads: [
          newRecord({ repository, token, at: NOW - index }),
          newRecord({ repository, token, userAgent: null }),
        ],
      }),
      KEEP,
    )
  }
}
