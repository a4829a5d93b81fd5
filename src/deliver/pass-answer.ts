import { failed, type WireAnswer } from './ask-wire.ts'
import type { Answer, DeliveryOrder } from './contract.ts'
import { judge, type Head } from './storage-answer.ts'

export interface PassOptions {
  /** Base of the storage. */
  readonly url: URL
  readonly onFailure: (error: Error) => void
  /** Gives what a client is told of a head that may go out. */
  readonly tidy: (order: DeliveryOrder, head: Head) => Head
}

/** Judges what a storage answered, and joins its body to what is passed on, or lets go of it. */
export function passAnswer(
  { url, onFailure, tidy }: PassOptions,
  order: DeliveryOrder,
  { status, headers, body }: WireAnswer,
): Answer {
  const judged = judge(order, url, status, headers)
  if (judged instanceof Error || !judged.ok) {
    body.discard()
    return judged instanceof Error ? failed(judged, onFailure) : judged
  }
  const isWanted = order.method === 'GET' && (judged.status === 200 || judged.status === 206)
  if (!isWanted) body.discard()
  return { ...tidy(order, judged), body: isWanted ? body : null }
}
