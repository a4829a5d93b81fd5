import { refuse, type Refusal } from '../../policy/refusal.ts'
import { failed, type WireAnswer } from '../ask-wire.ts'
import type { Answer, Deliverer, DeliveryOrder } from '../contract.ts'
import { FORMAT_DELIVERIES } from '../formats.ts'
import { effectiveOrder } from '../request-headers.ts'
import { judge } from '../storage-answer.ts'
import type { WireClient } from '../wire/client.ts'
import { answerWithout, evaluate, tidyHead } from './answer.ts'
import { createAsk, type Ask, type AskOptions } from './ask.ts'
import type { BucketPlace } from './place.ts'
import { questionHeaders, wholeQuestion } from './question.ts'

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
  const open = createOpen(ask, place, onFailure)
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

type Open = (order: DeliveryOrder, key: string) => Promise<Answer>

function createOpen(ask: Ask, { url, pathOf }: BucketPlace, onFailure: (error: Error) => void): Open {
  const question = (
    { method, onGone }: DeliveryOrder,
    path: string,
    headers: Record<string, string>,
  ): Promise<WireAnswer | Refusal> => ask({ method, path, headers, onGone })

  const openWhole = async (order: DeliveryOrder, path: string): Promise<Answer> => {
    const answered = await question(order, path, wholeQuestion(order.headers))
    return 'ok' in answered ? answered : pass(order, answered)
  }
  /** S3 says that the range lies outside of the file, and not always how large the file is. */
  const openOutside = async (order: DeliveryOrder, path: string): Promise<Answer> => {
    const told = await question({ ...order, method: 'HEAD' }, path, {})
    if ('ok' in told) return told
    told.body.discard()
    const verdict = evaluate(order, told.status, told.headers)
    const isWithout = verdict !== undefined && verdict.status !== 200 && verdict.status !== 206
    return isWithout ? answerWithout(verdict, told.headers) : openWhole(order, path)
  }
  const pass = (order: DeliveryOrder, { status, headers, body }: WireAnswer): Answer => {
    const judged = judge(order, url, status, headers)
    if (judged instanceof Error || !judged.ok) {
      body.discard()
      return judged instanceof Error ? failed(judged, onFailure) : judged
    }
    const isWanted = order.method === 'GET' && (judged.status === 200 || judged.status === 206)
    if (!isWanted) body.discard()
    return { ...tidyHead(order, judged), body: isWanted ? body : null }
  }
  return async (order, key) => {
    const path = pathOf(key)
    if (path === undefined) return refuse('not_found')
    const answered = await question(order, path, questionHeaders(order.headers))
    if ('ok' in answered) return answered
    const { status, headers, body } = answered
    const verdict = status === 200 || status === 206 ? evaluate(order, status, headers) : undefined
    if (status === 416) {
      body.discard()
      return openOutside(order, path)
    }
    if (verdict?.status === 304 || verdict?.status === 412) {
      body.discard()
      return answerWithout(verdict, headers)
    }
    // A part, of another version of the file than the one that the client has a part of.
    if (status === 206 && verdict?.status === 200) {
      body.discard()
      return openWhole(order, path)
    }
    return pass(order, answered)
  }
}
