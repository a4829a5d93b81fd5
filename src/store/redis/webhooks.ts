import { StoreError } from '../contract.ts'
import type { ChangeNote } from '../contract/audit.ts'
import type { Webhook, WebhookStore } from '../contract/events.ts'
import { refuseUnexpected } from '../expected.ts'
import { webhookEntry } from '../webhook-entry.ts'
import type { StoredOptions } from './apply.ts'
import { changeWrites } from './audit-writes.ts'
import { rewriteField } from './rewrite.ts'
import type { Write } from './writes.ts'

/** The webhooks of a Redis store: a hash, id → webhook. */
export function createRedisWebhooks(options: StoredOptions): WebhookStore {
  const { commands, keys, apply } = options
  const noted = (
    note: ChangeNote | undefined,
    before: Webhook | undefined,
    after: Webhook | undefined,
  ): Write[] => (note === undefined ? [] : changeWrites(keys, webhookEntry(note, before, after)))
  return {
    list: async (owner) => {
      const all = Object.values(await commands.readAllFields(keys.webhooks)).map(parse)
      return all.filter((each) => owner === null || each.owner === owner).toSorted(byId)
    },
    read: async (owner, id) => {
      const [text] = await commands.readFields(keys.webhooks, [id])
      return typeof text === 'string' ? ifOf(owner, parse(text)) : undefined
    },
    create: async (webhook, note) => {
      const { id } = webhook
      const isNew = await apply(
        [['HGET', keys.webhooks, id, '']],
        [['HSET', keys.webhooks, id, JSON.stringify(webhook)], ...noted(note, undefined, webhook)],
      )
      if (!isNew) throw new StoreError('conflict', 'There is a webhook with this id.')
    },
    update: async (owner, id, change, note, isExpected) => {
      const done = await rewriteField(options, [keys.webhooks, id], (text) => {
        const before = ifOf(owner, parse(text))
        if (before === undefined) return undefined
        refuseUnexpected(before, isExpected)
        const after = { ...before, ...change }
        return {
          after,
          writes: [['HSET', keys.webhooks, id, JSON.stringify(after)], ...noted(note, before, after)],
        }
      })
      return done?.after
    },
    delete: async (owner, id, note, isExpected) => {
      const done = await rewriteField(options, [keys.webhooks, id], (text) => {
        const before = ifOf(owner, parse(text))
        if (before === undefined) return undefined
        refuseUnexpected(before, isExpected)
        return { writes: [['HDEL', keys.webhooks, id], ...noted(note, before, undefined)] }
      })
      if (done !== undefined) await removeDeliveries(options, id)
      return done !== undefined
    },
  }
}

const REMOVED_AT_ONCE = 500

/** Those that stay because this is cut short are found to have no webhook when they are due, and end. */
async function removeDeliveries({ commands, keys, apply }: StoredOptions, webhook: string): Promise<void> {
  const own = keys.deliveriesOf(webhook)
  for (;;) {
    const ids = await commands.readLowest(own, '+inf', REMOVED_AT_ONCE)
    if (ids.length === 0) return
    const states = ['waiting', 'delivered', 'dead'].map(keys.deliveriesIn)
    await apply(
      [],
      [['HDEL', keys.deliveries, ...ids], ...[own, ...states].map((key): Write => ['ZREM', key, ...ids])],
    )
  }
}

function parse(text: string): Webhook {
  return JSON.parse(text) as Webhook
}

function ifOf(owner: string, webhook: Webhook): Webhook | undefined {
  return webhook.owner === owner ? webhook : undefined
}

function byId(a: Webhook, b: Webhook): number {
  return a.id < b.id ? -1 : 1
}
