import { refuse } from '../../policy/refusal.ts'
import type { Answer, Deliverer, DeliveryOrder, Unavailable } from '../contract.ts'
import { createParty } from '../cache/party.ts'

/** What a storage is said to have done that did not answer in time. */
export const LATE: Unavailable = { ...refuse('upstream_timeout'), isUnavailable: true }

/**
 * Asks one storage, for `mostMs` at most: then it is let go of, `onLate` is called, and it counts as unavailable. An answer goes on as long as the
 * client is there.
 */
export function attempt(
  deliverer: Deliverer,
  order: DeliveryOrder,
  mostMs: number,
  onLate: () => void,
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const party = createParty()
  const leave = party.join(order.onGone)
  let isOver = false
  const timer = setTimeout(() => {
    isOver = true
    leave()
    onLate()
    resolve(LATE)
  }, mostMs)
  const take = (answer: Answer): void => {
    clearTimeout(timer)
    if (!isOver) return resolve(answer)
    if (answer.ok) answer.body?.discard()
  }
  const answer = deliverer.open({ ...order, onGone: party.onGone })
  if (answer instanceof Promise) void answer.then(take)
  else take(answer)
  return promise
}
