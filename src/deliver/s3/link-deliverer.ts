import { failed } from '../ask-wire.ts'
import type { Answer, Deliverer, DeliveryOrder, Opened } from '../contract.ts'
import { valueOf } from '../header-list.ts'
import { effectiveHeaders } from '../request-headers.ts'
import type { CredentialProvider } from './credentials/contract.ts'
import type { BucketPlace } from './place.ts'
import type { Signer } from './sign.ts'

export interface LinkOptions {
  /** As clients reach it, which need not be how the gate does. */
  readonly place: BucketPlace
  readonly signer: Signer
  readonly credentials: CredentialProvider
  /** How long a link works. */
  readonly lifetimeMs: number
  /** Gives letters and digits, never the same again. */
  readonly newId: () => string
  /** Epoch ms. */
  readonly clock: () => number
  readonly onFailure: (error: Error) => void
}

/**
 * Leads clients to the storage for whole packages, by links that it signs; everything else is `inner`'s: documents, HEAD, and parts of files,
 * for who has a link has the whole file. `inner` is asked first, with HEAD: a file that is not there, or has not changed, is answered as if it
 * were streamed, and the link is charged by the size that it told. A file of unknown size, or none, is streamed. Of several buckets with the same
 * files, the one that told is led to; where memory did, the one that `preferred` names.
 */
export function createLinkDeliverer(
  inner: Deliverer,
  buckets: readonly LinkOptions[],
  preferred: () => number,
): Deliverer {
  return {
    open: (order) =>
      buckets.every((bucket) => isForLink(order, bucket))
        ? openLink(inner, (source) => buckets[source ?? preferred()], order)
        : inner.open(order),
    close: inner.close,
  }
}

function isForLink(order: DeliveryOrder, { place }: LinkOptions): boolean {
  const isPackage = order.method === 'GET' && order.artifact.kind === 'package'
  const isWhole = isPackage && effectiveHeaders(order)['range'] === undefined
  return isWhole && order.mayBeSentTo(place.url) && place.pathOf(order.artifact.path) !== undefined
}

async function openLink(
  inner: Deliverer,
  bucketOf: (source: number | undefined) => LinkOptions | undefined,
  order: DeliveryOrder,
): Promise<Answer> {
  const told = await inner.open({ ...order, method: 'HEAD' })
  if (!told.ok || told.status !== 200) return told
  const { size } = told.extent
  const bucket = bucketOf(told.source)
  const path = bucket?.place.pathOf(order.artifact.path)
  if (bucket === undefined || path === undefined || size === null || size === 0) return inner.open(order)
  const { place, signer, credentials, lifetimeMs, newId, clock, onFailure } = bucket
  try {
    const [id, lifetimeSeconds] = [newId(), Math.floor(lifetimeMs / 1000)]
    const { origin, host } = place.url
    const query = signer.linkQueryFor(path, host, await credentials.current(), clock(), {
      lifetimeSeconds,
      id,
    })
    return answerWith(`${origin}${path}?${query}`, id, told)
  } catch (error) {
    return failed(error instanceof Error ? error : new Error(String(error)), onFailure)
  }
}

/** Nobody keeps the link, and no browser tells the storage from which URL it came: the secret may stand there. */
function answerWith(location: string, id: string, { headers, extent }: Opened): Opened {
  const modified = valueOf(headers, 'last-modified')
  return {
    ok: true,
    status: 302,
    headers: [
      'location',
      location,
      'content-length',
      '0',
      'cache-control',
      'no-store',
      'referrer-policy',
      'no-referrer',
      ...(modified === undefined ? [] : ['last-modified', modified]),
    ],
    extent,
    body: null,
    handedOver: { id },
  }
}
