import { refuse, type Refusal } from '../../policy/refusal.ts'
import { createBufferBody } from '../buffer-body.ts'
import { matchesWeakly } from '../conditions.ts'
import type { Body, Deliverer, DeliveryOrder, Opened } from '../contract.ts'
import { pickHeaders, valueOf } from '../header-list.ts'
import { wholeHeaders } from '../request-headers.ts'
import { collect, tooLarge } from './collect.ts'
import { decode } from './decode.ts'
import { strongEtag } from './digest.ts'
import type { Room } from './room.ts'

/** How the documents of one format are adapted to the way a client came. */
export interface Rewriter {
  readonly concerns: (order: DeliveryOrder) => boolean
  /**
   * Gives `document` with every URL of a download leading through the gate, and without what the client may not fetch (`order.includes`).
   * undefined when nothing is left for it. Works in slices of a few milliseconds, so that others get their turn. Rejects what it can't read.
   */
  readonly rewrite: (document: Buffer, order: DeliveryOrder) => Promise<Buffer | undefined>
}

export interface RewritingOptions {
  /** Largest document, before and after decoding. */
  readonly limitBytes: number
  /** Shared by all that rewrite. */
  readonly room: Room
  /** Told why a document could not be rewritten; the client is not. */
  readonly onFailure: (error: Error) => void
}

/** Speak of the storage's bytes, or of how they may be kept; ours are others, and name the client's own way in. */
const DROPPED: ReadonlySet<string> = new Set([
  'accept-ranges',
  'age',
  'cache-control',
  'content-digest',
  'content-encoding',
  'content-length',
  'content-md5',
  'digest',
  'etag',
  'expires',
  'last-modified',
  'pragma',
  'repr-digest',
  'vary',
])

/**
 * Delivers from `inner`, with the documents that concern `rewriter` rewritten for the client that asks. For these the storage is
 * always asked for the whole; HEAD and If-None-Match are answered from the rewritten document, ranges are not served. A document
 * that can't be rewritten is refused: passed on as it is, it would lead clients around the gate, and tell them what is not theirs. So is one
 * of which nothing is left for the client (`package_not_covered`). Other answers than 200 go through.
 */
export function createRewritingDeliverer(
  inner: Deliverer,
  rewriter: Rewriter,
  options: RewritingOptions,
): Deliverer {
  return {
    open: async (order) => {
      if (!rewriter.concerns(order)) return inner.open(order)
      const opened = await inner.open({ ...order, method: 'GET', headers: wholeHeaders(order.headers) })
      if (!opened.ok || opened.status !== 200 || opened.body === null) return opened
      try {
        return await rewriteAnswer(order, opened, opened.body, rewriter, options)
      } catch (error) {
        options.onFailure(error instanceof Error ? error : new Error(String(error)))
        return refuse('upstream_failed')
      }
    },
    close: inner.close,
  }
}

/** What a document is taken for while it is read, where the storage does not tell its size. Few have more. */
const UNTOLD_BYTES = 8 * 1024 * 1024
/** JSON and pages of links become so much smaller when they are compressed, or a little more. */
const COMPRESSION = 10

async function rewriteAnswer(
  order: DeliveryOrder,
  opened: Opened,
  body: Body,
  rewriter: Rewriter,
  options: RewritingOptions,
): Promise<Opened | Refusal> {
  const { limitBytes, room } = options
  const { size } = opened.extent
  if (size !== null && size > limitBytes) {
    body.discard()
    throw tooLarge(limitBytes)
  }
  const leave = await room.take(size ?? UNTOLD_BYTES, order.onGone)
  if (leave === undefined) {
    body.discard()
    return refuse('upstream_failed')
  }
  const sent = await collect(body, limitBytes).finally(leave)
  // Whoever broke off is known already: the inner deliverer has told of its failure.
  return sent === undefined ? refuse('upstream_failed') : work(order, opened, sent, rewriter, options)
}

/** Decodes and rewrites what was read, when there is room for it. */
async function work(
  order: DeliveryOrder,
  { headers }: Opened,
  sent: Buffer,
  rewriter: Rewriter,
  { limitBytes, room }: RewritingOptions,
): Promise<Opened | Refusal> {
  const encoding = valueOf(headers, 'content-encoding')
  const bytes = encoding === undefined ? sent.length : Math.min(limitBytes, sent.length * COMPRESSION)
  const leave = await room.take(bytes, order.onGone)
  if (leave === undefined) return refuse('upstream_failed')
  try {
    const rewritten = await rewriter.rewrite(await decode(sent, encoding, limitBytes), order)
    return rewritten === undefined ? refuse('package_not_covered') : await answer(order, headers, rewritten)
  } finally {
    leave()
  }
}

async function answer(order: DeliveryOrder, headers: readonly string[], content: Buffer): Promise<Opened> {
  const etag = await strongEtag(content)
  const validators = ['etag', etag, 'cache-control', 'private, no-cache', 'vary', 'accept, authorization']
  const extent = { start: 0, end: content.length, size: content.length }
  const known = order.headers['if-none-match']
  if (known !== undefined && matchesWeakly(known, etag)) {
    return { ok: true, status: 304, headers: validators, extent, body: null }
  }
  const described = [...pickHeaders(headers, isKept), ...validators, 'content-length', String(content.length)]
  const body = order.method === 'HEAD' ? null : createBufferBody(content, order.onGone)
  return { ok: true, status: 200, headers: described, extent, body }
}

function isKept(name: string): boolean {
  return !DROPPED.has(name)
}
