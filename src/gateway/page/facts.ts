import { whyIdle } from '../../policy/decide.ts'
import { lacksAcceptance } from '../../policy/eula.ts'
import { refuse, type Refusal } from '../../policy/refusal.ts'
import { nextPeriodStart } from '../../policy/reset.ts'
import { scheduleOf } from '../../policy/schedule.ts'
import type { EulaAcceptance, Token } from '../../policy/types.ts'
import type { Terms } from '../eula/terms.ts'
import { exhausted } from '../exhausted.ts'
import type { Served } from '../routes.ts'
import type { KnownPackages } from './known-packages.ts'
import type { DayOfUse, Gathered } from './gather.ts'

/** One of the things that a token may have a limit for, in downloads, addresses or bytes. */
export interface Measure {
  /** null: not limited. */
  readonly limit: number | null
  /** null: the store did not say. */
  readonly used: number | null
  readonly left: number | null
}

/** What has to be accepted with a token in a repository. */
export interface EulaFacts {
  readonly terms: Terms
  /** Of this revision, or of an earlier one, which is no longer enough. */
  readonly accepted: EulaAcceptance | undefined
  readonly isLacking: boolean
}

/** What a page says of a token. Times are epoch ms. */
export interface TokenFacts {
  readonly id: string
  /** Why it opens nothing now; undefined: it does. */
  readonly refusal: Refusal | undefined
  readonly from: number | null
  readonly until: number | null
  /** What has to be accepted with it; undefined: nothing. */
  readonly eula: EulaFacts | undefined
  /** When downloads, clients and bandwidth begin anew; null: never. */
  readonly resetsAt: number | null
  /** Only packages that were published until then. */
  readonly publishedUntil: number | null
  readonly downloads: Measure
  readonly clients: Measure
  readonly bandwidth: Measure
  /** Requests a second, and downloads at once; null: not limited. */
  readonly rate: number | null
  readonly concurrency: number | null
  /** Oldest first, without gaps; undefined: nothing is recorded, or the store did not say. */
  readonly days: readonly DayOfUse[] | undefined
}

/** All that a page says, however it is shown. */
export interface PageFacts {
  readonly served: Served
  readonly now: number
  /** undefined: the repository is public, and nobody has to say who he is. */
  readonly token: TokenFacts | undefined
  /** undefined: not to be told, or not known. */
  readonly packages: KnownPackages | undefined
}

/** Puts together what is known of a token and what was gathered about it. */
export function describe(
  served: Served,
  token: Token | undefined,
  gathered: Gathered,
  now: number,
): PageFacts {
  if (token === undefined) return { served, now, token: undefined, packages: gathered.packages }
  const facts = describeToken(served, token, gathered, now)
  // Who may fetch nothing is told of nothing.
  const isOpen = whyIdle(token, now) === undefined && facts.eula?.isLacking !== true
  const packages = isOpen ? gathered.packages : undefined
  return { served, now, token: facts, packages }
}

function describeToken(served: Served, token: Token, { usage, days }: Gathered, now: number): TokenFacts {
  const { record, limits, window } = token
  const eula = describeEula(served, token)
  const downloads = measure(limits.limitDownloads, usage?.downloads)
  const clients = measure(limits.limitClients, usage?.clients)
  const bandwidth = measure(limits.limitBytes, usage?.bytes)
  return {
    id: record.slugPerm,
    refusal: whyIdle(token, now) ?? whyUnaccepted(eula) ?? whyUsedUp(token, downloads, bandwidth),
    from: window.from,
    until: window.until,
    eula,
    resetsAt: nextPeriodStart(scheduleOf(record), now),
    publishedUntil: record.publishedUntil,
    downloads,
    clients,
    bandwidth,
    rate: limits.limitRate,
    concurrency: limits.limitConcurrency,
    days,
  }
}

function measure(limit: number | null, used: number | undefined): Measure {
  const left = limit === null || used === undefined ? null : Math.max(0, limit - used)
  return { limit, used: used ?? null, left }
}

function describeEula({ repository, terms }: Served, { record }: Token): EulaFacts | undefined {
  if (terms === undefined || !(terms.isForAll || record.eulaRequired)) return undefined
  const place = `${repository.owner}/${repository.repo}`
  return { terms, accepted: record.eulaAccepted[place], isLacking: lacksAcceptance(record, place, terms) }
}

/** Where it is accepted, the page says itself. */
function whyUnaccepted(eula: EulaFacts | undefined): Refusal | undefined {
  if (eula?.isLacking !== true) return undefined
  return refuse('eula_not_accepted', { revision: eula.terms.revision })
}

/** Places for clients are none of this: addresses that are known go on. */
function whyUsedUp(token: Token, downloads: Measure, bandwidth: Measure): Refusal | undefined {
  if (downloads.left === 0)
    return exhausted({ granted: false, limit: 'downloads', used: downloads.used ?? 0 }, token)
  if (bandwidth.left === 0)
    return exhausted({ granted: false, limit: 'bytes', used: bandwidth.used ?? 0 }, token)
  return undefined
}
