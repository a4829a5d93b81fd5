import type { DeliveryQuery, DeliveryState, EventDelivery, EventStore } from '../contract/events.ts'
import type { StoredOptions } from './apply.ts'
import { changeWrites } from './audit-writes.ts'
import { deliveryWrites } from './delivery-writes.ts'
import { intersect } from './intersect.ts'
import { rewriteField } from './rewrite.ts'
import type { Scripts } from './scripts.ts'
import { pageIn } from '../slices.ts'
import type { Write } from './writes.ts'

const SWEPT_AT_ONCE = 100
const READ_AT_ONCE = 1_000
const ENDED: readonly DeliveryState[] = ['delivered', 'dead']

type Deliveries = Pick<
  EventStore,
  'addDelivery' | 'claim' | 'finish' | 'deliveries' | 'resend' | 'counts' | 'sweep'
>

type DeliveryOptions = StoredOptions & { readonly scripts: Pick<Scripts, 'walk'> }

/** Events on their way to webhooks: a hash, id → delivery, and sorted sets of ids by webhook and by state. */
export function createRedisDeliveries(options: DeliveryOptions): Deliveries {
  const { commands, keys, apply } = options
  const change = (
    id: string,
    next: (before: EventDelivery) => EventDelivery | undefined,
    others: readonly Write[] = [],
  ): Promise<{ readonly after: EventDelivery; readonly writes: readonly Write[] } | undefined> =>
    rewriteField(options, [keys.deliveries, id], (text) => {
      const before = JSON.parse(text) as EventDelivery
      const after = next(before)
      return after && { after, writes: [...deliveryWrites(keys, after, before.state), ...others] }
    })
  return {
    addDelivery: async (delivery) => void (await apply([], deliveryWrites(keys, delivery))),
    claim: async (now, until, limit, except) => {
      const claimed: EventDelivery[] = []
      for (const id of await commands.readLowest(keys.deliveriesIn('waiting'), String(now), READ_AT_ONCE)) {
        if (claimed.length === limit) break
        const done = await change(id, (before) => {
          if (before.state !== 'waiting' || before.dueAt > now || except.includes(before.webhook))
            return undefined
          return { ...before, attempts: before.attempts + 1, lastAttemptAt: now, dueAt: until }
        })
        if (done !== undefined) claimed.push(done.after)
      }
      return claimed
    },
    finish: async ({ id, attempts }, outcome) => {
      const done = await change(id, (before) =>
        before.attempts === attempts && before.state === 'waiting' ? { ...before, ...outcome } : undefined,
      )
      return done !== undefined
    },
    deliveries: (query) => list(options, query),
    resend: async (webhook, id, at, note) => {
      const others = note === undefined ? [] : changeWrites(keys, { ...note, changes: {} })
      const again = (before: EventDelivery): EventDelivery | undefined =>
        before.webhook === webhook
          ? { ...before, state: 'waiting', dueAt: at, attemptsBefore: before.attempts }
          : undefined
      return (await change(id, again, others))?.after
    },
    counts: async () => {
      const [outbox, waiting, dead] = await Promise.all([
        commands.countList(keys.outbox),
        commands.countMembers(keys.deliveriesIn('waiting')),
        commands.countMembers(keys.deliveriesIn('dead')),
      ])
      return { waiting: outbox + waiting, dead }
    },
    sweep: async (endedBefore, seenBefore) => {
      const seen = await commands.readLowest(keys.seen, `(${seenBefore}`, SWEPT_AT_ONCE)
      if (seen.length > 0) await apply([], [['ZREM', keys.seen, ...seen]])
      let swept = seen.length
      for (const state of ENDED) swept += await sweepState(options, state, endedBefore)
      return swept
    },
  }
}

async function sweepState(
  { commands, keys, apply }: StoredOptions,
  state: DeliveryState,
  before: number,
): Promise<number> {
  const ids = await commands.readLowest(keys.deliveriesIn(state), `(${before}`, SWEPT_AT_ONCE)
  const texts = await commands.readFields(keys.deliveries, ids)
  for (const [index, id] of ids.entries()) {
    const text = texts[index] ?? ''
    const webhook = text === '' ? '' : (JSON.parse(text) as EventDelivery).webhook
    // Not what was sent again in between.
    await apply(
      [['HGET', keys.deliveries, id, text]],
      [
        ['HDEL', keys.deliveries, id],
        ['ZREM', keys.deliveriesIn(state), id],
        ['ZREM', keys.deliveriesOf(webhook), id],
      ],
    )
  }
  return ids.length
}

type List = Awaited<ReturnType<EventStore['deliveries']>>

/** Newest first. One state's are sought among all of the webhook's. */
async function list(
  { commands, scripts, keys }: DeliveryOptions,
  { webhook, state, page, pageSize }: DeliveryQuery,
): Promise<List> {
  const own = keys.deliveriesOf(webhook)
  const first = (page - 1) * pageSize
  const read = async (ids: readonly string[]): Promise<EventDelivery[]> => {
    const texts = await commands.readFields(keys.deliveries, ids)
    return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as EventDelivery]))
  }
  if (state === null) {
    const [total, [, ...ids]] = await Promise.all([
      commands.countMembers(own),
      scripts.walk([own], [first, first + pageSize - 1]),
    ])
    return { total, deliveries: await read(ids) }
  }
  const found = await intersect(scripts, { set: own, rank: 0 }, [keys.deliveriesIn(state)])
  return { total: found.length, deliveries: await read(pageIn(found, { page, pageSize })) }
}
