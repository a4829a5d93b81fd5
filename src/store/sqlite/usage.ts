import type { DatabaseSync } from 'node:sqlite'
import { admit, conclude, isSpent, type Ledger } from '../../policy/ledger.ts'
import type { DeliveryRequest, Exhausted, Reservation, Usage, UsageDelta, UsageStore } from '../contract.ts'
import { createUsageRows, type UsageRows } from './usage-rows.ts'
import type { Write } from './turn-batch.ts'

interface Accounting {
  readonly rows: UsageRows
  readonly nextId: () => string
  readonly isAlive: (reservation: string) => boolean
}

/** Counters and ledgers of a SQLite store. `nextId` names a reservation; `isAlive` tells whether its process still runs. */
export function createSqliteUsage(
  database: DatabaseSync,
  write: Write,
  nextId: () => string,
  isAlive: (reservation: string) => boolean,
): UsageStore {
  const accounting = { rows: createUsageRows(database), nextId, isAlive }
  return {
    reserve: (request) => write(() => reserve(accounting, request)),
    settle: (reservation, sentBytes, now) => write(() => settle(accounting, reservation, sentBytes, now)),
    record: (deltas) => write(() => deltas.forEach((delta) => record(accounting.rows, delta))),
    read: async (queries) => queries.map(({ token }) => accounting.rows.usage(token)),
    reset: (token, now) => write(() => reset(accounting.rows, token, now)),
  }
}

function reserve({ rows, nextId, isAlive }: Accounting, request: DeliveryRequest): Reservation | Exhausted {
  const { token, client, artifact, now } = request
  const usage = rows.usage(token)
  const id = nextId()
  const { ledger, cost } = admit(
    rows.ledger(token, client, artifact, usage.epoch),
    { ...request, id },
    isAlive,
  )
  const isNewClient = cost > 0 && !rows.knowsClient(token, usage.epoch, client)
  const exhausted = cost > 0 ? findExhausted(request, usage, isNewClient) : undefined
  if (exhausted !== undefined) return exhausted
  const downloads = usage.downloads + cost
  const clients = usage.clients + Number(isNewClient)
  const answer = {
    granted: true as const,
    id,
    token,
    client,
    artifact,
    epoch: usage.epoch,
    charged: cost,
    reservedBytes: 0,
    bytes: usage.bytes,
    downloads,
    clients,
  }
  if (request.dryRun === true) return answer
  if (cost > 0) {
    rows.saveUsage(token, { ...usage, downloads, clients, lastUsedAt: later(usage, now) })
    rows.addClient(token, usage.epoch, client, cost, now)
  }
  rows.saveLedger(token, client, artifact, usage.epoch, ledger, now)
  return answer
}

function findExhausted(request: DeliveryRequest, usage: Usage, isNewClient: boolean): Exhausted | undefined {
  const { limitDownloads, limitClients } = request
  if (limitDownloads !== null && usage.downloads + 1 > limitDownloads) {
    return { granted: false, limit: 'downloads', used: usage.downloads }
  }
  if (isNewClient && limitClients !== null && usage.clients + 1 > limitClients) {
    return { granted: false, limit: 'clients', used: usage.clients }
  }
  return undefined
}

function settle({ rows }: Accounting, reservation: Reservation, sentBytes: number, now: number): void {
  const { token, client, artifact, epoch, id } = reservation
  const usage = rows.usage(token)
  if (usage.epoch !== epoch) return
  const before = rows.ledger(token, client, artifact, epoch)
  const after = before && conclude(before, id, sentBytes)
  if (before === undefined || after === undefined || after.ledger === before) return
  keep(rows, reservation, after.ledger, now)
  const forgotten = after.refund > 0 && rows.subtractClient(token, epoch, client, after.refund)
  rows.saveUsage(token, {
    ...usage,
    downloads: usage.downloads - after.refund,
    clients: usage.clients - Number(forgotten),
    bytes: usage.bytes + sentBytes,
    lastUsedAt: later(usage, now),
  })
}

function keep(
  rows: UsageRows,
  { token, client, artifact, epoch }: Reservation,
  ledger: Ledger,
  now: number,
): void {
  if (isSpent(ledger, now)) rows.deleteLedger(token, client, artifact)
  else rows.saveLedger(token, client, artifact, epoch, ledger, now)
}

function record(rows: UsageRows, delta: UsageDelta): void {
  const { token, lastUsedAt } = delta
  const usage = rows.usage(token)
  let clients = usage.clients
  for (const [client, downloads] of delta.clients) {
    if (downloads < 0) clients -= Number(rows.subtractClient(token, usage.epoch, client, -downloads))
    if (downloads <= 0) continue
    if (!rows.knowsClient(token, usage.epoch, client)) clients++
    rows.addClient(token, usage.epoch, client, downloads, lastUsedAt)
  }
  const downloads = Math.max(0, usage.downloads + delta.downloads)
  const bytes = usage.bytes + delta.bytes
  rows.saveUsage(token, { ...usage, downloads, clients, bytes, lastUsedAt: later(usage, lastUsedAt) })
}

/** Processes do not write in the order of their clocks. */
function later({ lastUsedAt }: Usage, now: number): number {
  return Math.max(lastUsedAt ?? now, now)
}

function reset(rows: UsageRows, token: string, now: number): void {
  const usage = rows.usage(token)
  rows.saveUsage(token, {
    ...usage,
    epoch: usage.epoch + 1,
    downloads: 0,
    clients: 0,
    bytes: 0,
    resetAt: now,
  })
}
