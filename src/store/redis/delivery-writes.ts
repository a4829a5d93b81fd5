import type { EventDelivery } from '../contract/events.ts'
import type { Keys } from './keys.ts'
import type { Write } from './writes.ts'

/** What is to be written for a delivery as it is now; `before`: the state that it had. */
export function deliveryWrites(
  keys: Keys,
  delivery: EventDelivery,
  before?: EventDelivery['state'],
): Write[] {
  const { id, webhook, state, createdAt, dueAt } = delivery
  return [
    ['HSET', keys.deliveries, id, JSON.stringify(delivery)],
    ['ZADD', keys.deliveriesOf(webhook), String(createdAt), id],
    ...(before === undefined || before === state
      ? []
      : [['ZREM', keys.deliveriesIn(before), id] satisfies Write]),
    ['ZADD', keys.deliveriesIn(state), String(dueAt), id],
  ]
}
