import type { Format } from '../../policy/types.ts'

/**
 * What was used, by whom and when: for people to read. No limit depends on it; the counters of `UsageStore` are the truth. All times are
 * epoch ms, hours and days those of UTC, and an interval has its first instant and not its last (`from` <= t < `until`).
 */
export interface HistoryStore {
  /**
   * Adds a batch. One that was added before (by its writer and number) changes nothing, so that a call that failed can be made again; until
   * it has resolved, its writer adds nothing else. What is older than `keep` says may be dropped on the occasion.
   */
  record(batch: HistoryBatch, keep: HistoryRetention): Promise<void>
  /** Drops what is older, and more, than `keep` says; `repositories`: of whose downloads there may be a log. To be called now and then. */
  trim(keep: HistoryRetention, repositories: readonly string[], now: number): Promise<void>
  /** The hours or days of a token that begin in the interval and in which something happened, in their order. */
  usage(query: HistoryInterval & { readonly token: string }): Promise<readonly UsageBucket[]>
  /** Sums over the hours or days that begin in the interval, for each token, in their order. */
  totals(query: HistoryInterval & { readonly tokens: readonly string[] }): Promise<readonly DeliveryTotals[]>
  /**
   * Tokens of which something was recorded, also a refusal, since the day of `from`, those of the latest days first, each once. At most `limit`,
   * which is to be 5,000 or less; a store need not know of more.
   */
  seen(query: { readonly from: number; readonly limit: number }): Promise<readonly string[]>
  /** Packages of which something was delivered to a token, or in a repository; last used first. */
  packages(
    query: PackagesQuery,
  ): Promise<{ readonly total: number; readonly packages: readonly PackageUse[] }>
  /** Sums of a repository's packages over the days that begin in the interval; packages without any are absent. In no order. */
  packageTotals(query: PackageTotalsQuery): Promise<readonly (PackageName & DeliveryTotals)[]>
  /** To which tokens a package was delivered; last used first. */
  downloaders(
    query: DownloadersQuery,
  ): Promise<{ readonly total: number; readonly downloaders: readonly Downloader[] }>
  /**
   * A page of the log of a repository, by time. It may hold fewer than `limit` although there are more: then, and whenever there may be
   * more, `next` says where to go on.
   */
  downloads(query: DownloadsQuery): Promise<DownloadsPage>
}

/** How long things are kept. */
export interface HistoryRetention {
  readonly hoursMs: number
  /** Also of packages, which are forgotten when nobody asked for them for so long. */
  readonly daysMs: number
  readonly logMs: number
  /** Entries of the log of a repository. */
  readonly logEntries: number
  /** Packages of a token; of a repository twenty times as many. */
  readonly packages: number
}

/** Some of what one process saw. */
export interface HistoryBatch {
  /** Unique among all processes. */
  readonly writer: string
  /** Rises from batch to batch of a writer, from 1. */
  readonly number: number
  readonly now: number
  readonly usage: readonly UsageIncrement[]
  readonly packages: readonly PackageIncrement[]
  readonly downloads: readonly DownloadRecord[]
}

/** More usage of a token in an hour. Downloads that were given back count below zero. */
export interface UsageIncrement extends DeliveryTotals {
  readonly token: string
  readonly hour: number
  /** By the refusals' codes. */
  readonly refusals: ReadonlyMap<string, number>
  /** To whom packages were delivered. */
  readonly clients: Iterable<string>
}

/** More deliveries of a package to a token, within one day. */
export interface PackageIncrement extends PackageName, DeliveryTotals {
  readonly token: string
  readonly tokenName: string
  readonly repository: string
  readonly format: Format
  readonly firstAt: number
  readonly lastAt: number
}

/** A file of a package. A name or version that can't be told is empty. */
export interface PackageName {
  readonly name: string
  readonly version: string
  readonly filename: string
}

/** Downloads that were charged, less those given back, and body bytes. */
export interface DeliveryTotals {
  readonly downloads: number
  readonly bytes: number
}

export interface HistoryInterval {
  readonly span: 'hour' | 'day'
  readonly from: number
  readonly until: number
}

/** What a token used in an hour or a day. */
export interface UsageBucket extends DeliveryTotals {
  readonly start: number
  readonly refusals: Readonly<Record<string, number>>
  /** Of the clients to which packages were delivered, see distinct-clients.ts. */
  readonly clients: string
}

interface Paged {
  /** Counts from 1. */
  readonly page: number
  readonly pageSize: number
}

export interface PackagesQuery extends Paged {
  /** `repository` of a token: null for all. */
  readonly of:
    | { readonly token: string; readonly repository: string | null }
    | { readonly repository: string }
  /** Part of the name or the file's name, whatever its case; empty: all. */
  readonly search: string
}

/** How a package was used, by one token or by all. */
export interface PackageUse extends PackageName, DeliveryTotals {
  readonly repository: string
  readonly format: Format
  readonly firstAt: number
  readonly lastAt: number
}

interface PackageTotalsQuery {
  readonly repository: string
  readonly from: number
  readonly until: number
}

export interface DownloadersQuery extends Paged {
  readonly repository: string
  readonly name: string
  /** null: every version. */
  readonly version: string | null
}

export interface Downloader extends DeliveryTotals {
  readonly token: string
  /** As it was called at its last download. */
  readonly tokenName: string
  readonly version: string
  readonly filename: string
  readonly firstAt: number
  readonly lastAt: number
}

/** One delivery of a package's body to a token, charged or covered by a download that was charged before. */
export interface DownloadRecord extends PackageName {
  /** Unique. Of records of the same instant, later ones sort behind. */
  readonly id: string
  /** When it was asked for. */
  readonly at: number
  readonly token: string
  readonly tokenName: string
  readonly repository: string
  readonly format: Format
  /** Address as it counts, or the part of it that is recorded. */
  readonly client: string
  readonly userAgent: string | null
  /** null: no delivery, but a download that was charged for one before and is given back. */
  readonly status: number | null
  readonly bytes: number
  /** Charged for it: 1, 0 when it was covered, -1 when one was given back. */
  readonly downloads: number
  readonly durationMs: number | null
}

/** Where a page of the log ended. */
export interface DownloadsCursor {
  readonly at: number
  readonly id: string
}

export interface DownloadsFilter {
  readonly token?: string | undefined
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly client?: string | undefined
}

export interface DownloadsQuery {
  readonly repository: string
  readonly from: number
  readonly until: number
  readonly filter: DownloadsFilter
  readonly descending: boolean
  /** Goes on behind it. */
  readonly after: DownloadsCursor | null
  readonly limit: number
}

export interface DownloadsPage {
  readonly records: readonly DownloadRecord[]
  readonly next: DownloadsCursor | null
}
