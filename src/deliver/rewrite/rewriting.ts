import { refuse, type Refusal } from '../../policy/refusal.ts'
import type { Artifact } from '../../policy/types.ts'
import { createBufferBody } from '../buffer-body.ts'
import { matchesWeakly } from '../conditions.ts'
import type { Body, Deliverer, DeliveryOrder, Opened } from '../contract.ts'
import { pickHeaders } from '../header-list.ts'
import { wholeHeaders } from '../request-headers.ts'
import { strongEtag } from './digest.ts'
import { useDocument, type DocumentOptions } from './document.ts'

/** How the documents of one format are adapted to the way a client came. */
export interface Rewriter {
  readonly concerns: (order: DeliveryOrder) => boolean
  /**
   * Gives `document` with every URL of a download leading through the gate, and without what the client may not fetch (`order.includes`).
   * undefined when nothing is left for it. Works in slices of a few milliseconds, so that others get their turn. Rejects what it can't read.
   */
  readonly rewrite: (document: Buffer, order: DeliveryOrder) => Promise<Buffer | undefined>
  /** Documents that are compressed files are read and written as such; undefined for others. */
  readonly packing?: (artifact: Artifact) => 'zstd' | undefined
  readonly pack?: (content: Buffer) => Promise<Buffer>
  /** Headers that say again what stands in the document; flat. */
  readonly headersFor?: (content: Buffer, artifact: Artifact) => readonly string[]
  /** The ETag of what came out, where clients read more out of it than whether it is the same. */
  readonly etag?: (content: Buffer) => Promise<string>
}

export interface RewritingOptions extends DocumentOptions {
  /** Told why a document could not be rewritten; the client is not. */
  readonly onFailure: (error: Error) => void
  /** For documents of the second of several storages, of the third, and so on. Default: there is one storage. */
  readonly others?: readonly Rewriter[]
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
        const own = options.others?.[(opened.source ?? 0) - 1] ?? rewriter
        return await rewriteAnswer(order, opened, opened.body, own, options)
      } catch (error) {
        options.onFailure(error instanceof Error ? error : new Error(String(error)))
        return refuse('upstream_failed')
      }
    },
    sendsAsItLies: (order) => !rewriter.concerns(order) && inner.sendsAsItLies?.(order) === true,
    close: inner.close,
  }
}

async function rewriteAnswer(
  order: DeliveryOrder,
  opened: Opened,
  body: Body,
  rewriter: Rewriter,
  options: RewritingOptions,
): Promise<Opened | Refusal> {
  const { packing, pack = unpacked, etag = strongEtag } = rewriter
  const coding = packing?.(order.artifact)
  const coded = coding === undefined ? opened : withCoding(opened, coding)
  return useDocument(order, coded, body, options, async (document) => {
    const rewritten = await rewriter.rewrite(document, order)
    if (rewritten === undefined) return refuse('package_not_covered')
    const content = coding === undefined ? rewritten : await pack(rewritten)
    const said = rewriter.headersFor?.(rewritten, order.artifact) ?? []
    return answer(order, [...opened.headers, ...said], content, await etag(content))
  })
}

const unpacked = (content: Buffer): Promise<Buffer> => Promise.resolve(content)

/** A compressed file is decoded as if the storage had compressed it on the way. */
function withCoding(opened: Opened, coding: string): Opened {
  return { ...opened, headers: [...opened.headers, 'content-encoding', coding] }
}

function answer(order: DeliveryOrder, headers: readonly string[], content: Buffer, etag: string): Opened {
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
