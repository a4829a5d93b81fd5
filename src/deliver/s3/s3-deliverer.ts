import { refuse } from '../../policy/refusal.ts'
import type { Answer, Deliverer, DeliveryOrder } from '../contract.ts'
import { FORMAT_DELIVERIES } from '../formats.ts'
import { isPlainFile } from '../plain-file.ts'
import { effectiveOrder } from '../request-headers.ts'
import type { WireClient } from '../wire/client.ts'
import { createAsk, type AskOptions } from './ask.ts'
import { openKey } from './open-key.ts'
import type { BucketPlace } from './place.ts'

export interface S3Options extends Omit<AskOptions, 'host'> {
  readonly client: WireClient
  readonly place: BucketPlace
}

/**
 * Delivers from a bucket of S3, or of anything that speaks like it, as createHttpDeliverer does from elsewhere: by signed GET and HEAD for one
 * key, without a query, and with none of the client's headers but for a range, plain conditions, its user agent and what it decodes.
 * Conditions that S3 reads in its own way, or not at all, are judged here when the answer has come (RFC 9110 §13). A path that ends in a slash
 * names no key, although consoles make empty objects of such names: as in a folder, its document is meant where the format has one.
 */
export function createS3Deliverer(options: S3Options): Deliverer {
  const { place, client, onFailure } = options
  const ask = createAsk({ ...options, host: place.url.host })
  const open = (order: DeliveryOrder, key: string): Promise<Answer> =>
    openKey({ ask, place, onFailure }, order, key)
  let documentsFirst = false
  return {
    open: async (given) => {
      const order = effectiveOrder(given)
      const document = documentOf(order)
      const path = keyOf(order)
      if (document === undefined) return path === undefined ? refuse('not_found') : open(order, path)
      if (path === undefined) return open(order, document)
      // A bucket has the one or the other, so what was found last is asked for first.
      const [first, second] = documentsFirst ? [document, path] : [path, document]
      const answer = await open(order, first)
      if (answer.ok || answer.code !== 'not_found') return answer
      const other = await open(order, second)
      if (other.ok) documentsFirst = second === document
      return other
    },
    sendsAsItLies: isPlainFile,
    close: () => client.close(),
  }
}

/** undefined: nothing can lie there. */
function keyOf({ artifact: { path } }: DeliveryOrder): string | undefined {
  return path === '' || path.endsWith('/') ? undefined : path
}

/** Where a document lies whose path is that of a folder. */
function documentOf({ artifact: { format, kind, path } }: DeliveryOrder): string | undefined {
  const { folderDocument } = FORMAT_DELIVERIES[format]
  if (kind !== 'metadata' || folderDocument === undefined) return undefined
  return path === '' || path.endsWith('/') ? path + folderDocument : `${path}/${folderDocument}`
}
