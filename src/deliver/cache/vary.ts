import type { DeliveryOrder } from '../contract.ts'
import { FORMAT_DELIVERIES } from '../formats.ts'
import { valueOf } from '../header-list.ts'

/**
 * The request headers, in lower case, that an answer depends on (RFC 9110 §12.5.5); undefined for `*`. Two are added to what the storage
 * says: Accept-Encoding for a body that is encoded, because many storages forget it, and Accept for formats such as npm, whose registries
 * have a short and a long form of a document at the same place.
 */
export function varyingHeaders(
  headers: readonly string[],
  { artifact }: DeliveryOrder,
): readonly string[] | undefined {
  const said = (valueOf(headers, 'vary') ?? '').split(',').map((name) => name.trim().toLowerCase())
  if (said.includes('*')) return undefined
  if (valueOf(headers, 'content-encoding') !== undefined) said.push('accept-encoding')
  if (FORMAT_DELIVERIES[artifact.format].negotiates === true) said.push('accept')
  return [...new Set(said)].filter((name) => name !== '').toSorted()
}

/** The part of a key that tells the variants of an answer apart. A header that the storage is never sent is the same in all. */
export function variantOf(names: readonly string[], headers: DeliveryOrder['headers']): string {
  // No header value has a line break in it.
  return names.map((name) => `\n${name}:${headers[name] ?? ''}`).join('')
}
