import type { DeliveryRequest, UsageDelta } from '../../../src/store/contract.ts'
import { arrive, covers, newCopies, type Copies, type Span } from './copies.ts'
import {
  refuseBytes,
  refuseClient,
  refuseDownload,
  refusePlace,
  refuseRate,
  reservedOf,
  takeTime,
  unseen,
  type Refused,
} from './judges.ts'
import { newPage, newPeriod, periodAt, totals, type Page, type Period } from './pages.ts'

/**
 * What the accounting rules say, written down as plainly as possible: every delivery is remembered, and nothing is ever forgotten. Slow,
 * and independent of how the stores do it.
 */
export interface Books {
  /** What has to be answered; a granted delivery is written down under `id`. */
  readonly reserve: (id: string, request: DeliveryRequest) => object
  readonly settle: (id: string, sent: number, now: number) => void
  readonly record: (delta: UsageDelta) => void
  readonly reset: (token: string, now: number) => void
  readonly read: (token: string, periodStart: number | null) => object
  /** The most that may be sent of a delivery. */
  readonly lengthOf: (id: string) => number
}

interface Moving {
  readonly span: Span
  /** The downloads that it belongs to; undefined for probes and what is free. */
  readonly copies: Copies | undefined
  /** Where a probe is written down; undefined for what is none. */
  readonly probeKey: string | undefined
  readonly page: Page
  readonly period: Period
  readonly client: string
  readonly mostBytes: number
  readonly reserved: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

export function createBooks(): Books {
  const pages = new Map<string, Page>()
  const moving = new Map<string, Moving>()
  const pageOf = (token: string): Page => {
    const page = pages.get(token) ?? newPage()
    pages.set(token, page)
    return page
  }
  return {
    reserve: (id, request) => {
      const answer = reserve(pageOf(request.token), id, request)
      if ('limit' in answer) return answer
      moving.set(id, answer.moving)
      const { period, reserved } = answer.moving
      const { epoch, bytes } = period
      const { charged } = answer
      return { granted: true, charged, epoch, reservedBytes: reserved, bytes, ...totals(period) }
    },
    settle: (id, sent, now) => {
      const delivery = moving.get(id)
      moving.delete(id)
      if (delivery !== undefined) settle(delivery, id, sent, now)
    },
    record: (delta) => record(pageOf(delta.token), delta),
    reset: (token, now) => {
      const page = pageOf(token)
      page.period = newPeriod(page.period.epoch + 1, now)
    },
    read: (token, periodStart) => {
      const page = pageOf(token)
      const period = periodAt(page, periodStart)
      const { epoch, bytes, resetAt } = period
      return { epoch, bytes, resetAt, lastUsedAt: page.lastUsedAt, ...totals(period) }
    },
    lengthOf: (id) => moving.get(id)?.mostBytes ?? 0,
  }
}

function reserve(
  page: Page,
  id: string,
  request: DeliveryRequest,
): { moving: Moving; charged: number } | Refused {
  const period = periodAt(page, request.periodStart)
  const plan = request.kind === 'free' ? 'free' : planDownload(period, request)
  const refusal =
    refuseRate(page, request) ??
    refusePlace(page, request) ??
    (plan === 'charge' ? refuseDownload(period, request) : undefined) ??
    (plan === 'charge' || plan === 'cover' ? refuseClient(period, request) : undefined) ??
    refuseBytes(period, request)
  if (refusal !== undefined) return refusal
  page.period = period
  page.lastUsedAt = Math.max(page.lastUsedAt ?? 0, request.now)
  if (typeof request.limitRate === 'number') takeTime(page, request.limitRate, request.now)
  if (typeof request.limitConcurrency === 'number' && plan !== 'free') page.places.add(id)
  const moving = newMoving(page, period, request, plan)
  period.bytes += moving.reserved
  if (plan === 'charge' || plan === 'cover') seeClient(period, request)
  if (plan === 'charge') period.downloads.set(request.client, (period.downloads.get(request.client) ?? 0) + 1)
  moving.copies?.moving.add(moving.span)
  return { moving, charged: plan === 'charge' ? 1 : 0 }
}

function seeClient(period: Period, request: DeliveryRequest): void {
  const { client, limitClients, now } = request
  const gone = unseen(period, request)
  const isKnown = period.seen.has(client) && !gone.includes(client)
  const isFull = new Set(period.seen.keys()).add(client).size > (limitClients ?? Infinity)
  if (!isKnown && isFull) for (const each of gone) period.seen.delete(each)
  period.seen.set(client, Math.max(period.seen.get(client) ?? 0, now))
}

type Plan = 'free' | 'cover' | 'probe' | 'charge'

function planDownload(period: Period, request: DeliveryRequest): Plan {
  const copies = openCopies(period, request)
  if (copies !== undefined && covers(copies, request)) return 'cover'
  return fitsProbe(period, request) ? 'probe' : 'charge'
}

/** The downloads that a further delivery may belong to. */
function openCopies(period: Period, { client, artifact, now }: DeliveryRequest): Copies | undefined {
  const last = period.copies.get(`${client} ${artifact}`)
  return last?.isOpen === true && now < last.chargedAt + HOUR_MS ? last : undefined
}

function probeKeyOf({ client, artifact, now }: DeliveryRequest): string {
  return `${client} ${artifact} ${Math.floor(now / DAY_MS)}`
}

function fitsProbe(period: Period, request: DeliveryRequest): boolean {
  const { size, start, end } = request
  if (size === null || end - start >= size) return false
  const probed = (period.probes.get(probeKeyOf(request)) ?? 0) + end - start
  return probed <= Math.min(131_072, Math.floor(size / 8))
}

/** Opens what the delivery needs, and closes what is over. */
function newMoving(page: Page, period: Period, request: DeliveryRequest, plan: Plan): Moving {
  const { size, start, end, client, artifact } = request
  const key = `${client} ${artifact}`
  const [last, open] = [period.copies.get(key), openCopies(period, request)]
  if (plan !== 'free' && last !== undefined && request.now >= last.chargedAt + HOUR_MS) last.isOpen = false
  const copies = plan === 'charge' ? chargedCopies(open, request) : open
  if (plan === 'charge' && copies !== undefined) period.copies.set(key, copies)
  const probeKey = plan === 'probe' ? probeKeyOf(request) : undefined
  if (probeKey !== undefined) period.probes.set(probeKey, (period.probes.get(probeKey) ?? 0) + end - start)
  const reserved = reservedOf(period, request)
  const mostBytes = size === null ? reserved || 30 : end - start
  const span = { start, end }
  const isCounted = plan === 'charge' || plan === 'cover'
  return {
    page,
    period,
    client,
    span,
    copies: isCounted ? copies : undefined,
    probeKey,
    reserved,
    mostBytes,
  }
}

/** A download is added where something is still to be had; what the others have used up has nothing left for this one. */
function chargedCopies(open: Copies | undefined, { size, now }: DeliveryRequest): Copies {
  const isWorthMore = open !== undefined && open.paid > open.copies
  if (open !== undefined && !isWorthMore) open.isOpen = false
  const copies = isWorthMore ? open : newCopies(size)
  copies.paid++
  copies.chargedAt = now
  return copies
}

function settle(delivery: Moving, id: string, sent: number, now: number): void {
  const { page, period, copies, probeKey, span, client, reserved } = delivery
  page.places.delete(id)
  period.bytes += sent - reserved
  if (page.period === period) page.lastUsedAt = Math.max(page.lastUsedAt ?? 0, now)
  if (probeKey !== undefined) {
    period.probes.set(probeKey, (period.probes.get(probeKey) ?? 0) - (span.end - span.start - sent))
  }
  if (copies?.isOpen === true) giveBack(period, client, arrive(copies, span, sent))
}

/** A client of whom nothing is left is none. */
function giveBack(period: Period, client: string, downloads: number): void {
  if (downloads === 0) return
  const left = (period.downloads.get(client) ?? 0) - downloads
  period.downloads.set(client, left)
  if (left <= 0) period.seen.delete(client)
}

function record(page: Page, delta: UsageDelta): void {
  const period = periodAt(page, delta.periodStart)
  if (delta.lastUsedAt < (period.resetAt ?? -Infinity)) return
  page.period = period
  page.lastUsedAt = Math.max(page.lastUsedAt ?? 0, delta.lastUsedAt)
  period.bytes += delta.bytes
  for (const [client, downloads] of delta.clients) {
    period.downloads.set(client, (period.downloads.get(client) ?? 0) + downloads)
    period.seen.set(client, Math.max(period.seen.get(client) ?? 0, delta.lastUsedAt))
  }
}
