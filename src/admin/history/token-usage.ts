import { EVERYWHERE } from '../../policy/key-scope.ts'
import { isOwnerLevel } from '../../policy/owner-level.ts'
import { periodStart } from '../../policy/reset.ts'
import { scheduleOf } from '../../policy/schedule.ts'
import type { StoredToken } from '../../store/contract.ts'
import type { UsageBucket } from '../../store/contract/history.ts'
import { countClients, joinSketches, NO_CLIENTS } from '../../store/distinct-clients.ts'
import { json, NO_CONTENT, type Answer } from '../answer.ts'
import { invalid, notFound } from '../errors.ts'
import { formatInstant, formatOptional } from '../instants.ts'
import { objectNoteOf, tokenObject } from '../note.ts'
import type { AdminOptions } from '../options.ts'
import { pageHeaders, pageUrls, readPage } from '../pagination.ts'
import { pathOfToken } from '../places.ts'
import type { Call } from '../routes.ts'
import { readSearch } from '../search.ts'
import { DAY_MS, lengthOf, readInterval, startOf, type Interval } from './interval.ts'
import { renderPackage } from './packages.ts'

/** What a token used, hour by hour or day by day, with zeroes where it used nothing. */
export async function showUsage(options: AdminOptions, call: Call, token: StoredToken): Promise<Answer> {
  const span = call.query('interval') ?? 'day'
  if (span !== 'hour' && span !== 'day') {
    return invalid(new Map([['interval', ['This must be hour or day.']]]))
  }
  const now = options.clock()
  const read = readInterval(call, { from: now - (span === 'hour' ? 1 : 30) * DAY_MS, until: now + 1 })
  if (!read.ok) return invalid(read.errors)
  const interval = keptPart(options, span, read.interval)
  const { slugPerm } = token
  const buckets = await options.store.history.usage({ token: slugPerm, span, ...interval })
  return json(200, {
    interval: span,
    start: formatInstant(interval.from),
    finish: formatInstant(interval.until),
    total: renderTotal(buckets),
    buckets: fillGaps(buckets, span, interval).map(renderBucket),
  })
}

/** The hours or days of the interval, as far as they are kept and have begun. May have none. */
export function keptPart(options: AdminOptions, span: 'hour' | 'day', { from, until }: Interval): Interval {
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

/** An hour or a day as answers show it. */
export function renderBucket({
  start,
  downloads,
  bytes,
  refusals,
  clients,
}: UsageBucket): Record<string, unknown> {
  return {
    start: formatInstant(start),
    downloads,
    bandwidth: bytes,
    clients: countClients(clients),
    refusals,
  }
}

/** The same over all of them. */
export function renderTotal(buckets: readonly UsageBucket[]): {
  readonly downloads: number
  readonly bandwidth: number
  readonly clients: number
  readonly refusals: Readonly<Record<string, number>>
} {
  const refusals = new Map<string, number>()
  for (const [code, count] of buckets.flatMap((each) => Object.entries(each.refusals))) {
    refusals.set(code, (refusals.get(code) ?? 0) + count)
  }
  return {
    downloads: buckets.reduce((sum, each) => sum + each.downloads, 0),
    bandwidth: buckets.reduce((sum, each) => sum + each.bytes, 0),
    clients: countClients(joinSketches(buckets.map((each) => each.clients))),
    refusals: Object.fromEntries(refusals),
  }
}

/** The clients that count, since the counters of the token last began anew. */
export async function listClients(options: AdminOptions, call: Call, token: StoredToken): Promise<Answer> {
  const page = readPage(call.query)
  const { total, clients } = await options.store.usage.listClients({ ...periodOf(options, token), ...page })
  const shown = clients.map(({ client, downloads, firstAt, lastAt }) => ({
    address: client,
    downloads,
    first_seen_at: formatOptional(firstAt),
    last_seen_at: formatInstant(lastAt),
  }))
  return json(200, shown, pageHeaders(page, total, pageUrls(call, pathOf(token, 'clients'), page)))
}

/** Forgets a client, so that its place is free. The line in the audit log comes first: no change may be without one. */
export async function releaseClient(options: AdminOptions, call: Call, token: StoredToken): Promise<Answer> {
  const { usage, audit } = options.store
  const query = { ...periodOf(options, token), client: call.param('address') }
  if (!(await usage.releaseClient({ ...query, dryRun: true }))) return notFound()
  const note = objectNoteOf(options, call, 'repo.entitlement.client_released', tokenObject(token))
  await audit.append({ ...note, changes: { client: [query.client, null] } })
  return (await usage.releaseClient(query)) ? NO_CONTENT : notFound()
}

function periodOf({ clock }: AdminOptions, token: StoredToken) {
  return { token: token.slugPerm, periodStart: periodStart(scheduleOf(token), clock()) }
}

/**
 * The packages that the token downloaded, last used first. Whoever does not cover every repository sees those of the token's own only: a
 * token may open, or have opened, others, which are not there for them.
 */
export async function listTokenPackages(
  options: AdminOptions,
  call: Call,
  token: StoredToken,
): Promise<Answer> {
  const page = readPage(call.query)
  // What belongs to an owner opens nothing but theirs, all of which whoever finds it here covers.
  const seesAll = isOwnerLevel(token) || call.principal.coversGlobs(EVERYWHERE)
  const of = { token: token.slugPerm, repository: seesAll ? null : `${token.owner}/${token.repo}` }
  const { total, packages } = await options.store.history.packages({ of, search: readSearch(call), ...page })
  const urls = pageUrls(call, pathOf(token, 'packages'), page, ['query'])
  return json(200, packages.map(renderPackage), pageHeaders(page, total, urls))
}

function pathOf(token: StoredToken, part: string): string {
  return `${pathOfToken(token)}/${part}`
}
