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
 * were streamed, and the link is charged by the size that it told. A file of unknown size, or none, is streamed.
 */
export function createLinkDeliverer(inner: Deliverer, options: LinkOptions): Deliverer {
  const { place } = options
  return {
    open: (order) => {
      const path = isForLink(order, place) ? place.pathOf(order.artifact.path) : undefined
      return path === undefined ? inner.open(order) : openLink(inner, options, order, path)
    },
    close: inner.close,
  }
}

function isForLink(order: DeliveryOrder, { url }: BucketPlace): boolean {
  const isPackage = order.method === 'GET' && order.artifact.kind === 'package'
  return isPackage && effectiveHeaders(order)['range'] === undefined && order.mayBeSentTo(url)
}

async function openLink(
  inner: Deliverer,
  { place, signer, credentials, lifetimeMs, newId, clock, onFailure }: LinkOptions,
  order: DeliveryOrder,
  path: string,
): Promise<Answer> {
  const told = await inner.open({ ...order, method: 'HEAD' })
  if (!told.ok || told.status !== 200) return told
  const { size } = told.extent
  if (size === null || size === 0) return inner.open(order)
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
