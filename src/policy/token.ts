import { limitBytesOf } from './bandwidth.ts'
import { coverageOf } from './coverage.ts'
import { compileNetworks } from './networks.ts'
import { compilePackageQuery } from './query/package-query.ts'
import { compilePathQuery } from './query/path-query.ts'
import { compileRepositoryGlobs } from './repositories.ts'
import { periodStart } from './reset.ts'
import { scheduleOf } from './schedule.ts'
import { compilePackageRules } from './scope.ts'
import { remembering } from './remembering.ts'
import type { Artifact, JudgedRecord, SharedLimits, Token, TokenRecord, UsedSecret } from './types.ts'
import { windowOf } from './window.ts'

/**
 * Makes a token ready to judge requests that bring `secret`. Rules, queries, networks and limits that do not compile (they were checked
 * when the token was saved, perhaps by another version) open nothing.
 */
export type TokenCompiler = (record: TokenRecord, secret?: UsedSecret) => Token

/** Different lists, queries and repositories of which what was compiled is remembered, of each kind. */
const MOST_REMEMBERED = 1_000

/**
 * Tokens that say the same share what is compiled of it: vendors sell a few editions to many customers. So a token that is kept in memory
 * takes some hundred bytes.
 */
export function createTokenCompiler(): TokenCompiler {
  const compile: Compilers = {
    addresses: remembering(addressTest, MOST_REMEMBERED),
    home: remembering(homeTest, MOST_REMEMBERED),
    repositories: remembering(repositoryTest, MOST_REMEMBERED),
    packages: remembering(packageLimit, MOST_REMEMBERED),
    packageQuery: remembering((text: string) => queryLimit(compilePackageQuery(text)), MOST_REMEMBERED),
    pathQuery: remembering((text: string) => queryLimit(compilePathQuery(text)), MOST_REMEMBERED),
  }
  return (record, secret = NO_SECRET) => {
    const packageLimits = packageLimitsOf(compile, record)
    const { networks, repositories, owner, repo } = record
    return {
      record: judgedRecord(record),
      secret,
      window: windowOf(record),
      includesAddress: networks === null ? anywhere : compile.addresses(networks),
      limits: sharedLimits(record),
      periodStart: periodStarts(record),
      coversRepository:
        repositories === null ? compile.home([owner, repo]) : compile.repositories(repositories),
      coversEverything: packageLimits.length === 0,
      judgesPaths: (record.pathQuery ?? null) !== null,
      covers: all(packageLimits.map((limit) => limit.covers)),
      coversAllVersions: all(packageLimits.map((limit) => limit.coversAllVersions)),
    }
  }
}

type Covers = Token['covers']

/** One limit on packages. */
type Limit = Pick<Token, 'covers' | 'coversAllVersions'>

interface Compilers {
  readonly addresses: (networks: readonly string[]) => Token['includesAddress']
  readonly home: (place: readonly string[]) => Token['coversRepository']
  readonly repositories: (globs: readonly string[]) => Token['coversRepository']
  readonly packages: (rules: readonly string[]) => Limit
  readonly packageQuery: (text: string) => Limit
  readonly pathQuery: (text: string) => Limit
}

/** Where a token is judged that nobody brought. */
const NO_SECRET: UsedSecret = { digest: '', validUntil: null }

function judgedRecord(record: TokenRecord): JudgedRecord {
  return {
    slugPerm: record.slugPerm,
    owner: record.owner,
    repo: record.repo,
    name: record.name,
    isActive: record.isActive,
    validFrom: record.validFrom,
    validUntil: record.validUntil,
    limitDownloads: record.limitDownloads,
    limitClients: record.limitClients,
    clientsWindowMs: record.clientsWindowMs,
    limitBandwidth: record.limitBandwidth,
    limitBandwidthUnit: record.limitBandwidthUnit,
    limitRate: record.limitRate,
    limitConcurrency: record.limitConcurrency,
    publishedUntil: record.publishedUntil,
    startsOnFirstDownload: record.startsOnFirstDownload,
    eulaRequired: record.eulaRequired,
    eulaAccepted: record.eulaAccepted,
    firstDownloadAt: record.firstDownloadAt,
    previousValidUntil: record.previousValidUntil,
    resetPeriod: record.resetPeriod,
    resetAnchor: record.resetAnchor,
    createdAt: record.createdAt,
  }
}

function sharedLimits(record: TokenRecord): SharedLimits {
  const { limitDownloads, limitClients, clientsWindowMs, limitConcurrency, limitRate } = record
  const limitBytes = limitBytesOf(record)
  return { limitDownloads, limitClients, clientsWindowMs, limitBytes, limitConcurrency, limitRate }
}

function periodStarts(record: TokenRecord): Token['periodStart'] {
  const schedule = scheduleOf(record)
  return schedule.period === 'Never Reset' ? none : (now) => periodStart(schedule, now)
}

function addressTest(networks: readonly string[]): Token['includesAddress'] {
  const scope = compileNetworks(networks)
  return scope.ok ? scope.includes : nothing
}

function homeTest([owner, repo]: readonly string[]): Token['coversRepository'] {
  return (askedOwner, askedRepo) => askedOwner === owner && askedRepo === repo
}

function repositoryTest(repositories: readonly string[]): Token['coversRepository'] {
  const scope = compileRepositoryGlobs(repositories)
  return scope.ok ? scope.coversRepository : nothing
}

/** Tokens that were stored before there were queries have no such property. */
function packageLimitsOf(compile: Compilers, { packages, packageQuery, pathQuery }: TokenRecord): Limit[] {
  const limits: Limit[] = []
  if (packages !== null) limits.push(compile.packages(packages))
  if ((packageQuery ?? null) !== null) limits.push(compile.packageQuery(packageQuery ?? ''))
  if ((pathQuery ?? null) !== null) limits.push(compile.pathQuery(pathQuery ?? ''))
  return limits
}

function all(tests: readonly Covers[]): Covers {
  const [only = anywhere] = tests
  if (tests.length <= 1) return only
  return (artifact, owner, repo) => tests.every((test) => test(artifact, owner, repo))
}

function packageLimit(packages: readonly string[]): Limit {
  const scope = compilePackageRules(packages)
  if (!scope.ok) return NOTHING
  // Of a package whose version can't be told, rules allow only what they allow in every version.
  return { covers: scope.covers, coversAllVersions: (file) => scope.covers(unversioned(file, 'package')) }
}

/** The package, or what belongs to it, as if only its name were known. */
function unversioned(file: Artifact, kind: Artifact['kind']): Artifact {
  const { version: _, ...known } = file
  return { ...known, kind }
}

type Query = ReturnType<typeof compilePackageQuery> | ReturnType<typeof compilePathQuery>

/** A package must be known to satisfy a query; what belongs to a package need only not be known to fail it. */
function queryLimit(query: Query): Limit {
  if (!query.ok) return NOTHING
  const { judge } = query
  return {
    covers: (artifact, owner, repo) => {
      const coverage = coverageOf(artifact)
      if (coverage === 'always' || coverage === 'never') return coverage === 'always'
      const truth = judge(artifact, owner, repo)
      return coverage === 'package' ? truth === true : truth !== false
    },
    // Of what belongs to a package, nothing is known but the name.
    coversAllVersions: (artifact, owner, repo) =>
      artifact.name !== undefined && judge(unversioned(artifact, 'metadata'), owner, repo) === true,
  }
}

const anywhere = (): boolean => true
const nothing = (): boolean => false
const none = (): null => null
const NOTHING: Limit = { covers: nothing, coversAllVersions: nothing }
