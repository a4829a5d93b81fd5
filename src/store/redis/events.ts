import type { EventRecord, EventStore, RefusalCount } from '../contract/events.ts'
import { refusalEvent } from '../refusal-event.ts'
import type { StoredOptions } from './apply.ts'
import { deliveryWrites } from './delivery-writes.ts'
import type { Scripts } from './scripts.ts'
import type { Write } from './writes.ts'

const CLOSED_AT_ONCE = 500

type Outbox = Pick<EventStore, 'add' | 'waiting' | 'handOut' | 'countRefusals' | 'closeHours' | 'lease'>

/** What happened, until it is handed out to webhooks: a list, oldest first. */
export function createRedisEvents(
  options: StoredOptions & { readonly scripts: Pick<Scripts, 'lease'> },
): Outbox {
  const { commands, scripts, keys, apply } = options
  const addOne = (event: EventRecord): Promise<boolean> =>
    apply(
      [['ZSCORE', keys.seen, event.id, '']],
      [
        ['ZADD', keys.seen, String(event.at), event.id],
        ['RPUSH', keys.outbox, JSON.stringify(event)],
      ],
    )
  return {
    add: async (events) => {
      const added: string[] = []
      for (const event of events) if (await addOne(event)) added.push(event.id)
      return added
    },
    waiting: async (limit) => {
      const texts = await commands.readList(keys.outbox, limit)
      return texts.map((text) => JSON.parse(text) as EventRecord)
    },
    handOut: (event, deliveries) => {
      // As it was written: every event comes from JSON, and keeps the order of its fields.
      const text = JSON.stringify(event)
      return apply(
        [['LPOS', keys.outbox, text, '*']],
        [['LREM', keys.outbox, '1', text], ...deliveries.flatMap((each) => deliveryWrites(keys, each))],
      )
    },
    ...createRefusals(options),
    lease: async (name, holder, now, until) =>
      (await scripts.lease([keys.lease(name)], [holder, Math.max(1, until - now)])) === 1,
  }
}

/** Names the refusals of a token in an hour for one reason. */
export function refusalName({ hour, token, reason }: RefusalCount): string {
  return `${hour} ${token} ${reason}`
}

/** Counts by "hour token reason", and beside them what is known of each. */
function createRefusals({
  commands,
  keys,
  apply,
}: StoredOptions): Pick<EventStore, 'countRefusals' | 'closeHours'> {
  return {
    countRefusals: async (counts) => {
      const writes = counts.flatMap((each): Write[] => [
        ['HINCRBY', keys.refusals, refusalName(each), String(each.count)],
        ['HSET', keys.refusalFacts, refusalName(each), JSON.stringify(each)],
        ['ZADD', keys.refusalHours, String(each.hour), refusalName(each)],
      ])
      if (writes.length > 0) await apply([], writes)
    },
    closeHours: async (before, at) => {
      const over = await commands.readLowest(keys.refusalHours, `(${before}`, CLOSED_AT_ONCE)
      if (over.length === 0) return 0
      const [counts, facts] = await Promise.all([
        commands.readFields(keys.refusals, over),
        commands.readFields(keys.refusalFacts, over),
      ])
      let closed = 0
      for (const [index, name] of over.entries()) {
        const [count, text] = [counts[index], facts[index]]
        if (typeof count !== 'string' || typeof text !== 'string') continue
        const event = refusalEvent({ ...(JSON.parse(text) as RefusalCount), count: Number(count) }, at)
        // Not when somebody else counts or closes it at the same time: the next call does it then.
        const isClosed = await apply(
          [['HGET', keys.refusals, name, count]],
          [
            ['HDEL', keys.refusals, name],
            ['HDEL', keys.refusalFacts, name],
            ['ZREM', keys.refusalHours, name],
            ['RPUSH', keys.outbox, JSON.stringify(event)],
          ],
        )
        if (isClosed) closed++
      }
      return closed
    },
  }
}
