import type { ArchiveRecord } from '../contract/archive.ts'
import type { DeliveryState, EventDelivery } from '../contract/events.ts'
import { nameOfDigest } from '../stored-key.ts'
import { entryWrites } from './audit-writes.ts'
import { deliveryWrites } from './delivery-writes.ts'
import { refusalName } from './events.ts'
import type { Keys } from './keys.ts'
import type { Write } from './writes.ts'

/** What is to be written to take in a record that lies in the slot that everything shares; nothing for those that do not. */
export function recordWrites(keys: Keys, record: ArchiveRecord): readonly Write[] {
  switch (record.kind) {
    case 'key':
      return [['HSET', keys.apiKeys, nameOfDigest(record.key.digest), JSON.stringify(record.key)]]
    case 'webhook':
      return [['HSET', keys.webhooks, record.webhook.id, JSON.stringify(record.webhook)]]
    case 'event':
      return [['RPUSH', keys.outbox, JSON.stringify(record.event)]]
    case 'delivery':
      return putDelivery(keys, record.delivery)
    case 'seen':
      return [['ZADD', keys.seen, String(record.at), record.id]]
    case 'refusal': {
      const { refusal } = record
      const name = refusalName(refusal)
      return [
        ['HSET', keys.refusals, name, String(refusal.count)],
        ['HSET', keys.refusalFacts, name, JSON.stringify(refusal)],
        ['ZADD', keys.refusalHours, String(refusal.hour), name],
      ]
    }
    case 'audit':
      return entryWrites(keys, record.entry)
    default:
      return []
  }
}

const STATES: readonly DeliveryState[] = ['waiting', 'delivered', 'dead']

/** It may have been put in another state before. */
function putDelivery(keys: Keys, delivery: EventDelivery): readonly Write[] {
  const others = STATES.filter((state) => state !== delivery.state)
  const gone = others.map((state): Write => ['ZREM', keys.deliveriesIn(state), delivery.id])
  return [...gone, ...deliveryWrites(keys, delivery)]
}
