import { rateOf } from '../../policy/rate.ts'
import type { DeliveryRequest, Exhausted, Reservation } from '../contract.ts'
import { unavailable } from './errors.ts'
import type { Keys } from './keys.ts'
import type { Living } from './processes.ts'
import type { Scripts } from './scripts.ts'
import type { Trace } from './traces.ts'
import type { Outcome } from './turn-batch.ts'

/** A delivery with the id that it gets if it is granted. */
export interface Reserving {
  readonly id: string
  readonly request: DeliveryRequest
}

/** `unsure`: it has to be asked again, together with who lives. */
export type ReserveAnswer = Reservation | Exhausted | 'unsure'

/** Codes of reserve.lua; those between are LIMITS. */
const GRANTED = 0
const UNSURE = 6
const SETTLED = 8
const LIMITS: Readonly<Record<number, Exhausted['limit']>> = {
  1: 'rate',
  2: 'concurrency',
  3: 'downloads',
  4: 'clients',
  5: 'bytes',
}
const VALUES_EACH = 7
const NONE = '-'
const READY = 'ready'
const MOST = Number.MAX_SAFE_INTEGER
/** A burst that nobody reaches, and that is written without an exponent. */
const LARGEST_BURST = 1_000_000_000_000_000
/** How a rate that allows nothing is written. */
const NO_RATE = '1,0'

/** Letters in a reservation's id, by which settling knows what to undo. */
export const FREE_MARK = 'f'
export const PLACE_MARK = 'p'

export function marksFor(request: DeliveryRequest): string {
  if (request.kind === 'free') return FREE_MARK
  return takesPlaceOf(request) ? PLACE_MARK : ''
}

/** The three keys of a delivery: see reserve.lua. */
export function pushKeys(
  into: string[],
  keys: Keys,
  { token, client, artifact }: Pick<DeliveryRequest, 'token' | 'client' | 'artifact'>,
  id: string,
  isFree: boolean,
): void {
  const delivery = isFree ? keys.free(token, id) : keys.ledger(token, client, artifact)
  into.push(keys.usage(token), keys.clients(token), delivery)
}

/** Who asks. */
export interface Asking {
  /** Number of this process. */
  readonly own: string
  /** undefined: nobody looked. */
  readonly living: Living | undefined
  /** undefined: nothing is to be settled at once. */
  readonly trace: Trace | undefined
}

/** Asks for all of them in one call. */
export async function reserveAll(
  scripts: Pick<Scripts, 'reserve'>,
  keys: Keys,
  { own, living, trace }: Asking,
  items: readonly Reserving[],
): Promise<readonly Outcome<ReserveAnswer>[]> {
  const allKeys: string[] = []
  const values: (string | number)[] = [items.length, own, living?.highest ?? '', living?.numbers ?? '']
  for (const { id, request } of items) pushKeys(allKeys, keys, request, id, request.kind === 'free')
  if (trace === undefined) values.push('', '', '')
  else values.push(allKeys.push(trace.key), trace.name, trace.forgotten.join(' '))
  for (const { id, request } of items) {
    const takesPlace = takesPlaceOf(request)
    if (takesPlace) allKeys.push(keys.places(request.token))
    pushValues(values, { id, request }, takesPlace ? allKeys.length : NONE, trace !== undefined)
  }
  const answers = await scripts.reserve(allKeys, values)
  return items.map((item, index) => toOutcome(item, answers, index * VALUES_EACH))
}

function takesPlaceOf({ kind, limitConcurrency }: DeliveryRequest): boolean {
  return kind !== 'free' && limitConcurrency !== null && limitConcurrency !== undefined
}

/** True for what may be settled as it is charged. What takes a place is under way until it gives it up. */
export function isReady({ request }: Pick<Reserving, 'request'>): boolean {
  return request.isReady === true && request.size !== null && !takesPlaceOf(request)
}

function pushValues(
  values: (string | number)[],
  { id, request }: Reserving,
  placesKey: number | string,
  isTraced: boolean,
): void {
  const { client, size, now, limitDownloads, limitClients, limitBytes } = request
  values.push(id, client, size ?? '', now)
  values.push(wholeLimit(limitDownloads), wholeLimit(limitClients), wholeLimit(limitBytes))
  const mayBeSettled = isTraced && isReady({ request })
  const plain = mayBeSettled ? READY : ''
  values.push(isPlain(request) ? plain : restOf(request, placesKey, mayBeSettled))
}

/** True for a whole download of which nothing else is said. */
function isPlain(request: DeliveryRequest): boolean {
  const { kind, size, start, end, dryRun, limitConcurrency, clientsWindowMs, limitRate, periodStart } =
    request
  return (
    size !== null &&
    start === 0 &&
    end === size &&
    kind !== 'free' &&
    dryRun !== true &&
    (limitConcurrency ?? clientsWindowMs ?? limitRate ?? periodStart ?? null) === null
  )
}

function restOf(request: DeliveryRequest, placesKey: number | string, mayBeSettled: boolean): string {
  const { start, end, kind = 'download', dryRun, limitConcurrency, clientsWindowMs, periodStart } = request
  const window = clientsWindowMs ?? NONE
  const limitPlaces = wholeLimit(limitConcurrency)
  const dry = dryRun === true ? 1 : 0
  const ready = mayBeSettled ? 1 : 0
  return `${start} ${end} ${kind} ${dry} ${ready} ${limitPlaces === '' ? NONE : limitPlaces} ${placesKey} ${window} ${rateValue(request.limitRate)} ${periodStart ?? NONE}`
}

/** A limit as the whole number that it allows. */
function wholeLimit(limit: number | null | undefined): string | number {
  if (limit === null || limit === undefined) return ''
  return limit >= 0 ? Math.floor(Math.min(limit, MOST)) : 0
}

function rateValue(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return NONE
  const { intervalUs, burst } = rateOf(perSecond)
  return intervalUs === null ? NO_RATE : `${intervalUs},${Math.min(burst, LARGEST_BURST)}`
}

function toOutcome(
  { id, request }: Reserving,
  answers: readonly (number | string)[],
  at: number,
): Outcome<ReserveAnswer> {
  const code = Number(answers[at])
  const value = (offset: number): number => Number(answers[at + offset])
  if (code === GRANTED || code === SETTLED) {
    const { token, client, artifact } = request
    return {
      answer: {
        granted: true,
        id,
        token,
        client,
        artifact,
        epoch: value(1),
        charged: value(2),
        reservedBytes: value(3),
        downloads: value(4),
        clients: value(5),
        bytes: value(6),
        ...(code === SETTLED && { isSettled: true as const }),
      },
    }
  }
  const limit = LIMITS[code]
  if (limit === 'rate') {
    return { answer: { granted: false, limit, used: value(1), retryAfterMs: value(2) } }
  }
  if (limit !== undefined) return { answer: { granted: false, limit, used: value(1) } }
  if (code === UNSURE) return { answer: 'unsure' }
  return { error: unavailable(String(answers[at + 1])) }
}
