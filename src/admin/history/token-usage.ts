import { EVERYWHERE } from '../../policy/key-scope.ts'
import { isOwnerLevel } from '../../policy/owner-level.ts'
import { periodStart } from '../../policy/reset.ts'
import { scheduleOf } from '../../policy/schedule.ts'
import type { StoredToken } from '../../store/contract.ts'
import { json, NO_CONTENT, type Answer } from '../answer.ts'
import { invalid, notFound } from '../errors.ts'
import { formatInstant, formatOptional } from '../instants.ts'
import { objectNoteOf, tokenObject } from '../note.ts'
import type { AdminOptions } from '../options.ts'
import { pageHeaders, pageUrls, readPage } from '../pagination.ts'
import { pathOfToken } from '../places.ts'
import type { Call } from '../routes.ts'
import { readSearch } from '../search.ts'
import { fillGaps, readSpan, renderBucket, renderTotal } from './buckets.ts'
import { renderPackage } from './packages.ts'

/** What a token used, hour by hour or day by day, with zeroes where it used nothing. */
export async function showUsage(options: AdminOptions, call: Call, token: StoredToken): Promise<Answer> {
  const read = readSpan(options, call)
  if (!read.ok) return invalid(read.errors)
  const { span, interval } = read
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
