import type { BandwidthUnit } from './bandwidth.ts'
import type { ResetPeriod } from './reset.ts'

/** The words of the domain. Everything here is plain data: no layer adds behaviour to it. */

/** Package formats with a recognizer. */
export type Format =
  | 'deb'
  | 'rpm'
  | 'npm'
  | 'raw'
  | 'python'
  | 'maven'
  | 'go'
  | 'alpine'
  | 'docker'
  | 'ruby'
  | 'composer'
  | 'helm'
  | 'cargo'
  | 'nuget'
  | 'conda'
  | 'terraform'
  | 'arch'
  | 'cran'
  | 'luarocks'
  | 'hex'
  | 'dart'
  | 'swift'
  | 'vagrant'
  | 'conan'
  | 'huggingface'

/**
 * What a file is to the accounting and to the scope of a token.
 * - `package`: an artifact of a package; each delivery is charged as a download.
 * - `metadata`, `signature`, `checksum`, `key`: free. With a `name`, only tokens that cover the name may read them.
 * - `listing`: free, but names other packages (directory pages, search): only for tokens without a package scope.
 * - `unknown`: charged like a package; its name can't be told, so a token with a package scope may not read it.
 */
export type ArtifactKind = 'package' | 'metadata' | 'signature' | 'checksum' | 'key' | 'listing' | 'unknown'

/** One file of a repository, as the recognizer of its format understands the path. */
export interface Artifact {
  readonly format: Format
  readonly kind: ArtifactKind
  /** Canonical decoded path below the repository, without a leading slash. This is what is decided about and forwarded. */
  readonly path: string
  readonly name?: string
  readonly version?: string
  readonly arch?: string
  /** Last segment of `path`. */
  readonly filename: string
}

/** That a revision of a EULA was accepted, when (epoch ms) and from where (full address). */
export interface EulaAcceptance {
  readonly revision: number
  readonly at: number
  readonly address: string
}

/** What the vendor set on a token. Times are epoch milliseconds (UTC); null means "not limited". */
export interface TokenFields {
  readonly name: string
  readonly isActive: boolean
  /** First instant at which the token works. */
  readonly validFrom: number | null
  /** First instant at which the token no longer works. */
  readonly validUntil: number | null
  /** Globs over `owner/repo`. null: only the repository it was created in. Empty: none. */
  readonly repositories: readonly string[] | null
  /** Package rules, see policy/scope.ts. null: every package. Empty: none. */
  readonly packages: readonly string[] | null
  /** Cloudsmith's query over packages, see policy/query/package-query.ts. */
  readonly packageQuery: string | null
  /** Cloudsmith's query over paths, see policy/query/path-query.ts. */
  readonly pathQuery: string | null
  readonly limitDownloads: number | null
  readonly limitClients: number | null
  /** Clients unseen for so long give their place to others. */
  readonly clientsWindowMs: number | null
  /** Body bytes, counted in `limitBandwidthUnit`. */
  readonly limitBandwidth: number | null
  readonly limitBandwidthUnit: BandwidthUnit
  /** Requests a second, averaged. */
  readonly limitRate: number | null
  /** Package downloads under way at once. */
  readonly limitConcurrency: number | null
  /** CIDR ranges that clients must be in, see policy/networks.ts. null: any address. Empty: none. */
  readonly networks: readonly string[] | null
  /** Packages that the storage dates later, or not at all, are refused. */
  readonly publishedUntil: number | null
  /** The window is as long as its dates are apart, and begins with the first download; see policy/window.ts. */
  readonly startsOnFirstDownload: boolean
  /** How often the counters begin anew, see policy/reset.ts. */
  readonly resetPeriod: ResetPeriod
  /** From where the periods are counted. null: from the creation of the token. */
  readonly resetAnchor: number | null
  /** It opens no repository that has a EULA until that is accepted, see policy/eula.ts. */
  readonly eulaRequired: boolean
  /** The vendor's own data; Postern never reads it. */
  readonly metadata: Readonly<Record<string, unknown>> | null
}

/** A token as it is kept: its fields, its permanent id and the repository it was created in. */
export interface TokenRecord extends TokenFields {
  /** Permanent id, a ULID. Never changes, never secret. */
  readonly slugPerm: string
  readonly owner: string
  readonly repo: string
  /** When the first download began the window of a token that starts with it. null: it is still to come, or begins nothing. */
  readonly firstDownloadAt: number | null
  /** What was accepted with it, by repository (`owner/repo`). */
  readonly eulaAccepted: Readonly<Partial<Record<string, EulaAcceptance>>>
  /** First instant at which the secret before the current one no longer works. null: there is none. */
  readonly previousValidUntil: number | null
  readonly createdAt: number
  readonly createdBy: string
  readonly updatedAt: number | null
  readonly updatedBy: string | null
}

/** What judging needs of a token when its lists and queries are compiled. Many are in memory at once. */
export type JudgedRecord = Omit<
  TokenRecord,
  | 'repositories'
  | 'packages'
  | 'packageQuery'
  | 'pathQuery'
  | 'networks'
  | 'metadata'
  | 'createdBy'
  | 'updatedAt'
  | 'updatedBy'
>

/** A repository as the gate sees it. Where its files lie is the deliverer's business. */
export interface Repository {
  readonly owner: string
  readonly repo: string
  readonly format: Format
  /** Readable at /public/… without a token. */
  readonly public: boolean
}

/** Limits that are kept in the store, because all processes share them. null: not limited. */
export interface SharedLimits {
  readonly limitDownloads: number | null
  readonly limitClients: number | null
  readonly clientsWindowMs: number | null
  readonly limitBytes: number | null
  readonly limitConcurrency: number | null
  readonly limitRate: number | null
}

/** When a token works: from its first instant on, until the first at which it no longer does. null: no such edge. */
export interface Window {
  readonly from: number | null
  readonly until: number | null
}

/** The secret by which a token was found. */
export interface UsedSecret {
  readonly digest: string
  /** First instant at which it no longer works; null for the current one. */
  readonly validUntil: number | null
}

/** A token ready to judge requests: everything in it that can be compiled is compiled. */
export interface Token {
  readonly record: JudgedRecord
  readonly secret: UsedSecret
  readonly window: Window
  /** True when the token works from this address. */
  readonly includesAddress: (address: string) => boolean
  readonly limits: SharedLimits
  /** First instant of the counting period that `now` lies in; null without a schedule. */
  readonly periodStart: (now: number) => number | null
  /** True when some file of this repository may be readable. */
  readonly coversRepository: (owner: string, repo: string) => boolean
  /** True when no limit on packages can keep a file of a covered repository back. */
  readonly coversEverything: boolean
  /** True when where a file lies decides, and not only which package it is. */
  readonly judgesPaths: boolean
  /** True when every limit on packages allows the file, which lies in a repository that is covered. */
  readonly covers: (artifact: Artifact, owner: string, repo: string) => boolean
  /** True when every limit on packages allows all versions of the package that the file belongs to, whatever they are called. */
  readonly coversAllVersions: (artifact: Artifact, owner: string, repo: string) => boolean
}
