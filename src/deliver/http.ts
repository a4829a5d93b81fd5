import { askWire, failed, type WireAnswer } from './ask-wire.ts'
import type { Answer, Deliverer, DeliveryOrder } from './contract.ts'
import { createElsewhere, type Elsewhere } from './elsewhere.ts'
import { encodeImagePath, encodePath } from './encode-path.ts'
import { passAnswer } from './pass-answer.ts'
import { isPlainFile } from './plain-file.ts'
import { pickHeaders } from './header-list.ts'
import { redirectOutside } from './redirect.ts'
import { effectiveOrder } from './request-headers.ts'
import { ABOUT_CONTENT, type StorageHeaders } from './response-headers.ts'
import type { Head } from './storage-answer.ts'
import { createWireClient, type WireClient } from './wire/client.ts'
import type { WireOptions } from './wire/options.ts'

export interface HttpOptions extends Omit<WireOptions, 'url'> {
  /** Base URL of the storage, ends in a slash. */
  readonly url: string
  /** Told why the storage failed, also in the middle of a body; the client is not. */
  readonly onFailure: (error: Error) => void
  /** It is a registry of images: it may send on to other places for blobs, and is followed there. Default: false. */
  readonly isRegistry?: boolean
}

/**
 * Delivers from an HTTP(S) storage. Only bodyless GET and HEAD requests are made, to `url` + the canonical path, with none of the
 * client's credentials, cookies or connection headers (httpoxy, request smuggling: nothing of the client's framing survives). A
 * redirect is passed on only when it stays inside the storage, as a URL of the gate; no client ever sees another. A connection that was closed under us before
 * an answer is tried once more: GET and HEAD are safe. `open` takes at most the connect and the headers timeout together, however
 * busy the storage is.
 */
export function createHttpDeliverer(options: HttpOptions): Deliverer {
  const { onFailure, isRegistry = false } = options
  const url = new URL(options.url)
  const client = createWireClient({ ...options, url })
  const { pathname } = url
  const elsewhere = isRegistry ? createElsewhere(options) : undefined
  const encode = isRegistry ? encodeImagePath : encodePath
  const storage = { client, url, elsewhere, onFailure, hops: 0 }
  return {
    open: (order) =>
      new Promise((resolve) => {
        const effective = effectiveOrder(order)
        const path = pathname + encode(effective.artifact.path) + queryOf(effective)
        ask({ ...storage, path }, effective, resolve)
      }),
    sendsAsItLies: (order) => !isRegistry && isPlainFile(order),
    close: async () => {
      await Promise.all([client.close(), elsewhere?.close()])
    },
  }
}

interface Place {
  readonly client: WireClient
  /** Base of the storage, or where it sent on to. */
  readonly url: URL
  readonly elsewhere: Elsewhere | undefined
  readonly onFailure: (error: Error) => void
  /** Path and query to ask for, encoded. */
  readonly path: string
  /** How often it was sent on. */
  readonly hops: number
}

/** Asks the storage; `answer` gets what it says at its headers, once. */
function ask(place: Place, order: DeliveryOrder, answer: (answer: Answer) => void): void {
  const { client, onFailure, path } = place
  const { method, headers, onGone, customer } = order
  askWire({ client, request: { method, path, headers }, onGone, customer, onFailure }, (answered) => {
    if ('ok' in answered) return answer(answered)
    const next = place.elsewhere && nextPlace(place, answered.status, answered.headers)
    if (next === undefined) return answer(open(place, order, answered))
    answered.body.discard()
    if (next instanceof Error) return answer(failed(next, onFailure))
    ask(next, order, answer)
  })
}

/** A raw query is Latin-1, byte by byte; what is no ASCII must be encoded in a request (RFC 3986 §2.1). */
function encodeBytes(query: string): string {
  return query.replaceAll(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)
}

function queryOf({ query }: DeliveryOrder): string {
  return query === '' ? '' : `?${encodeBytes(query)}`
}

const MOST_HOPS = 3

/** Where the answer sends on to; undefined: it is one. */
function nextPlace(place: Place, status: number, headers: StorageHeaders): Place | Error | undefined {
  const { url, path, hops, elsewhere } = place
  const target = redirectOutside(status, headers, new URL(path, url), hops === 0 ? url : undefined)
  if (target === undefined || target instanceof Error) return target
  if (elsewhere === undefined || hops >= MOST_HOPS) return new Error('the storage redirects too often')
  const client = elsewhere.clientFor(target)
  return { ...place, client, url: target, path: target.pathname + target.search, hops: hops + 1 }
}

function open({ url, hops, onFailure }: Place, order: DeliveryOrder, answered: WireAnswer): Answer {
  return passAnswer({ url, onFailure, tidy: hops === 0 ? asItIs : tidyElsewhere }, order, answered)
}

function asItIs(_: DeliveryOrder, head: Head): Head {
  return head
}

/** Of another place, the client needs to know nothing but what it has. */
function tidyElsewhere(_: DeliveryOrder, head: Head): Head {
  return { ...head, headers: pickHeaders(head.headers, (name) => ABOUT_CONTENT.has(name)) }
}
