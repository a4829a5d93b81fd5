import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { refuseUnexpected } from '../expected.ts'
import { webhookEntry } from '../webhook-entry.ts'
import type { Webhook, WebhookStore } from '../contract/events.ts'
import type { WriteEntry } from './audit.ts'
import { allRows, firstRow } from './database.ts'
import { createDeletion } from './deletion.ts'
import type { Write } from './turn-batch.ts'

interface WebhookRow {
  readonly record: string
}

/** Deliveries that go in one transaction: a few milliseconds, which downloads of this process wait for. */
const REMOVED_AT_ONCE = 500
/** Between two of them: other processes that wait for the lock look for it every few milliseconds, and would else rarely find it free. */
const PAUSE_MS = 5

/** The webhooks of a SQLite store. */
export function createSqliteWebhooks(
  database: DatabaseSync,
  write: Write,
  writeEntry: WriteEntry,
): WebhookStore {
  const all = database.prepare('SELECT record FROM webhooks ORDER BY id')
  const owned = database.prepare('SELECT record FROM webhooks WHERE owner = ? ORDER BY id')
  const read = database.prepare('SELECT record FROM webhooks WHERE id = ? AND owner = ?')
  const insert = database.prepare('INSERT INTO webhooks (id, owner, record) VALUES (?, ?, ?)')
  const replace = database.prepare('UPDATE webhooks SET record = ? WHERE id = ?')
  const remove = database.prepare('DELETE FROM webhooks WHERE id = ?')
  const removeDeliveries = createDeletion(database, 'deliveries', 'id', 'webhook = ?')
  const readOne = (owner: string, id: string): Webhook | undefined => {
    const row = firstRow<WebhookRow>(read, id, owner)
    return row && parse(row)
  }
  /** Those that stay because this is cut short are found to have no webhook when they are due, and end. */
  const dropDeliveries = async (webhook: string): Promise<void> => {
    while ((await write(() => removeDeliveries(REMOVED_AT_ONCE, webhook))) > 0) await pause(PAUSE_MS)
  }
  return {
    list: async (owner) =>
      (owner === null ? allRows<WebhookRow>(all) : allRows<WebhookRow>(owned, owner)).map(parse),
    read: async (owner, id) => readOne(owner, id),
    create: (webhook, note) =>
      write(() => {
        insert.run(webhook.id, webhook.owner, JSON.stringify(webhook))
        if (note !== undefined) writeEntry(webhookEntry(note, undefined, webhook))
      }),
    update: (owner, id, change, note, isExpected) =>
      write(() => {
        const before = readOne(owner, id)
        if (before === undefined) return undefined
        refuseUnexpected(before, isExpected)
        const after = { ...before, ...change }
        replace.run(JSON.stringify(after), id)
        if (note !== undefined) writeEntry(webhookEntry(note, before, after))
        return after
      }),
    delete: async (owner, id, note, isExpected) => {
      const existed = await write(() => {
        const before = readOne(owner, id)
        if (before === undefined) return false
        refuseUnexpected(before, isExpected)
        remove.run(id)
        if (note !== undefined) writeEntry(webhookEntry(note, before, undefined))
        return true
      })
      if (existed) await dropDeliveries(id)
      return existed
    },
  }
}

function parse({ record }: WebhookRow): Webhook {
  return JSON.parse(record) as Webhook
}
