import type { DatabaseSync } from 'node:sqlite'
import type {
  ClientsQuery,
  ReleaseQuery,
  SeenClient,
  StoredToken,
  Usage,
  UsageDelta,
  UsageQuery,
  UsageStore,
} from '../contract.ts'
import { createBatches } from './batches.ts'
import { takeBackOnce } from '../take-back-once.ts'
import { resetEntry } from '../audit-entry.ts'
import { refuseUnexpected } from '../expected.ts'
import type { WriteEntry } from './audit.ts'
import { later, saturate } from './counters.ts'
import { inPeriod, nextEpoch } from './epochs.ts'
import type { Processes } from './processes.ts'
import { reserve } from './reserve.ts'
import { settle } from './settle.ts'
import type { Write } from './turn-batch.ts'
import type { CountedRows } from './client-rows.ts'
import { createUsageRows, type UsageRows } from './usage-rows.ts'

/** Counters and ledgers of a SQLite store. */
export function createSqliteUsage(
  database: DatabaseSync,
  write: Write,
  writeEntry: WriteEntry,
  processes: Pick<Processes, 'nextId' | 'isAlive' | 'isRunning'>,
  clock: () => number,
  readToken: (slugPerm: string) => StoredToken | undefined,
): UsageStore {
  const rows = createUsageRows(database)
  const batches = createBatches(database, clock)
  return {
    reserve: (request) => write(() => reserve({ rows, processes }, request)),
    settle: takeBackOnce((reservation, sentBytes, now) =>
      write(() => settle(rows, reservation, sentBytes, now)),
    ),
    record: (deltas, batch) =>
      write(() => {
        if (batch === undefined || batches.admit(batch)) deltas.forEach((delta) => record(rows, delta))
      }),
    read: async (queries) => queries.map((query) => read(rows, query)),
    reset: (token, now, note, isExpected) =>
      write(() => {
        if (isExpected !== undefined) refuseUnexpected(readToken(token), isExpected)
        const before = reset(rows, token, now)
        if (note !== undefined) writeEntry(resetEntry(note, before))
      }),
    listClients: async (query) => listClients(rows, query),
    releaseClient: (query) => write(() => releaseClient(rows, query)),
  }
}

function record(rows: UsageRows, delta: UsageDelta): void {
  const { token, lastUsedAt } = delta
  const before = rows.usage(token)
  const usage = inPeriod(before, delta.periodStart)
  if (usage.resetAt !== null && lastUsedAt < usage.resetAt) return
  rows.saveUsage(token, before, {
    ...usage,
    downloads: saturate(usage.downloads + delta.downloads),
    clients: saturate(usage.clients + recordClients(rows, delta, usage.epoch)),
    bytes: saturate(usage.bytes + delta.bytes),
    lastUsedAt: later(usage.lastUsedAt, lastUsedAt),
  })
}

/** How many clients there are more, or less. */
function recordClients(rows: UsageRows, { token, clients, lastUsedAt }: UsageDelta, epoch: number): number {
  let difference = 0
  for (const [client, downloads] of clients) {
    if (downloads < 0) difference -= Number(rows.subtractClient(token, epoch, client, -downloads))
    if (downloads <= 0) continue
    difference += Number(rows.client(token, epoch, client)?.isCounted !== true)
    rows.seeClient(token, epoch, client, downloads, lastUsedAt)
  }
  return difference
}

function read(rows: UsageRows, { token, periodStart }: UsageQuery): Usage {
  const { epoch, downloads, clients, bytes, lastUsedAt, resetAt } = inPeriod(rows.usage(token), periodStart)
  return { epoch, downloads, clients, bytes, lastUsedAt, resetAt }
}

/** Gives the counters as they were. */
function reset(rows: UsageRows, token: string, now: number): Usage {
  const usage = rows.usage(token)
  rows.saveUsage(token, usage, nextEpoch(usage, now))
  return usage
}

function listClients(
  rows: UsageRows & CountedRows,
  query: ClientsQuery,
): { readonly total: number; readonly clients: readonly SeenClient[] } {
  const { token, page, pageSize } = query
  const { epoch, clients: total } = inPeriod(rows.usage(token), query.periodStart)
  return { total, clients: rows.countedClients(token, epoch, pageSize, (page - 1) * pageSize) }
}

function releaseClient(rows: UsageRows & CountedRows, query: ReleaseQuery): boolean {
  const { token, client } = query
  const before = rows.usage(token)
  const usage = inPeriod(before, query.periodStart)
  if (rows.client(token, usage.epoch, client)?.isCounted !== true) return false
  if (query.dryRun === true) return true
  rows.forgetClient(token, usage.epoch, client)
  rows.saveUsage(token, before, { ...usage, clients: saturate(usage.clients - 1) })
  return true
}
