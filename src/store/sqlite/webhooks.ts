import type { DatabaseSync } from 'node:sqlite'
import { refuseUnexpected } from '../expected.ts'
import { webhookEntry } from '../webhook-entry.ts'
import type { Webhook, WebhookStore } from '../contract/events.ts'
import type { WriteEntry } from './audit.ts'
import { allRows, firstRow } from './database.ts'
import type { Write } from './turn-batch.ts'

interface WebhookRow {
  readonly record: string
}

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
  const removeDeliveries = database.prepare('DELETE FROM deliveries WHERE webhook = ?')
  const readOne = (owner: string, id: string): Webhook | undefined => {
    const row = firstRow<WebhookRow>(read, id, owner)
    return row && parse(row)
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
    delete: (owner, id, note, isExpected) =>
      write(() => {
        const before = readOne(owner, id)
        if (before === undefined) return false
        refuseUnexpected(before, isExpected)
        remove.run(id)
        removeDeliveries.run(id)
        if (note !== undefined) writeEntry(webhookEntry(note, before, undefined))
        return true
      }),
  }
}

function parse({ record }: WebhookRow): Webhook {
  return JSON.parse(record) as Webhook
}
