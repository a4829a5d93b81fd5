import { refuse, type Refusal } from '../policy/refusal.ts'
import { statusFailure } from './away.ts'
import { answersRange, parseRange } from './byte-range.ts'
import type { DeliveryOrder, Extent, Opened } from './contract.ts'
import { rangeExtent, wholeExtent } from './extent.ts'
import { gateLocation } from './location.ts'
import { MODULE_LOCATION } from './module-location.ts'
import { passHeaders, single, type StorageHeaders } from './response-headers.ts'

/** An answer of the storage as the client may see it, but for its body. */
export type Head = Omit<Opened, 'body'>

const NOTHING: Extent = { start: 0, end: 0, size: null }
/** What speaks of the file in an answer whose body does not. */
const ABOUT_FILE: ReadonlySet<string> = new Set([
  'accept-ranges',
  'cache-control',
  'content-range',
  'etag',
  'last-modified',
  'vary',
])
const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since']

/**
 * What the storage's status means to the client. An Error is the storage's failure, in particular an answer to a question that was
 * not asked: a 206 of other bytes, a 304 for a client that has nothing. 403 is what S3 and nginx say for "not there". Pages that
 * come with redirects and refusals are the storage's own and are not passed on.
 */
export function judge(
  order: DeliveryOrder,
  base: URL,
  status: number,
  headers: StorageHeaders,
): Head | Refusal | Error {
  switch (status) {
    case 200:
      return judgeWhole(headers)
    case 204:
      return judgeLocation(order, headers)
    case 206:
      return judgePart(order, headers)
    case 304:
      return isConditional(order) ? unchanged(headers) : unasked(status)
    case 412:
      return isConditional(order) ? withoutFile(status, headers) : unasked(status)
    case 416:
      return order.headers['range'] === undefined ? unasked(status) : withoutFile(status, headers)
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return judgeRedirect(order, base, status, headers)
    case 403:
    case 404:
    case 410:
      return refuse('not_found')
    default:
      return statusFailure(status, `the storage answered ${status}`)
  }
}

function judgeWhole(headers: StorageHeaders): Head {
  const extent = wholeExtent(single(headers, 'content-length'))
  const passed = { ok: true, status: 200, headers: passHeaders(headers), extent } as const
  return headers['set-cookie'] === undefined ? passed : { ...passed, personal: true }
}

/** Where a module lies (module-location.ts). There is no other use for an answer without content. */
function judgeLocation({ artifact }: DeliveryOrder, headers: StorageHeaders): Head | Error {
  const location = single(headers, MODULE_LOCATION)
  if (artifact.format !== 'terraform' || location === undefined) return new Error('the storage answered 204')
  return { ok: true, status: 204, headers: [MODULE_LOCATION, location], extent: NOTHING }
}

function judgePart(order: DeliveryOrder, headers: StorageHeaders): Head | Error {
  const range = parseRange(order.headers['range'])
  if (range === undefined) return unasked(206)
  const extent = rangeExtent(single(headers, 'content-range'), single(headers, 'content-length'))
  if (extent === undefined) return new Error('the storage sent a 206 without a usable Content-Range')
  if (!answersRange(range, extent)) return new Error('the storage sent a 206 of other bytes than asked')
  return { ok: true, status: 206, headers: passHeaders(headers), extent }
}

function judgeRedirect(
  order: DeliveryOrder,
  base: URL,
  status: number,
  headers: StorageHeaders,
): Head | Error {
  const location = gateLocation(single(headers, 'location'), base, order)
  if (location === undefined) return new Error('the storage redirects to another place or back')
  return { ok: true, status, headers: ['location', location, 'content-length', '0'], extent: NOTHING }
}

function unchanged(headers: StorageHeaders): Head {
  return { ok: true, status: 304, headers: passHeaders(headers), extent: NOTHING }
}

function withoutFile(status: number, headers: StorageHeaders): Head {
  const about = Object.entries(headers).filter(([name]) => ABOUT_FILE.has(name))
  const passed = passHeaders(Object.fromEntries(about))
  return { ok: true, status, headers: [...passed, 'content-length', '0'], extent: NOTHING }
}

function isConditional(order: DeliveryOrder): boolean {
  return CONDITIONS.some((name) => order.headers[name] !== undefined)
}

function unasked(status: number): Error {
  return new Error(`the storage answered ${status} to a request that did not ask for it`)
}
