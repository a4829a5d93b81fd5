import type { DeliveryRequest } from '../../../src/store/contract.ts'

/**
 * What the accounting rules say, written down as plainly as possible: every delivery is remembered, files are sets of bytes, and
 * nothing is ever forgotten. Slow, and independent of how the stores do it.
 *
 * A download covers the deliveries of one artifact to one client for an hour, until the file was sent once or twice its size has
 * gone out; what was on its way before counts as if it will arrive. What turns out not to have been needed is given back.
 */
export interface Books {
  /** What has to be answered; a granted delivery is written down under `id`. */
  readonly reserve: (id: string, request: DeliveryRequest) => object
  readonly settle: (id: string, sent: number) => void
  readonly reset: (token: string) => void
  readonly read: (token: string) => object
  readonly lengthOf: (id: string) => number
}

/** Downloads of one artifact by one client that belong together. */
interface Account {
  readonly size: number
  isOpen: boolean
  chargedAt: number
  paid: number
  /** Downloads that are over: a whole copy was sent, or twice the size. */
  copies: number
  bytes: number
  /** Bytes of the next copy that cut and ranged deliveries have sent. */
  pieces: ReadonlySet<number>
  readonly moving: Set<Moving>
}

interface Moving {
  readonly start: number
  readonly end: number
  readonly account: Account | undefined
  /** Where a probe is written down; undefined for what is none. */
  readonly probeKey: string | undefined
  readonly period: Period
  readonly client: string
}

/** What a token has used since its last reset. */
interface Period {
  readonly epoch: number
  bytes: number
  readonly downloads: Map<string, number>
  readonly accounts: Map<string, Account>
  readonly probes: Map<string, number>
}

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

export function createBooks(): Books {
  const periods = new Map<string, Period>()
  const moving = new Map<string, Moving>()
  const periodOf = (token: string): Period => {
    const period = periods.get(token) ?? newPeriod(0)
    periods.set(token, period)
    return period
  }
  return {
    reserve: (id, request) => {
      const period = periodOf(request.token)
      const answer = reserve(period, request)
      if (!('moving' in answer)) return answer
      moving.set(id, answer.moving)
      return { granted: true, charged: answer.charged, epoch: period.epoch, ...totals(period) }
    },
    settle: (id, sent) => {
      const delivery = moving.get(id)
      moving.delete(id)
      if (delivery !== undefined) settle(delivery, sent)
    },
    reset: (token) => void periods.set(token, newPeriod(periodOf(token).epoch + 1)),
    read: (token) => {
      const period = periodOf(token)
      return { epoch: period.epoch, bytes: period.bytes, ...totals(period) }
    },
    lengthOf: (id) => {
      const delivery = moving.get(id)
      return delivery === undefined ? 0 : delivery.end - delivery.start
    },
  }
}

function newPeriod(epoch: number): Period {
  return { epoch, bytes: 0, downloads: new Map(), accounts: new Map(), probes: new Map() }
}

function totals({ downloads }: Period): { downloads: number; clients: number } {
  const counts = [...downloads.values()].filter((count) => count > 0)
  return { downloads: counts.reduce((sum, count) => sum + count, 0), clients: counts.length }
}

interface Granted {
  readonly moving: Moving
  readonly charged: number
}

interface Refused {
  readonly granted: false
  readonly limit: string
  readonly used: number
}

function reserve(period: Period, request: DeliveryRequest): Granted | Refused {
  const { client, artifact, now } = request
  const last = period.accounts.get(`${client} ${artifact}`)
  const isOver = last !== undefined && now >= last.chargedAt + HOUR_MS
  const account = last?.isOpen === true && !isOver ? last : undefined
  const answer = cover(period, request, account) ?? probe(period, request) ?? charge(period, request, account)
  if ('moving' in answer && last !== undefined && isOver) last.isOpen = false
  return answer
}

function cover(period: Period, request: DeliveryRequest, account: Account | undefined): Granted | undefined {
  if (account === undefined) return undefined
  const moving = newMoving(period, request, { account })
  if (needed(account, moving) > account.paid) return undefined
  account.moving.add(moving)
  return { moving, charged: 0 }
}

function probe(period: Period, request: DeliveryRequest): Granted | undefined {
  const { client, artifact, start, end, now } = request
  const size = request.size ?? Infinity
  const probeKey = `${client} ${artifact} ${Math.floor(now / DAY_MS)}`
  const probed = (period.probes.get(probeKey) ?? 0) + end - start
  if (end - start >= size || probed > Math.min(131_072, Math.floor(size / 8))) return undefined
  period.probes.set(probeKey, probed)
  return { moving: newMoving(period, request, { probeKey }), charged: 0 }
}

function charge(period: Period, request: DeliveryRequest, last: Account | undefined): Granted | Refused {
  const { client, artifact, now } = request
  const limit = usedUp(period, request)
  if (limit !== undefined) return limit
  const account = chargeable(last) ?? newAccount(request.size ?? Infinity)
  // What the others have used up has nothing left for this one.
  if (last !== undefined && last !== account) last.isOpen = false
  const moving = newMoving(period, request, { account })
  account.paid++
  account.chargedAt = now
  account.moving.add(moving)
  period.accounts.set(`${client} ${artifact}`, account)
  period.downloads.set(client, (period.downloads.get(client) ?? 0) + 1)
  return { moving, charged: 1 }
}

function newMoving(
  period: Period,
  { client, start, end }: DeliveryRequest,
  belongsTo: { readonly account?: Account; readonly probeKey?: string },
): Moving {
  return { period, client, start, end, account: belongsTo.account, probeKey: belongsTo.probeKey }
}

/** An account on which something is still to be had; a further download is added to it. */
function chargeable(account: Account | undefined): Account | undefined {
  return account !== undefined && account.paid > account.copies ? account : undefined
}

function newAccount(size: number): Account {
  return {
    size,
    isOpen: true,
    chargedAt: 0,
    paid: 0,
    copies: 0,
    bytes: 0,
    pieces: new Set(),
    moving: new Set(),
  }
}

function usedUp(period: Period, request: DeliveryRequest): Refused | undefined {
  const { client, limitDownloads, limitClients } = request
  const { downloads, clients } = totals(period)
  if (limitDownloads !== null && downloads >= limitDownloads) {
    return { granted: false, limit: 'downloads', used: downloads }
  }
  const isKnown = (period.downloads.get(client) ?? 0) > 0
  if (limitClients === null || isKnown || clients < limitClients) return undefined
  return { granted: false, limit: 'clients', used: clients }
}

/** Downloads that these deliveries are, if everything on its way arrives. */
function needed(account: Account, extra?: Moving): number {
  const { size, copies, bytes, pieces } = account
  const moving = [...account.moving, ...(extra ? [extra] : [])]
  const parts = moving.filter((each) => each.end - each.start < size)
  const union = parts.reduce((sum, each) => sum.union(bytesOf(each.start, each.end)), pieces)
  const whole = moving.length - parts.length + (parts.length > 0 && union.size === size ? 1 : 0)
  const total = bytes + [...account.moving].reduce((sum, each) => sum + each.end - each.start, 0)
  const doubles = total / (2 * size)
  const byBytes = extra === undefined ? Math.ceil(doubles) : Math.floor(doubles) + 1
  return Math.max(copies + whole, copies + Math.min(1, moving.length), byBytes)
}

function settle(delivery: Moving, sent: number): void {
  const { account, period, probeKey, start, end } = delivery
  period.bytes += sent
  if (probeKey !== undefined) {
    period.probes.set(probeKey, (period.probes.get(probeKey) ?? 0) - (end - start - sent))
  }
  if (account === undefined || !account.isOpen) return
  account.moving.delete(delivery)
  account.bytes += sent
  if (sent === account.size) account.copies++
  else addPieces(account, bytesOf(start, start + sent))
  giveBack(account, delivery)
  if (account.paid === account.copies && account.moving.size === 0) account.isOpen = false
}

function addPieces(account: Account, bytes: ReadonlySet<number>): void {
  account.pieces = account.pieces.union(bytes)
  const isDouble = account.bytes >= 2 * account.size * (account.copies + 1)
  if (account.pieces.size < account.size && !isDouble) return
  account.copies++
  account.pieces = new Set()
}

function giveBack(account: Account, { period, client }: Moving): void {
  const refund = Math.max(0, account.paid - needed(account))
  account.paid -= refund
  period.downloads.set(client, (period.downloads.get(client) ?? 0) - refund)
}

function bytesOf(start: number, end: number): Set<number> {
  return new Set(Array.from({ length: end - start }, (_, index) => start + index))
}
