/** A running server that hands out the storage's files. */
export interface Peer extends AsyncDisposable {
  readonly name: string
  /** No trailing slash. */
  readonly origin: string
  /** The gateway itself: the process whose CPU time is counted. */
  readonly pid: number
  /** Processes that work for it: its store, a service that it asks. */
  readonly helpers: readonly number[]
  /** Where it serves a file of the storage, with the secret of a token if it wants one; begins with a slash. */
  readonly pathOf: (path: string, token: number) => string
  /** Downloads charged so far to all tokens, by those who promise a right number. */
  readonly countDownloads?: () => Promise<number>
}

/** A gate and a secret that it refuses. */
export interface Refusing extends Peer {
  readonly status: number
}

/** Names of the peers, as the tables have them. */
export const NAMES = {
  storage: 'the storage itself',
  nginx: 'bare nginx',
  nginxCache: 'bare nginx, proxy_cache',
  lua: 'nginx + Lua + Redis',
  luaCache: 'nginx + Lua + Redis, proxy_cache',
  caddy: 'Caddy forward_auth + Node + Redis',
  httpProxy3: 'http-proxy-3',
  httpProxy: 'http-proxy',
  replyFrom: '@fastify/reply-from',
  naive: 'express + http-proxy + ioredis',
  unlimited: 'Postern (no limit)',
  sqlite: 'Postern (SQLite)',
  redis: 'Postern (Redis)',
  sqliteCache: 'Postern (SQLite, cache)',
  redisCache: 'Postern (Redis, cache)',
  luaFiles: 'nginx + Lua + Redis, own files',
  edge: 'nginx auth_request + Postern (Redis), own files',
  edgeSizes: 'nginx auth_request + Postern (Redis, sizes), own files',
} as const
