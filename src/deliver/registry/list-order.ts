import type { DeliveryOrder, Opened } from '../contract.ts'
import { encodeImagePath } from '../encode-path.ts'
import { valueOf } from '../header-list.ts'
import { wholeHeaders } from '../request-headers.ts'
import { knownQuery, readNextQuery } from './tags.ts'

/** What the storage is asked for a page of a list: never for a part of it, and in no words but those of the API. */
export function listOrder(order: DeliveryOrder): DeliveryOrder {
  return { ...order, query: knownQuery(order.query), headers: wholeHeaders(order.headers) }
}

/** The header, as a flat list, that leads from this page to the next one at the gate. Empty for the last page. */
export function nextLink({ artifact, baseUrl }: DeliveryOrder, { headers }: Opened): string[] {
  const query = readNextQuery(valueOf(headers, 'link'))
  const path = new URL(baseUrl).pathname + encodeImagePath(artifact.path)
  return query === undefined ? [] : ['link', `<${path}?${query}>; rel="next"`]
}
