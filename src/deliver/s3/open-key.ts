import { refuse, type Refusal } from '../../policy/refusal.ts'
import type { WireAnswer } from '../ask-wire.ts'
import type { Answer, DeliveryOrder } from '../contract.ts'
import { passAnswer } from '../pass-answer.ts'
import { answerWithout, evaluate, tidyHead } from './answer.ts'
import type { Ask } from './ask.ts'
import type { BucketPlace } from './place.ts'
import { questionHeaders, wholeQuestion } from './question.ts'

/** A bucket, as far as one key of it is asked for. */
interface Asked {
  readonly ask: Ask
  readonly place: BucketPlace
  readonly onFailure: (error: Error) => void
}

/** Answers an order, whose headers are those that count, from one key. */
export async function openKey(asked: Asked, order: DeliveryOrder, key: string): Promise<Answer> {
  const path = asked.place.pathOf(key)
  if (path === undefined) return refuse('not_found')
  const answered = await question(asked, order, path, questionHeaders(order.headers))
  if ('ok' in answered) return answered
  const { status, headers, body } = answered
  if (status === 416) {
    body.discard()
    return openOutside(asked, order, path)
  }
  const verdict = status === 200 || status === 206 ? evaluate(order, status, headers) : undefined
  if (verdict?.status === 304 || verdict?.status === 412) {
    body.discard()
    return answerWithout(verdict, headers)
  }
  // A part, of another version of the file than the one that the client has a part of.
  if (status === 206 && verdict?.status === 200) {
    body.discard()
    return openWhole(asked, order, path)
  }
  return pass(asked, order, answered)
}

function question(
  { ask }: Asked,
  { method, onGone, customer }: DeliveryOrder,
  path: string,
  headers: Record<string, string>,
): Promise<WireAnswer | Refusal> {
  return ask({ method, path, headers, onGone, customer })
}

async function openWhole(asked: Asked, order: DeliveryOrder, path: string): Promise<Answer> {
  const answered = await question(asked, order, path, wholeQuestion(order.headers))
  return 'ok' in answered ? answered : pass(asked, order, answered)
}

/** S3 says that the range lies outside of the file, and not always how large the file is. */
async function openOutside(asked: Asked, order: DeliveryOrder, path: string): Promise<Answer> {
  const told = await question(asked, { ...order, method: 'HEAD' }, path, {})
  if ('ok' in told) return told
  told.body.discard()
  const verdict = evaluate(order, told.status, told.headers)
  const isWithout = verdict !== undefined && verdict.status !== 200 && verdict.status !== 206
  return isWithout ? answerWithout(verdict, told.headers) : openWhole(asked, order, path)
}

function pass({ place, onFailure }: Asked, order: DeliveryOrder, answered: WireAnswer): Answer {
  return passAnswer({ url: place.url, onFailure, tidy: tidyHead }, order, answered)
}
