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

/** The same order with nothing but the headers that count. */
export function effectiveOrder(order: DeliveryOrder): DeliveryOrder {
  const headers = effectiveHeaders(order)
  return headers === order.headers ? order : { ...order, headers }
}

/** Without what asks for a part, or for something only if it has changed. */
export function withoutConditions(headers: Headers): Headers {
  const kept = Object.entries(headers).filter(([name]) => !isCondition(name))
  return kept.length === Object.keys(headers).length ? headers : Object.fromEntries(kept)
}

/** Asks for the whole thing as it is: nothing about ranges, what the client has already, or compression. */
export function wholeHeaders(headers: Headers): Headers {
  return { ...withoutConditions(headers), 'accept-encoding': 'identity' }
}

/** True for a GET whose answer is the whole file, whatever the client has already. */
export function isPlain({ method, headers }: DeliveryOrder): boolean {
  return method === 'GET' && !Object.keys(headers).some(isCondition)
}

function isCondition(name: string): boolean {
  return name === 'range' || name.startsWith('if-')
}
