import { admit, type Ledger } from '../../policy/ledger.ts'
import { judgeRate, rateOf } from '../../policy/rate.ts'
import type { DeliveryRequest, Exhausted, Reservation } from '../contract.ts'
import { isWithin, later, MOST, saturate } from './counters.ts'
import { inPeriod } from './epochs.ts'
import type { Processes } from './processes.ts'
import { isListed, listedId } from './reservation-id.ts'
import type { StoredUsage, UsageRows } from './usage-rows.ts'

export interface Accounting {
  readonly rows: UsageRows
  readonly processes: Pick<Processes, 'nextId' | 'isAlive' | 'isRunning'>
}

/** What a delivery takes of the limits, all of which have room for it. */
interface Claim {
  readonly downloads: 0 | 1
  /** Undefined for a free delivery, and for one that is settled at once. */
  readonly ledger: Ledger | undefined
  /** Undefined for what makes nobody a client. */
  readonly place: Place | undefined
}

/** A client's place among the others. */
interface Place {
  /** How many clients there are with it. */
  readonly clients: number
  /** Those last seen then or before are forgotten for it. */
  readonly unseenSince: number | undefined
}

const FREE: Claim = { downloads: 0, ledger: undefined, place: undefined }

/** Charges a delivery, or tells the first limit without room for it, and then has changed nothing. Belongs inside a transaction. */
export function reserve(accounting: Accounting, request: DeliveryRequest): Reservation | Exhausted {
  const { token, client, artifact } = request
  const before = accounting.rows.usage(token)
  const usage = inPeriod(before, request.periodStart)
  const id = nameReservation(accounting, request)
  const time = claimTime(request, usage)
  if ('limit' in time) return time
  const claim = request.kind === 'free' ? FREE : claimDownload(accounting, request, usage, id)
  if ('limit' in claim) return claim
  const isSettled = request.isReady === true && claim.ledger === undefined
  const body = claimBytes(request, usage, isSettled)
  if ('limit' in body) return body
  const after = charge(usage, { ...claim, ...time, ...body }, request.now)
  if (request.dryRun !== true) keep(accounting.rows, request, { id, before, after, claim })
  const { epoch, downloads, clients, bytes } = after
  const [charged, { reservedBytes }] = [claim.downloads, body]
  return {
    granted: true,
    id,
    token,
    client,
    artifact,
    epoch,
    charged,
    reservedBytes,
    downloads,
    clients,
    bytes,
    ...(isSettled && SETTLED),
  }
}

const SETTLED = { isSettled: true } as const

/** A free body is listed because it has no ledger, a download if it holds a place; what is settled at once need not be found again. */
function nameReservation({ processes }: Accounting, request: DeliveryRequest): string {
  const { kind, size, start, end, limitConcurrency = null, isReady } = request
  const isToBeListed =
    kind === 'free' ? isReady !== true && (size === null || end > start) : limitConcurrency !== null
  return isToBeListed ? listedId(processes.nextId()) : processes.nextId()
}

/** The state of the rate after this request. */
function claimTime(
  { limitRate, now }: DeliveryRequest,
  { busyUntilUs }: StoredUsage,
): { readonly busyUntilUs: number | null } | Exhausted {
  if (limitRate === null || limitRate === undefined) return { busyUntilUs }
  const rate = rateOf(limitRate)
  const verdict = judgeRate(rate, busyUntilUs ?? undefined, now)
  if (verdict.allowed) return verdict
  return { granted: false, limit: 'rate', used: rate.burst, retryAfterMs: verdict.retryAfterMs }
}

function claimDownload(
  accounting: Accounting,
  request: DeliveryRequest,
  usage: StoredUsage,
  id: string,
): Claim | Exhausted {
  const { rows, processes } = accounting
  const { token, client, artifact, limitDownloads } = request
  const crowded = findCrowded(accounting, request)
  if (crowded !== undefined) return crowded
  const known = rows.ledger(token, client, artifact, usage.epoch)
  const { ledger, cost } = admit(known, { ...request, id }, processes.isAlive)
  if (cost > 0 && !isWithin(limitDownloads, usage.downloads + cost)) {
    return { granted: false, limit: 'downloads', used: usage.downloads }
  }
  // A probe makes nobody a client.
  const place = ledger.underway.at(-1)?.kind === 'probe' ? undefined : findPlace(rows, request, usage)
  if (place !== undefined && 'limit' in place) return place
  return { downloads: cost, ledger: leavesNothing(request, known) ? undefined : ledger, place }
}

/** A whole copy that was sent is all of its download: where no other delivery has to do with it, there is nothing to remember. */
function leavesNothing(request: DeliveryRequest, known: Ledger | undefined): boolean {
  const { isReady, size, start, end, limitConcurrency = null } = request
  return isReady === true && known === undefined && limitConcurrency === null && start === 0 && end === size
}

function findCrowded(
  { rows, processes }: Accounting,
  { token, limitConcurrency }: DeliveryRequest,
): Exhausted | undefined {
  if (limitConcurrency === null || limitConcurrency === undefined) return undefined
  const living = rows.placesHeld(token).filter(({ process }) => processes.isRunning(process))
  const used = living.reduce((sum, { places }) => sum + places, 0)
  return isWithin(limitConcurrency, used + 1) ? undefined : { granted: false, limit: 'concurrency', used }
}

function findPlace(rows: UsageRows, request: DeliveryRequest, usage: StoredUsage): Place | Exhausted {
  const { token, client, now, limitClients, clientsWindowMs: windowMs = null } = request
  const row = rows.client(token, usage.epoch, client)
  const isCounted = row?.isCounted === true
  const unseenSince = windowMs === null ? -Infinity : now - windowMs
  if (isCounted && row.lastAt > unseenSince) return { clients: usage.clients, unseenSince: undefined }
  const clients = usage.clients + Number(!isCounted)
  if (isWithin(limitClients, clients)) return { clients, unseenSince: undefined }
  const unseen = windowMs === null ? 0 : rows.countUnseen(token, usage.epoch, unseenSince)
  const used = usage.clients - unseen
  if (!isWithin(limitClients, used + 1)) return { granted: false, limit: 'clients', used }
  return { clients: used + 1, unseenSince }
}

/** Bytes to reserve: 0 where they are not limited and not known to be sent. */
function claimBytes(
  { size, start, end, limitBytes }: DeliveryRequest,
  { bytes }: StoredUsage,
  isSettled: boolean,
): { readonly reservedBytes: number } | Exhausted {
  if (limitBytes === null || limitBytes === undefined) return { reservedBytes: isSettled ? end - start : 0 }
  const left = Math.floor(Math.min(limitBytes, MOST)) - bytes
  const needed = size === null ? Math.max(1, left) : Math.max(0, end - start)
  if (needed === 0 || needed <= left) return { reservedBytes: needed }
  return { granted: false, limit: 'bytes', used: bytes }
}

/** Usage after the delivery was charged. */
function charge(
  usage: StoredUsage,
  claim: Claim & { readonly busyUntilUs: number | null; readonly reservedBytes: number },
  now: number,
): StoredUsage {
  const { downloads, place, reservedBytes, busyUntilUs } = claim
  return {
    ...usage,
    downloads: saturate(usage.downloads + downloads),
    clients: place === undefined ? usage.clients : place.clients,
    bytes: saturate(usage.bytes + reservedBytes),
    lastUsedAt: later(usage.lastUsedAt, now),
    busyUntilUs,
  }
}

interface Charged {
  readonly id: string
  readonly before: StoredUsage
  readonly after: StoredUsage
  readonly claim: Claim
}

/** Writes down what was charged. */
function keep(rows: UsageRows, request: DeliveryRequest, { id, before, after, claim }: Charged): void {
  const { token, client, artifact, now } = request
  const { ledger, place, downloads } = claim
  rows.saveUsage(token, before, after)
  if (place?.unseenSince !== undefined) rows.forgetUnseen(token, after.epoch, place.unseenSince)
  if (place !== undefined) rows.seeClient(token, after.epoch, client, downloads, now)
  if (ledger !== undefined) rows.saveLedger(token, client, artifact, after.epoch, ledger, now)
  if (isListed(id)) rows.addUnderway(token, id, ledger !== undefined)
}
