import { limitBytesOf } from './bandwidth.ts'
import { coverageOf } from './coverage.ts'
import { compileNetworks } from './networks.ts'
import { compilePackageQuery } from './query/package-query.ts'
import { compilePathQuery } from './query/path-query.ts'
import { compileRepositoryGlobs } from './repositories.ts'
import { periodStart } from './reset.ts'
import { scheduleOf } from './schedule.ts'
import { compilePackageRules } from './scope.ts'
import type { SharedLimits, Token, TokenRecord, UsedSecret } from './types.ts'
import { windowOf } from './window.ts'

/**
 * Makes a token ready to judge requests that bring `secret`. Rules, queries, networks and limits that do not compile (they were checked
 * when the token was saved, perhaps by another version) open nothing.
 */
export function compileToken(record: TokenRecord, secret: UsedSecret = NO_SECRET): Token {
  const limits = [packageTest(record), packageQueryTest(record), pathQueryTest(record)]
  const tests = limits.filter((limit) => limit !== undefined)
  const schedule = scheduleOf(record)
  return {
    record,
    secret,
    window: windowOf(record),
    includesAddress: addressTest(record),
    limits: sharedLimits(record),
    periodStart: (now) => periodStart(schedule, now),
    coversRepository: repositoryTest(record),
    coversEverything: tests.length === 0,
    covers: (artifact, owner, repo) => tests.every((test) => test(artifact, owner, repo)),
  }
}

/** Where a token is judged that nobody brought. */
const NO_SECRET: UsedSecret = { digest: '', validUntil: null }

function sharedLimits(record: TokenRecord): SharedLimits {
  const { limitDownloads, limitClients, clientsWindowMs, limitConcurrency, limitRate } = record
  const limitBytes = limitBytesOf(record)
  return { limitDownloads, limitClients, clientsWindowMs, limitBytes, limitConcurrency, limitRate }
}

function addressTest({ networks }: TokenRecord): Token['includesAddress'] {
  if (networks === null) return anywhere
  const scope = compileNetworks(networks)
  return scope.ok ? scope.includes : nothing
}

function repositoryTest({ owner, repo, repositories }: TokenRecord): Token['coversRepository'] {
  if (repositories === null) return (askedOwner, askedRepo) => askedOwner === owner && askedRepo === repo
  const scope = compileRepositoryGlobs(repositories)
  return scope.ok ? scope.coversRepository : nothing
}

function packageTest({ packages }: TokenRecord): Token['covers'] | undefined {
  if (packages === null) return undefined
  const scope = compilePackageRules(packages)
  return scope.ok ? scope.covers : nothing
}

function packageQueryTest(record: TokenRecord): Token['covers'] | undefined {
  const text = givenQuery(record.packageQuery)
  return text === null ? undefined : queryTest(compilePackageQuery(text))
}

function pathQueryTest(record: TokenRecord): Token['covers'] | undefined {
  const text = givenQuery(record.pathQuery)
  return text === null ? undefined : queryTest(compilePathQuery(text))
}

/** Tokens that were stored before there were queries have no such property. */
function givenQuery(stored: string | null | undefined): string | null {
  return stored ?? null
}

type Query = ReturnType<typeof compilePackageQuery> | ReturnType<typeof compilePathQuery>

/** A package must be known to satisfy a query; what belongs to a package need only not be known to fail it. */
function queryTest(query: Query): Token['covers'] {
  if (!query.ok) return nothing
  const { judge } = query
  return (artifact, owner, repo) => {
    const coverage = coverageOf(artifact)
    if (coverage === 'always' || coverage === 'never') return coverage === 'always'
    const truth = judge(artifact, owner, repo)
    return coverage === 'package' ? truth === true : truth !== false
  }
}

const anywhere = (): boolean => true
const nothing = (): boolean => false
