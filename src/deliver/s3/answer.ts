import { evaluateConditions, type Conditional, type Representation } from '../conditions.ts'
import { contentType } from '../content-type.ts'
import type { DeliveryOrder, Opened } from '../contract.ts'
import { rangeExtent, wholeExtent } from '../extent.ts'
import { readHttpDate } from '../http-date.ts'
import { pickHeaders, valueOf } from '../header-list.ts'
import { ABOUT_CONTENT, single, type StorageHeaders } from '../response-headers.ts'
import type { Head } from '../storage-answer.ts'

/** What a client is told of a file. All else that S3 says of it, its owner's keys and rules among that, is the vendor's affair. */
const TOLD: ReadonlySet<string> = new Set([...ABOUT_CONTENT, 'content-disposition', 'content-language'])

/** Types that say nothing: what S3 has where nobody gave one. */
const UNTYPED: ReadonlySet<string> = new Set(['binary/octet-stream', 'application/octet-stream'])

/**
 * The headers of an answer that may go out. A document of which S3 does not know what it is gets the type of its format, and that parts may be
 * asked for is said where S3 only knows it.
 */
export function tidyHead(order: DeliveryOrder, head: Head): Head {
  const headers = pickHeaders(head.headers, (name) => TOLD.has(name))
  if (head.status === 200 && valueOf(headers, 'accept-ranges') === undefined)
    headers.push('accept-ranges', 'bytes')
  const at = headers.findIndex((name, index) => index % 2 === 0 && name === 'content-type')
  const isUntyped = at !== -1 && UNTYPED.has(headers[at + 1] ?? '')
  if (order.artifact.kind !== 'metadata' || !isUntyped) return { ...head, headers }
  return { ...head, headers: headers.with(at + 1, contentType(order.artifact)) }
}

/** The file that a 200 or 206 belongs to; undefined when its size can't be told. */
function representationOf(status: number, headers: StorageHeaders): Representation | undefined {
  const length = single(headers, 'content-length')
  const extent = status === 206 ? rangeExtent(single(headers, 'content-range'), length) : wholeExtent(length)
  if (extent === undefined || extent.size === null) return undefined
  return {
    size: extent.size,
    etag: single(headers, 'etag'),
    modified: readHttpDate(single(headers, 'last-modified')),
  }
}

/** How an order is to be answered, by all that the client said, of a file that S3 told of. */
export function evaluate(
  { headers }: DeliveryOrder,
  status: number,
  answered: StorageHeaders,
): Conditional | undefined {
  const file = representationOf(status, answered)
  return file && evaluateConditions(headers, file)
}

const VALIDATORS: ReadonlySet<string> = new Set(['cache-control', 'etag', 'expires', 'last-modified', 'vary'])

/** The answer without the file that its conditions ask for: 304, 412 or 416. */
export function answerWithout({ status, extent, headers }: Conditional, answered: StorageHeaders): Opened {
  const said = [...VALIDATORS].flatMap((name) => {
    const value = single(answered, name)
    return value === undefined ? [] : [name, value]
  })
  return { ok: true, status, headers: [...said, ...headers], extent, body: null }
}
