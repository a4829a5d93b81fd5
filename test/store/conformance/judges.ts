import type { DeliveryRequest } from '../../../src/store/contract.ts'
import { totals, type Page, type Period } from './pages.ts'

export interface Refused {
  readonly granted: false
  readonly limit: string
  readonly used: number
  readonly retryAfterMs?: number
}

export function refuseRate(page: Page, { limitRate, now }: DeliveryRequest): Refused | undefined {
  if (typeof limitRate !== 'number') return undefined
  const [takesUs, burst] = [Math.floor(1_000_000 / limitRate), Math.max(1, Math.floor(limitRate))]
  const excessUs = busyAt(page, now) + takesUs - burst * takesUs
  const retryAfterMs = Math.ceil(excessUs / 1_000)
  return excessUs > 0 ? { granted: false, limit: 'rate', used: burst, retryAfterMs } : undefined
}

export function takeTime(page: Page, limitRate: number, now: number): void {
  page.busyUs = busyAt(page, now) + Math.floor(1_000_000 / limitRate)
  page.busyAt = now
}

function busyAt(page: Page, now: number): number {
  return Math.max(0, page.busyUs - (now - page.busyAt) * 1_000)
}

export function refusePlace(
  { places }: Page,
  { limitConcurrency, kind }: DeliveryRequest,
): Refused | undefined {
  if (typeof limitConcurrency !== 'number' || kind === 'free' || places.size < limitConcurrency)
    return undefined
  return { granted: false, limit: 'concurrency', used: places.size }
}

export function refuseDownload(period: Period, { limitDownloads }: DeliveryRequest): Refused | undefined {
  const { downloads } = totals(period)
  if (limitDownloads === null || downloads < limitDownloads) return undefined
  return { granted: false, limit: 'downloads', used: downloads }
}

/** Those last seen so long ago no longer count, once somebody needs their place. */
export function unseen({ seen }: Period, { clientsWindowMs, now }: DeliveryRequest): string[] {
  if (typeof clientsWindowMs !== 'number') return []
  return [...seen].filter(([, at]) => now - at >= clientsWindowMs).map(([client]) => client)
}

export function refuseClient(period: Period, request: DeliveryRequest): Refused | undefined {
  const { client, limitClients } = request
  const gone = unseen(period, request)
  const counting = [...period.seen.keys()].filter((each) => !gone.includes(each))
  if (limitClients === null || counting.includes(client) || counting.length < limitClients) return undefined
  // Who comes back needs no place while there is room for all of them, and then fewer count than the limit.
  return { granted: false, limit: 'clients', used: counting.length }
}

export function reservedOf({ bytes }: Period, { size, start, end, limitBytes }: DeliveryRequest): number {
  if (typeof limitBytes !== 'number') return 0
  return size === null ? Math.max(1, limitBytes - bytes) : end - start
}

export function refuseBytes(period: Period, request: DeliveryRequest): Refused | undefined {
  const reserved = reservedOf(period, request)
  const fits = reserved === 0 || period.bytes + reserved <= (request.limitBytes ?? Infinity)
  return fits ? undefined : { granted: false, limit: 'bytes', used: period.bytes }
}
