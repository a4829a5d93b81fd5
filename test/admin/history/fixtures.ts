import type {
  DownloadRecord,
  HistoryBatch,
  HistoryRetention,
  PackageIncrement,
  UsageIncrement,
} from '../../../src/store/contract/history.ts'
import type { Api } from '../api.ts'

export const NOW: number = Date.UTC(2030, 0, 1)
export const HOUR_MS = 3_600_000
export const DAY_MS: number = 24 * HOUR_MS

const KEEP: HistoryRetention = {
  hoursMs: 8 * DAY_MS,
  daysMs: 400 * DAY_MS,
  logMs: 30 * DAY_MS,
  logEntries: 100_000,
  packages: 1_000,
}
let batches = 0

/** Writes history as a process would. */
export async function record({ store }: Api, content: Partial<HistoryBatch>): Promise<void> {
  const number = ++batches
  await store.history.record(
    { writer: `w${number}`, number, now: NOW, usage: [], packages: [], downloads: [], ...content },
    KEEP,
  )
}

/** Usage of a token in one hour. */
export function used(
  token: string,
  hour: number,
  downloads: number,
  bytes: number,
  clients: readonly string[] = [],
): { readonly usage: readonly UsageIncrement[] } {
  return { usage: [{ token, hour: hour - (hour % HOUR_MS), downloads, bytes, clients, refusals: new Map() }] }
}

export function delivered(token: string, fields: Partial<PackageIncrement> = {}): PackageIncrement {
  const name = { name: 'widget', version: '1.0', filename: 'widget_1.0.deb' }
  const whose = { token, tokenName: `Name of ${token}`, repository: 'acme/stable', format: 'deb' as const }
  return { ...whose, ...name, downloads: 1, bytes: 100, firstAt: NOW - 5, lastAt: NOW - 5, ...fields }
}

export function download(id: number, fields: Partial<DownloadRecord> = {}): DownloadRecord {
  return {
    id: `x-${String(id).padStart(6, '0')}`,
    at: NOW - 1_000 + id,
    token: 'T1',
    tokenName: 'Example',
    repository: 'acme/stable',
    format: 'deb',
    name: 'widget',
    version: '1.0',
    filename: 'widget_1.0.deb',
    client: '192.0.2.1',
    userAgent: 'apt',
    status: 200,
    bytes: 100,
    downloads: 1,
    durationMs: 3,
    ...fields,
  }
}
