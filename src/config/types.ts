import type { Format } from '../policy/types.ts'

/** Where connections are listened for. */
export type ListenAddress = TcpAddress | UnixAddress | InheritedAddress

/** Port 0 takes a free one. */
export interface TcpAddress {
  /** Lower case, IPv6 without brackets. Empty: all interfaces. */
  readonly host: string
  readonly port: number
}

/** A socket in the file system. */
export interface UnixAddress {
  /** Absolute. */
  readonly path: string
  /** Whoever may write to it may connect. */
  readonly mode: number
}

/** A socket that systemd listens on and passes to this process. */
interface InheritedAddress {
  /** Its FileDescriptorName; empty: the only one there is. */
  readonly inherited: string
}

/** TLS of a listener. */
export interface TlsConfig {
  /** Absolute paths of PEM files; the first pair is for who names no host. One at least. */
  readonly certificates: readonly { readonly cert: string; readonly key: string }[]
  readonly minVersion: '1.2' | '1.3'
  readonly http2: boolean
}

/** Patience with customers' connections, and what one of them may take up. */
export interface ClientConfig {
  readonly handshakeTimeoutMs: number
  readonly headersTimeoutMs: number
  readonly stallTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  readonly maxHeadBytes: number
  readonly maxHeaders: number
  readonly maxUrlBytes: number
  readonly maxRequests: number
  /** In each process; so is the next. */
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
}
/** Where proxies ask for decisions: a TCP address, or the absolute path of a Unix socket. */
export type EdgeAddress = TcpAddress | UnixAddress

/** Where the log of a server comes from that sends files in place of the gate. `file` and `folder` are absolute. */
export type FrontLogConfig =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'syslog'; readonly listen: TcpAddress }
  /** Of the storage, about links to it. */
  | { readonly kind: 'folder'; readonly folder: string }

/** Where the packages of a repository lie. */
export type UpstreamConfig =
  /** `url` ends in a slash. */
  | { readonly kind: 'http'; readonly url: string }
  /** `directory` is absolute. */
  | { readonly kind: 'files'; readonly directory: string }
  | S3Upstream

/** A bucket of S3, or of what speaks like it. */
export interface S3Upstream {
  readonly kind: 's3'
  readonly bucket: string
  /** Empty, or ends in a slash. */
  readonly prefix: string
  /** Scheme, host and port. */
  readonly endpoint: string
  /** Where customers reach it. */
  readonly publicEndpoint: string
  readonly region: string
  readonly addressing: 'path' | 'virtual'
  readonly credentials: S3CredentialsConfig
  /** How long a link works. */
  readonly linkMs: number
}

/** What requests to S3 are signed with. Secret. */
export type S3CredentialsConfig =
  | {
      readonly kind: 'keys'
      readonly accessKeyId: string
      readonly secretAccessKey: string
      readonly sessionToken: string | null
    }
  | {
      readonly kind: 'web_identity'
      /** Of the token service. */
      readonly endpoint: string
      readonly roleArn: string
      readonly sessionName: string
      readonly tokenFile: string
    }
  | {
      readonly kind: 'container'
      readonly url: string
      readonly token: string | null
      readonly tokenFile: string | null
    }
  /** `endpoint`: of the metadata service, no trailing slash. */
  | { readonly kind: 'instance'; readonly endpoint: string }

/** When one of several upstreams is to be asked. */
export interface FailoverConfig {
  /** In a row, until it is down. */
  readonly failures: number
  /** Longest wait for all of them together. null: twice that for one. */
  readonly totalMs: number | null
  /** How long it is left alone then, where it is not checked. */
  readonly retryMs: number
  /** null: none is. `path`: of a file that has to be there; null: any answer will do. */
  readonly check: {
    readonly intervalMs: number
    readonly path: string | null
    readonly timeoutMs: number
  } | null
}

export interface RepositoryConfig {
  readonly owner: string
  readonly repo: string
  readonly format: Format
  /** The only one, or the one that is asked first. */
  readonly upstream: UpstreamConfig
  /** Where the nginx in front has the files, for `accel`: begins and ends in a slash. */
  readonly accelPrefix: string
  /** Have the same files, and are asked in this order when those before do not answer. */
  readonly mirrors: readonly UpstreamConfig[]
  /** null: whether its only upstream answers is not judged. */
  readonly failover: FailoverConfig | null
  /** Answers at /public/… without a token. */
  readonly public: boolean
  /** Its small files are kept in memory. */
  readonly cache: boolean
  /** `serve_cached`: tokens that are remembered are served without the store, and what they use is journaled. */
  readonly whenStoreFails: 'refuse' | 'serve_cached'
  /** How packages reach clients. `redirect`: by a link to the storage that works for a while; `accel`: by the nginx in front. */
  readonly deliver: 'stream' | 'redirect' | 'accel'
  /** What the scripts that set machines up have to know. */
  readonly setup: SetupConfig
  /** What customers see of it in a browser. */
  readonly page: PageConfig
  /** What customers have to accept before they get anything; null: nothing. */
  readonly eula: EulaConfig | null
}

/** A license agreement. One of `text` and `url` is there. */
export interface EulaConfig {
  readonly revision: number
  /** Its words. */
  readonly text: string | null
  /** Where they can be read. */
  readonly url: string | null
  /** Required of every token; else of those with `eula_required`. */
  readonly isForAll: boolean
}

/** A page for customers: what the repository says, or else the file in general. */
export interface PageConfig {
  readonly isShown: boolean
  /** null: pages are called after their repositories. */
  readonly name: string | null
  /** A picture, by its absolute path. */
  readonly logo: { readonly path: string; readonly type: string } | null
  /** `#rgb` or `#rrggbb`. */
  readonly color: string | null
  /** An address of mail, a URL, or words. */
  readonly contact: string | null
  /** Whether packages are named. */
  readonly namesPackages: boolean
}

export interface SetupConfig {
  /** The public key: a file of the storage, or one of this machine by its absolute path. null: where most storages have it. */
  readonly key: { readonly kind: 'path' | 'file'; readonly path: string } | null
  /** May hold `{distro}`, `{codename}`, `{version}` and `{arch}`; so may `path`. */
  readonly suite: string | null
  readonly components: readonly string[] | null
  readonly path: string | null
  readonly signedPackages: boolean
}

/** Where tokens and usage are kept. */
export type StoreConfig =
  /** `file` is absolute. */
  | { readonly kind: 'sqlite'; readonly file: string; readonly synchronous: 'normal' | 'full' }
  | {
      readonly kind: 'redis'
      readonly topology: 'single' | 'sentinel' | 'cluster'
      /** The server, some of the sentinels, or some of the cluster. */
      readonly nodes: readonly { readonly host: string; readonly port: number }[]
      /** What the sentinels call the master. */
      readonly masterName: string | null
      readonly username: string | null
      readonly password: string | null
      readonly sentinelUsername: string | null
      readonly sentinelPassword: string | null
      readonly db: number
      /** Absolute paths of PEM files. null: no TLS. */
      readonly tls: {
        readonly ca: string | null
        readonly cert: string | null
        readonly key: string | null
      } | null
      /** What all keys begin with. */
      readonly prefix: string
      /** So many replicas have a charge before it is acknowledged. */
      readonly replicas: number
    }

/** A configuration file, checked, with defaults filled in, paths absolute and durations in milliseconds. */
export interface Config {
  /** Absolute path of the file it was read from. */
  readonly file: string
  readonly listen: ListenAddress
  /** null: plain HTTP. */
  readonly tls: TlsConfig | null
  /** Each connection to `listen` begins with a PROXY header, of one of the trusted proxies. */
  readonly proxyProtocol: boolean
  readonly client: ClientConfig
  /** How customers reach the gate: scheme, host and optional path, no trailing slash. */
  readonly publicUrl: string
  /** The file does not say: `publicUrl` was made from `listen`. */
  readonly isPublicUrlGuessed: boolean
  readonly admin: { readonly listen: ListenAddress; readonly tls: TlsConfig | null }
  /** How long whoever signed in to the console stays so: without a request, and in any case. */
  readonly console: { readonly idleMs: number; readonly maxMs: number }
  /** Decisions for proxies that serve files themselves. null: none. */
  readonly edge: {
    readonly listen: EdgeAddress
    /** CIDR ranges from which they ask. */
    readonly peers: readonly string[]
  } | null
  /** Accounting of files that others send. */
  readonly offload: {
    /** The storage is asked for the size of each file. Else only where a limit depends on it. */
    readonly asksStorage: boolean
    readonly logs: readonly FrontLogConfig[]
    /** After that a delivery of which no log tells is taken for made in full. */
    readonly settleWithinMs: number
    /** After that all lines about a link to the storage have come. */
    readonly linksWithinMs: number
    /** Absolute path of the file that remembers how far logs were read. */
    readonly state: string
  }
  /** Processes that serve customers. null: one for each core. */
  readonly workers: number | null
  readonly store: StoreConfig
  /** 32 or more bytes, text. null: kept in a file beside the SQLite database, made at the first start. */
  readonly secretKey: string | null
  /** Where usage waits while the store is away. null: nowhere. */
  readonly journal: {
    /** Absolute. */
    readonly folder: string
    /** How long tokens are believed after the store was last asked about them. */
    readonly believeForMs: number
    /** Of all files of the folder. */
    readonly maxBytes: number
  } | null
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
  /** Small files that are kept in memory, of all repositories together. */
  readonly cache: {
    /** 0: none are. */
    readonly maxBytes: number
    readonly maxObjectBytes: number
    /** How long a file is believed to be current where the storage does not say. */
    readonly defaultTtlMs: number
  }
  /** Of what is about no repository. */
  readonly page: PageConfig
  readonly metrics: { readonly maxCustomers: number }
  /** What is kept of who used what and when. */
  readonly history: {
    /** Nothing more is recorded where it is not; what there is goes in its time. */
    readonly isRecorded: boolean
    readonly hoursMs: number
    readonly daysMs: number
    readonly logMs: number
    /** Entries of the log of a repository. */
    readonly logEntries: number
    /** Packages of a token. */
    readonly packages: number
    /** How much of clients' addresses is recorded. */
    readonly addresses: 'full' | 'network'
    readonly userAgents: boolean
  }
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'; readonly access: boolean }
  readonly audit: { readonly keepMs: number }
  readonly events: {
    /** Days before the end of a token's window at which webhooks are told. */
    readonly expiringDays: readonly number[]
    /** CIDR ranges that webhooks may lead to although they are not public. */
    readonly allowedNetworks: readonly string[]
    readonly allowsHttp: boolean
    /** How long deliveries that ended are kept. */
    readonly keepMs: number
  }
  /** How long a stopping process waits for downloads under way. */
  readonly drainTimeoutMs: number
}
