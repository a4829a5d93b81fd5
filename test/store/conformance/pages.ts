import type { Copies } from './copies.ts'

/** All about one token. */
export interface Page {
  period: Period
  lastUsedAt: number | null
  /** Requests that still fill the second, as µs of it that they take. */
  busyUs: number
  busyAt: number
  /** Deliveries that hold a place under a limit on concurrency. */
  readonly places: Set<string>
}

/** What a token has used since its last reset. */
export interface Period {
  readonly epoch: number
  readonly resetAt: number | null
  bytes: number
  readonly downloads: Map<string, number>
  /** When each client that counts was last seen. */
  readonly seen: Map<string, number>
  readonly copies: Map<string, Copies>
  readonly probes: Map<string, number>
}

export function newPage(): Page {
  return { period: newPeriod(0, null), lastUsedAt: null, busyUs: 0, busyAt: 0, places: new Set() }
}

export function newPeriod(epoch: number, resetAt: number | null): Period {
  return {
    epoch,
    resetAt,
    bytes: 0,
    downloads: new Map(),
    seen: new Map(),
    copies: new Map(),
    probes: new Map(),
  }
}

/** The period that a request belongs to; a new one is not begun yet. */
export function periodAt({ period }: Page, periodStart: number | null | undefined): Period {
  const isOver = typeof periodStart === 'number' && periodStart > (period.resetAt ?? -Infinity)
  return isOver ? newPeriod(period.epoch + 1, periodStart) : period
}

export function totals({ downloads, seen }: Period): { downloads: number; clients: number } {
  return { downloads: [...downloads.values()].reduce((sum, count) => sum + count, 0), clients: seen.size }
}
