/** The words of the domain. Everything here is plain data: no layer adds behaviour to it. */

/** Package formats with a recognizer. */
export type Format = 'deb' | 'rpm' | 'npm' | 'raw'

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
  readonly limitDownloads: number | null
  readonly limitClients: number | null
  /** The vendor's own data; Postern never reads it. */
  readonly metadata: Readonly<Record<string, unknown>> | null
}

/** A token as it is kept: its fields, its permanent id and the repository it was created in. */
export interface TokenRecord extends TokenFields {
  /** Permanent id, a ULID. Never changes, never secret. */
  readonly slugPerm: string
  readonly owner: string
  readonly repo: string
  readonly createdAt: number
  readonly createdBy: string
  readonly updatedAt: number | null
  readonly updatedBy: string | null
}

/** A repository as the gate sees it. Where its files lie is the deliverer's business. */
export interface Repository {
  readonly owner: string
  readonly repo: string
  readonly format: Format
  /** Readable at /public/… without a token. */
  readonly public: boolean
}

/** A token ready to judge requests: everything in it that can be compiled is compiled. */
export interface Token {
  readonly record: TokenRecord
  /** True when some file of this repository may be readable. */
  readonly coversRepository: (owner: string, repo: string) => boolean
  readonly covers: (artifact: Artifact) => boolean
}
