import { createBufferBody } from '../buffer-body.ts'
import { evaluateConditions, type Representation } from '../conditions.ts'
import type { DeliveryOrder, Opened } from '../contract.ts'
import { pickHeaders, valueOf } from '../header-list.ts'
import { readHttpDate } from '../http-date.ts'
import { readFreshness, revalidationOf, type Freshness } from './freshness.ts'

/** An answer of the storage that lies in memory. Its content never changes. */
export interface StoredAnswer extends Representation {
  readonly kind: 'answer'
  /** Of a 200, without those that are made anew for each answer. */
  readonly headers: readonly string[]
  readonly content: Buffer
  readonly freshness: Freshness
  readonly varies: Varies
  /** Conditions for asking whether it is still current. undefined: it must be fetched again. */
  readonly revalidation: Readonly<Record<string, string>> | undefined
  /** When the storage was asked, monotonic ms: it was current then or later. */
  readonly requestedAt: number
  /** Monotonic ms. */
  readonly freshUntil: number
  /** Which of several storages gave the content. */
  readonly source: number | undefined
}

/** The request headers that an answer depends on, and their values in the request that it was made for. */
export interface Varies {
  readonly names: readonly string[]
  readonly variant: string
}

/** A stored answer without its content. */
export type AnswerHead = Omit<StoredAnswer, 'content' | 'size' | 'source'>

/** When a request to the storage was made, and when it was answered. */
export interface Timing {
  /** Monotonic ms. */
  readonly requestedAt: number
  /** Epoch ms. */
  readonly receivedAt: number
  /** For answers of which the storage does not say how long they may be kept. */
  readonly defaultTtlMs: number
}

/**
 * What is to be kept of a 200 with these headers. undefined when they forbid it, or when it could neither be given to anybody nor be
 * asked about.
 */
export function answerHead(
  headers: readonly string[],
  varies: Varies,
  { requestedAt, receivedAt, defaultTtlMs }: Timing,
): AnswerHead | undefined {
  const freshness = readFreshness(headers, receivedAt)
  if (freshness === undefined) return undefined
  const { lifetimeMs, ageMs } = freshness
  const freshMs = lifetimeMs === undefined ? defaultTtlMs : lifetimeMs - ageMs
  const revalidation = revalidationOf(headers, receivedAt)
  if (freshMs <= 0 && revalidation === undefined) return undefined
  return {
    kind: 'answer',
    headers: pickHeaders(headers, (name) => name !== 'age' && name !== 'content-length'),
    etag: valueOf(headers, 'etag'),
    modified: readHttpDate(valueOf(headers, 'last-modified')),
    freshness,
    varies,
    revalidation,
    requestedAt,
    freshUntil: requestedAt + freshMs,
  }
}

/**
 * The same content with what a 304 says about it (RFC 9111 §4.3.4). undefined when the 304 speaks of another version, or forbids to keep
 * this one.
 */
export function refreshAnswer(
  stored: StoredAnswer,
  headers: readonly string[],
  timing: Timing,
): StoredAnswer | undefined {
  const news = pickHeaders(headers, (name) => !name.startsWith('content-'))
  if (['etag', 'last-modified'].some((name) => isOther(valueOf(stored.headers, name), valueOf(news, name)))) {
    return undefined
  }
  const renewed = new Set(['date', ...news.filter((_, index) => index % 2 === 0)])
  const kept = pickHeaders(stored.headers, (name) => !renewed.has(name))
  const head = answerHead([...kept, ...news], stored.varies, timing)
  return head && { ...head, content: stored.content, size: stored.size, source: stored.source }
}

/** Compares validators weakly. */
function isOther(before: string | undefined, now: string | undefined): boolean {
  if (before === undefined || now === undefined) return false
  return before.replace(/^W\//, '') !== now.replace(/^W\//, '')
}

/** The answer to `order`, whose headers are effective ones, from memory. `ageMs`: undefined for what the storage said just now. */
export function answerFrom(stored: StoredAnswer, order: DeliveryOrder, ageMs: number | undefined): Opened {
  const { status, extent, headers } = evaluateConditions(order.headers, stored)
  const about = status === 200 ? stored.headers : pickHeaders(stored.headers, KEPT[status])
  const age = ageMs === undefined ? [] : ['age', String(Math.floor(ageMs / 1000))]
  const { source } = stored
  const from = source === undefined ? undefined : { source }
  const opened = { ok: true, status, headers: [...about, ...age, ...headers], extent, ...from } as const
  const isSent = order.method === 'GET' && (status === 200 || status === 206)
  if (!isSent) return { ...opened, body: null }
  const part = status === 200 ? stored.content : stored.content.subarray(extent.start, extent.end)
  return { ...opened, body: createBufferBody(part, order.onGone) }
}

/** Headers of the 200 that other answers have too. */
const KEPT: Readonly<Record<206 | 304 | 412 | 416, (name: string) => boolean>> = {
  206: (name) => name !== 'content-md5' && name !== 'content-digest',
  304: (name) => !name.startsWith('content-') || name === 'content-location',
  412: isAboutFile,
  416: isAboutFile,
}

function isAboutFile(name: string): boolean {
  return ['accept-ranges', 'cache-control', 'etag', 'last-modified', 'vary'].includes(name)
}
