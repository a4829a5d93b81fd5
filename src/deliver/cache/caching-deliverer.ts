import type { Answer, Deliverer, DeliveryOrder } from '../contract.ts'
import { effectiveOrder, isPlain } from '../request-headers.ts'
import type { AskOptions, Outcome } from './ask-storage.ts'
import { parseCacheControl } from './cache-control.ts'
import { createFetches, type Fetch, type Fetches } from './fetches.ts'
import type { ObjectShelf, ObjectStore, Slot } from './object-store.ts'
import { answerFrom, type StoredAnswer } from './stored-answer.ts'
import { variantOf } from './vary.ts'

/**
 * How an order was answered: from memory (`hit`); from memory after the storage said that nothing has changed (`revalidated`); with what
 * the storage gave to an order of somebody else at the same time (`shared`); with what it gave, which is kept (`miss`) or not (`passed`).
 */
export type CacheResult = 'hit' | 'revalidated' | 'shared' | 'miss' | 'passed'

export interface CachingOptions extends Omit<AskOptions, 'inner' | 'shelf'> {
  readonly store: ObjectStore
  /** `owner/repo`, for purges. */
  readonly repository: string
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
  readonly onResult?: (result: CacheResult) => void
}

/** Times that an order may look into the memory again, because what it waited for was not for it. */
const ATTEMPTS = 2

/**
 * Delivers from `inner`, with small answers kept in memory: a shared cache by RFC 9111 that stands at the storage's side of the gate. It
 * holds the storage's own bytes, never any that were made for a client, and knows nothing of tokens: every order was judged before and
 * is charged after.
 *
 * What it guarantees: an answer from memory was current at the storage after the order came, or it was fresh when the order came: by the
 * storage's own words, or where it has none, for `defaultTtlMs`. A client that asks for something fresher (`no-cache`, `max-age`) gets it,
 * but for the last `defaultTtlMs`. When the storage fails, nothing old is given instead. Orders for one object at the same time become
 * one request to the storage, which goes on as long as one of the clients is there.
 */
export function createCachingDeliverer(inner: Deliverer, options: CachingOptions): Deliverer {
  const shelf = options.store.open(options.repository)
  const asking = { ...options, inner, shelf }
  const cache: Cache = { ...asking, fetches: createFetches(asking) }
  return {
    open: (order) => {
      if (order.query !== '') return pass(cache, order)
      shelf.noteAsked(order.artifact.path)
      return lookUp(cache, effectiveOrder(order), options.monotonic(), 1)
    },
    sendsAsItLies: (order) => inner.sendsAsItLies?.(order) === true,
    close: async () => {
      shelf.close()
      await cache.fetches.drain()
      await inner.close()
    },
  }
}

interface Cache extends CachingOptions, AskOptions {
  readonly fetches: Fetches
}

/** `askedAt`: when the order came, monotonic ms. */
function lookUp(
  cache: Cache,
  order: DeliveryOrder,
  askedAt: number,
  attempt: number,
): Answer | Promise<Answer> {
  const { key, slot } = find(cache.shelf, order)
  if (slot?.kind === 'passed' && askedAt < slot.until) return pass(cache, order)
  const known = slot?.kind === 'answer' ? slot : undefined
  if (known !== undefined && isFreshFor(order, known, askedAt, cache.defaultTtlMs)) {
    return note(cache, 'hit', answerFrom(known, order, ageOf(known, askedAt)))
  }
  if (known === undefined && !isWorthFetching(cache, order)) return pass(cache, order)
  const running = attempt <= ATTEMPTS ? cache.fetches.find(key, known, askedAt) : undefined
  if (running !== undefined) return share(cache, order, running, askedAt, attempt)
  const { party, outcome } = cache.fetches.start(order, key, known)
  party.join(order.onGone)
  return outcome.then((each) => conclude(cache, order, each))
}

/** Answers the order in whose name the storage was asked. */
function conclude(cache: Cache, order: DeliveryOrder, outcome: Outcome): Answer | Promise<Answer> {
  if (outcome.kind === 'slow') return pass(cache, order)
  if (outcome.kind === 'answer') {
    const { stored, isSame } = outcome
    const isFromCache = stored.freshness.saidAgeMs !== undefined
    const ageMs = isFromCache ? ageOf(stored, cache.monotonic()) : undefined
    return note(cache, isSame ? 'revalidated' : 'miss', answerFrom(stored, order, ageMs))
  }
  const { opened } = outcome
  if (!opened.ok || opened.body === null || isPlain(order)) return note(cache, 'passed', opened)
  // The whole, where the client asked for a part, or whether it has the whole already.
  opened.body.discard()
  return pass(cache, order)
}

/** Answers an order that waits for what the storage is asked in the name of another one. */
async function share(
  cache: Cache,
  order: DeliveryOrder,
  running: Fetch,
  askedAt: number,
  attempt: number,
): Promise<Answer> {
  const leave = running.party.join(order.onGone)
  const outcome = await running.outcome
  if (outcome.kind === 'answer') {
    const { stored } = outcome
    if (isVariantFor(order, stored) && isFreshFor(order, stored, askedAt, cache.defaultTtlMs)) {
      return note(cache, 'shared', answerFrom(stored, order, ageOf(stored, cache.monotonic())))
    }
    leave()
    return lookUp(cache, order, askedAt, attempt + 1)
  }
  // Others would wait as long, and for nothing. Of other failures the reason may be what the first client sent.
  const isLate = outcome.kind === 'apart' && !outcome.opened.ok && outcome.opened.code === 'upstream_timeout'
  if (isLate) return note(cache, 'shared', outcome.opened)
  leave()
  return pass(cache, order)
}

function pass(cache: Cache, order: DeliveryOrder): Answer | Promise<Answer> {
  return note(cache, 'passed', cache.inner.open(order))
}

function note<Value>({ onResult }: Cache, result: CacheResult, value: Value): Value {
  onResult?.(result)
  return value
}

function find(
  shelf: ObjectShelf,
  { artifact, headers }: DeliveryOrder,
): { key: string; slot: Slot | undefined } {
  const slot = shelf.read(artifact.path)
  if (slot?.kind !== 'varied') return { key: artifact.path, slot }
  const key = artifact.path + variantOf(slot.names, headers)
  return { key, slot: shelf.read(key) }
}

function isFreshFor(
  order: DeliveryOrder,
  stored: StoredAnswer,
  askedAt: number,
  defaultTtlMs: number,
): boolean {
  if (askedAt >= stored.freshUntil) return false
  const knownForMs = askedAt - stored.requestedAt
  return knownForMs < defaultTtlMs || stored.freshness.immutable || knownForMs < wantedMs(order.headers)
}

/** How old an answer may be by the client's word (RFC 9111 §5.2.1). */
function wantedMs({ 'cache-control': header }: DeliveryOrder['headers']): number {
  if (header === undefined) return Infinity
  const control = parseCacheControl(header)
  return control.has('no-cache') ? 0 : (control.seconds('max-age') ?? Infinity) * 1000
}

function isVariantFor({ headers }: DeliveryOrder, { varies }: StoredAnswer): boolean {
  return variantOf(varies.names, headers) === varies.variant
}

/** Whether to ask for the whole: not for a part or a HEAD; and where it may turn out that the client has it, only if it is likely to be kept. */
function isWorthFetching({ shelf }: Cache, order: DeliveryOrder): boolean {
  return asksForWhole(order) && (isPlain(order) || shelf.isWorth(order.artifact.path))
}

function asksForWhole({ method, headers }: DeliveryOrder): boolean {
  return method === 'GET' && headers['range'] === undefined
}

/** RFC 9111 §4.2.3. */
function ageOf({ freshness, requestedAt }: StoredAnswer, now: number): number {
  return freshness.ageMs + now - requestedAt
}
