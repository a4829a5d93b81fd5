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
}

/** Settles all of them in one call. */
export async function settleAll(
  scripts: Pick<Scripts, 'settle'>,
  keys: Keys,
  items: readonly Settling[],
): Promise<readonly Outcome<void>[]> {
  const allKeys: string[] = []
  const values: (string | number)[] = [items.length]
  for (const item of items) pushKeys(allKeys, keys, item, item.id, isFree(item))
  for (const item of items) {
    const holdsPlace = marksOf(item.id).includes(PLACE_MARK)
    if (holdsPlace) allKeys.push(keys.places(item.token))
    const kind = isFree(item) ? 'free' : holdsPlace ? allKeys.length : ''
    values.push(item.id, item.client, item.sentBytes, item.now, kind)
  }
  return readFailures(await scripts.settle(allKeys, values), items.length)
}

function isFree({ id }: Settling): boolean {
  return marksOf(id).includes(FREE_MARK)
}

/** Outcomes of so many items, of which the pairs of position and message failed. */
function readFailures(pairs: readonly (number | string)[], count: number): Outcome<void>[] {
  const outcomes: Outcome<void>[] = Array.from({ length: count }, () => ({ answer: undefined }))
  for (let index = 0; index < pairs.length; index += 2) {
    outcomes[Number(pairs[index])] = { error: unavailable(String(pairs[index + 1])) }
  }
  return outcomes
}
