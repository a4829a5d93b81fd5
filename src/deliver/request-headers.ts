import { parseRange } from './byte-range.ts'
import type { DeliveryOrder } from './contract.ts'

type Headers = DeliveryOrder['headers']

/**
 * The headers that count for an order. Range stays only where it asks a GET for one byte range: RFC 9110 §14.2 gives it no meaning
 * elsewhere and lets a server ignore it, and a `multipart/byteranges` answer can't be accounted for. The client then gets a 200.
 * If-Range goes where Range goes.
 */
export function effectiveHeaders({ method, headers }: DeliveryOrder): Headers {
  const { range, 'if-range': ifRange, ...others } = headers
  if (range === undefined && ifRange === undefined) return headers
  return method === 'GET' && parseRange(range) !== undefined ? headers : others
}

/** Asks for the whole thing as it is: nothing about ranges, what the client has already, or compression. */
export function wholeHeaders(headers: Headers): Headers {
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith('if-') && name !== 'range')
  return { ...Object.fromEntries(kept), 'accept-encoding': 'identity' }
}
