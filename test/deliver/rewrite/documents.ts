import type { Body, Deliverer, DeliveryOrder } from '../../../src/deliver/contract.ts'
import { createBufferBody } from '../../../src/deliver/buffer-body.ts'
import type { RewritingOptions } from '../../../src/deliver/rewrite/rewriting.ts'
import type { Artifact } from '../../../src/policy/types.ts'
import { orderFor } from '../orders.ts'
import { rewritingOf } from './rewriter-of.ts'

export const GATE = 'https://dl.example.com/SECRET/acme/npm/'
export const STORAGE = 'https://registry.example.com/npm/'

/** A storage that always has the same document, and remembers what it was asked. */
export interface FixedStorage {
  readonly deliverer: Deliverer
  readonly orders: DeliveryOrder[]
  readonly discarded: () => number
}

export function fixedStorage(
  content: Buffer | string,
  headers: readonly string[] = ['content-type', 'application/json'],
  status = 200,
): FixedStorage {
  const orders: DeliveryOrder[] = []
  let discarded = 0
  const bytes = Buffer.from(content)
  const open: Deliverer['open'] = async (order) => {
    orders.push(order)
    const body: Body = { ...createBufferBody(bytes, order.onGone), discard: () => void discarded++ }
    const extent = { start: 0, end: bytes.length, size: bytes.length }
    return { ok: true, status, headers, extent, body: status === 200 ? body : null }
  }
  return { deliverer: { open, close: async () => undefined }, orders, discarded: () => discarded }
}

/** The rewriting of `inner`, with what the operator was told. */
export function rewritten(
  inner: Deliverer,
  options: Partial<RewritingOptions> & { readonly upstreamUrl?: string | undefined } = {},
): { deliverer: Deliverer; failures: string[] } {
  const failures: string[] = []
  const onFailure = (error: Error): void => void failures.push(error.message)
  const { upstreamUrl, ...others } = { upstreamUrl: STORAGE, ...options }
  return { deliverer: rewritingOf('npm', inner, upstreamUrl, { onFailure, ...others }), failures }
}

/** An order for the document of a package, or of one of its versions. */
export function documentOrder(
  name: string,
  version?: string,
  more: Partial<DeliveryOrder> = {},
): DeliveryOrder {
  const path = version === undefined ? name : `${name}/${version}`
  const known = version === undefined ? { name } : { name, version }
  const filename = path.slice(path.lastIndexOf('/') + 1)
  const artifact: Artifact = { format: 'npm', kind: 'metadata', path, filename, ...known }
  return orderFor('', { artifact, baseUrl: GATE, ...more })
}
