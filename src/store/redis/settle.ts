import type { DeliveryRequest } from '../contract.ts'
import { unavailable } from './errors.ts'
import type { Keys } from './keys.ts'
import { marksOf } from './processes.ts'
import { pushKeys, FREE_MARK, PLACE_MARK } from './reserve.ts'
import type { Scripts } from './scripts.ts'
import type { Outcome } from './turn-batch.ts'

/** The end of a delivery. */
export interface Settling extends Pick<DeliveryRequest, 'token' | 'client' | 'artifact' | 'now'> {
  readonly id: string
  readonly sentBytes: number
  /** To be taken back whole, if it was settled as it was charged. */
  readonly settled?: Settled | undefined
}

/** What was settled as it was charged, or may have been: as `epoch` tells, or else the trace of the call that asked for it. */
export interface Settled {
  /** Key of the traces. */
  readonly traces: string
  readonly reservedBytes: number
  readonly charged: number
  readonly known:
    | { readonly epoch: number }
    /** Name of the call, and position of the delivery in it. */
    | { readonly call: string; readonly place: number }
}

/** Settles all of them in one call; their answers are the downloads that were given back. */
export async function settleAll(
  scripts: Pick<Scripts, 'settle'>,
  keys: Keys,
  items: readonly Settling[],
): Promise<readonly Outcome<number>[]> {
  const allKeys: string[] = []
  const values: (string | number)[] = [items.length]
  for (const item of items) pushKeys(allKeys, keys, item, item.id, isFree(item))
  for (const item of items) {
    const holdsPlace = marksOf(item.id).includes(PLACE_MARK)
    if (holdsPlace) allKeys.push(keys.places(item.token))
    const plain = isFree(item) ? 'free' : holdsPlace ? allKeys.length : ''
    if (item.settled !== undefined) allKeys.push(item.settled.traces)
    const kind = item.settled === undefined ? plain : wordsOf(item.settled, allKeys.length)
    values.push(item.id, item.client, item.sentBytes, item.now, kind)
  }
  const answers = await scripts.settle(allKeys, values)
  return items.map((_, index) => toOutcome(answers[index]))
}

function wordsOf({ reservedBytes, charged, known }: Settled, tracesKey: number): string {
  const sort = 'epoch' in known ? `settled ${known.epoch}` : `lost ${known.call} ${known.place}`
  return `${tracesKey} ${reservedBytes} ${charged} ${sort}`
}

/** What is kept elsewhere of a delivery that may have been settled at once. */
export function writeTrace(settled: Settled): string {
  return JSON.stringify(settled)
}

/** undefined: not what was written. */
export function readTrace(text: string): Settled | undefined {
  try {
    const settled = JSON.parse(text) as Settled
    return typeof settled.traces === 'string' && 'call' in settled.known ? settled : undefined
  } catch {
    return undefined
  }
}

function isFree({ id }: Settling): boolean {
  return marksOf(id).includes(FREE_MARK)
}

/** No answer is a failure, too. */
function toOutcome(answer: number | string | undefined): Outcome<number> {
  return typeof answer === 'number' ? { answer } : { error: unavailable(answer ?? 'an answer is missing') }
}
