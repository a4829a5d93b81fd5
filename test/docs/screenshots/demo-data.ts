import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts'
import type {
  HistoryRetention,
  PackageIncrement,
  UsageIncrement,
} from '../../../src/store/contract/history.ts'
import type { Gate } from '../../support/gate.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const KEEP: HistoryRetention = {
  hoursMs: 8 * DAY_MS,
  daysMs: 400 * DAY_MS,
  logMs: 30 * DAY_MS,
  logEntries: 10_000,
  packages: 1_000,
}

interface Customer {
  readonly name: string
  /** A day, about. */
  readonly downloads: number
  readonly refusals?: readonly [code: string, perDay: number]
  readonly fields: Readonly<Record<string, unknown>>
}

/** Customers as a vendor has them, always the same. `now` in epoch ms. */
function customers(now: number): readonly Customer[] {
  const inDays = (days: number): string => new Date(now + days * DAY_MS).toISOString()
  const limits = (downloads: number, clients: number, days: number) => ({
    limit_num_downloads: downloads,
    limit_num_clients: clients,
    limit_date_range_to: inDays(days),
  })
  return [
    {
      name: 'Alpine Robotics',
      downloads: 42,
      fields: { ...limits(5_000, 50, 320), metadata: { customer: 4711 } },
    },
    { name: 'Baltic Energy', downloads: 31, fields: limits(1_000, 20, 12) },
    { name: 'Cedar Health', downloads: 24, fields: limits(10_000, 100, 200) },
    {
      name: 'Delta Logistics',
      // 300 in a month.
      downloads: 10.1,
      refusals: ['downloads_used_up', 3],
      fields: limits(300, 20, 90),
    },
    { name: 'Eastern Foods', downloads: 6, refusals: ['token_expired', 9], fields: limits(1_000, 10, -3) },
    { name: 'Falcon Games', downloads: 17, fields: limits(2_000, 25, 25) },
    {
      name: 'Granite Capital',
      downloads: 4,
      refusals: ['network_not_allowed', 2],
      fields: limits(500, 5, 60),
    },
    { name: 'Harbor Insurance', downloads: 0, fields: { ...limits(500, 5, 365), is_active: false } },
    { name: 'Indigo Analytics', downloads: 14, fields: {} },
    { name: 'Juniper Biotech', downloads: 9, fields: limits(1_000, 10, 150) },
  ]
}

/** Makes the customers' tokens, with a month of use behind them. Resolves to the id of the one with the name. */
export async function fillDemo(gate: Gate, file: string, now: number, shown: string): Promise<string> {
  const store = await openSqliteStore({
    file,
    synchronous: 'normal',
    processId: 'screenshots',
    clock: () => now,
  })
  let id = ''
  for (const [at, customer] of customers(now).entries()) {
    const { slug_perm: token } = await gate.createToken('acme/files', {
      name: customer.name,
      ...customer.fields,
    })
    if (customer.name === shown) id = token
    const history = monthOf(customer, token, at, now)
    await store.history.record(
      { writer: `screenshots-${at}`, number: 1, now, downloads: [], ...history },
      KEEP,
    )
    const sum = history.usage.reduce((total, { downloads }) => total + downloads, 0)
    const clients = new Map(clientsOf(at).map((client) => [client, 1]))
    const lastUsedAt = now - (at + 1) * 1_260_000
    if (sum > 0)
      await store.usage.record([{ token, downloads: sum, bytes: sum * 3_200_000, clients, lastUsedAt }])
    await store.tokens.noteUsed([token])
  }
  while ((await store.tokens.refreshUsage(now, 100)) > 0);
  await store.close()
  return id
}

function monthOf(customer: Customer, token: string, at: number, now: number) {
  const usage: UsageIncrement[] = []
  const packages: PackageIncrement[] = []
  for (let day = 29; day >= 0; day--) {
    const hour = now - day * DAY_MS - (now % HOUR_MS)
    // Waves by the week, another for each customer.
    const downloads = Math.round(customer.downloads * (1 + 0.5 * Math.sin((day + at) * 0.9)))
    const refusals = customer.refusals === undefined || day > 5 ? [] : [customer.refusals]
    if (downloads === 0 && refusals.length === 0) continue
    usage.push({ ...sums(token, downloads), hour, refusals: new Map(refusals), clients: clientsOf(at) })
    packages.push(packageOn(day, token, customer.name, downloads, hour))
  }
  return { usage, packages }
}

function sums(token: string, downloads: number) {
  return { token, downloads, bytes: downloads * 3_200_000 }
}

function packageOn(
  day: number,
  token: string,
  tokenName: string,
  downloads: number,
  at: number,
): PackageIncrement {
  const version = `2.${9 - Math.floor(day / 10)}`
  const [name, filename] = ['tools/widget', `tools/widget-${version}.tar.gz`]
  const about = { tokenName, repository: 'acme/files', format: 'raw' as const, firstAt: at, lastAt: at }
  return { ...sums(token, downloads), ...about, name, version, filename }
}

function clientsOf(at: number): readonly string[] {
  return Array.from({ length: 3 + (at % 4) }, (_, index) => `203.0.113.${10 * at + index}`)
}
