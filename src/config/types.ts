import type { Format } from '../policy/types.ts'

/** A TCP address to listen on. Port 0 takes a free one. */
export interface ListenAddress {
  /** Lower case, IPv6 without brackets. Empty: all interfaces. */
  readonly host: string
  readonly port: number
}

/** Where the packages of a repository lie. */
export type UpstreamConfig =
  /** `url` ends in a slash. */
  | { readonly kind: 'http'; readonly url: string }
  /** `directory` is absolute. */
  | { readonly kind: 'files'; readonly directory: string }

export interface RepositoryConfig {
  readonly owner: string
  readonly repo: string
  readonly format: Format
  readonly upstream: UpstreamConfig
  /** Answers at /public/… without a token. */
  readonly public: boolean
}

/** A configuration file, checked, with defaults filled in, paths absolute and durations in milliseconds. */
export interface Config {
  /** Absolute path of the file it was read from. */
  readonly file: string
  readonly listen: ListenAddress
  /** How customers reach the gate: scheme, host and optional path, no trailing slash. */
  readonly publicUrl: string
  /** The file does not say: `publicUrl` was made from `listen`. */
  readonly isPublicUrlGuessed: boolean
  readonly admin: { readonly listen: ListenAddress }
  readonly store: { readonly kind: 'sqlite'; readonly file: string; readonly synchronous: 'normal' | 'full' }
  /** 32 or more bytes, text. null: kept in a file beside the SQLite database, made at the first start. */
  readonly secretKey: string | null
  /** CIDR ranges whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  /** Host name (lower case, no port) → `owner` or `owner/repo` left out of the URLs on that host. */
  readonly hosts: ReadonlyMap<string, string>
  /** By `owner/repo`. */
  readonly repositories: ReadonlyMap<string, RepositoryConfig>
  readonly upstream: {
    readonly connectTimeoutMs: number
    readonly headersTimeoutMs: number
    /** Longest silence inside a body. */
    readonly idleTimeoutMs: number
    /** Connections per origin. */
    readonly connections: number
  }
  readonly metrics: { readonly maxCustomers: number }
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'; readonly access: boolean }
  /** How long a stopping process waits for downloads under way. */
  readonly drainTimeoutMs: number
}
