import type { UsageBucket } from '../../store/contract/history.ts'
import { countClients, joinSketches, NO_CLIENTS } from '../../store/distinct-clients.ts'
import type { FieldErrors } from '../errors.ts'
import { formatInstant } from '../instants.ts'
import type { AdminOptions } from '../options.ts'
import type { Call } from '../routes.ts'
import { DAY_MS, lengthOf, readInterval, startOf, type Interval } from './interval.ts'

type Read =
  | { readonly ok: true; readonly span: 'hour' | 'day'; readonly interval: Interval }
  | { readonly ok: false; readonly errors: FieldErrors }

/** Reads `interval`, `start` and `finish`. What is left out is the last thirty days by the day, or the last day by the hour. */
export function readSpan(options: AdminOptions, call: Pick<Call, 'query'>): Read {
  const span = call.query('interval') ?? 'day'
  if (span !== 'hour' && span !== 'day')
    return { ok: false, errors: new Map([['interval', ['This must be hour or day.']]]) }
  const now = options.clock()
  const read = readInterval(call, { from: now - (span === 'hour' ? 1 : 30) * DAY_MS, until: now + 1 })
  return read.ok ? { ok: true, span, interval: keptPart(options, span, read.interval) } : read
}

/** The hours or days of the interval, as far as they are kept and have begun. May have none. */
function keptPart(options: AdminOptions, span: 'hour' | 'day', { from, until }: Interval): Interval {
  const { hoursMs, daysMs } = options.historyKept()
  const [now, length] = [options.clock(), lengthOf(span)]
  const oldest = startOf(span, now - (span === 'hour' ? hoursMs : daysMs)) + length
  const first = Math.max(startOf(span, from), oldest)
  const end = Math.min(startOf(span, until - 1), startOf(span, now)) + length
  return { from: first, until: Math.max(first, end) }
}

/** With zeroes where nothing happened. */
export function fillGaps(
  buckets: readonly UsageBucket[],
  span: 'hour' | 'day',
  { from, until }: Interval,
): UsageBucket[] {
  const known = new Map(buckets.map((each) => [each.start, each]))
  const length = lengthOf(span)
  return Array.from({ length: (until - from) / length }, (_, index) => {
    const start = from + index * length
    return known.get(start) ?? { start, downloads: 0, bytes: 0, refusals: {}, clients: NO_CLIENTS }
  })
}

type Sums = Omit<UsageBucket, 'start'>

/** All of them together. */
export function sumUp(buckets: readonly UsageBucket[]): Sums {
  const refusals = new Map<string, number>()
  for (const [code, count] of buckets.flatMap((each) => Object.entries(each.refusals))) {
    refusals.set(code, (refusals.get(code) ?? 0) + count)
  }
  return {
    downloads: buckets.reduce((sum, each) => sum + each.downloads, 0),
    bytes: buckets.reduce((sum, each) => sum + each.bytes, 0),
    refusals: Object.fromEntries(refusals),
    clients: joinSketches(buckets.map((each) => each.clients)),
  }
}

/** Sums as answers show them. */
interface RenderedSums {
  readonly downloads: number
  readonly bandwidth: number
  readonly clients: number
  readonly refusals: Readonly<Record<string, number>>
}

function renderSums({ downloads, bytes, refusals, clients }: Sums): RenderedSums {
  return { downloads, bandwidth: bytes, clients: countClients(clients), refusals }
}

/** An hour or a day as answers show it. */
export function renderBucket(bucket: UsageBucket): RenderedSums & { readonly start: string } {
  return { start: formatInstant(bucket.start), ...renderSums(bucket) }
}

/** The same over all of them. */
export function renderTotal(buckets: readonly UsageBucket[]): RenderedSums {
  return renderSums(sumUp(buckets))
}
