import { bad, good, type Parsed } from './parsed.ts'
import type { StoreConfig } from './types.ts'

export type RedisConfig = Extract<StoreConfig, { readonly kind: 'redis' }>

/** scheme, user:password@, servers, the rest of the path, options. */
const PARTS = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^/?]*)@)?([^/?@]*)(?:\/([^?]*))?(?:\?(.*))?$/s
const SERVER = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d{1,5}))?$/
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/
const MASTER_NAME = /^[A-Za-z0-9._-]+$/
const PREFIX = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/
const REDIS_PORT = 6379
const SENTINEL_PORT = 26_379
const MOST_DATABASES = 1_000_000
const MOST_REPLICAS = 10
const ADVICE =
  'write redis://host:6379, redis+sentinel://host,host/name or redis+cluster://host,host, and / ? % in a password as %2F %3F %25'

const TLS_OPTIONS = ['ca', 'cert', 'key']
const SENTINEL_OPTIONS = ['sentinel_username', 'sentinel_password']

/**
 * Reads the address of a Redis store; certificates are still relative. The messages never repeat a part of the text, for any part of a
 * mistyped one may be the password.
 */
export function parseRedis(text: string): Parsed<RedisConfig> {
  const [whole, secure, kind = 'single', credentials, servers = '', path = '', query = ''] =
    PARTS.exec(text) ?? []
  if (whole === undefined) {
    return bad(`is no address of Redis; ${ADVICE}`)
  }
  const topology = kind === 'sentinel' || kind === 'cluster' ? kind : 'single'
  const nodes = parseServers(servers, topology)
  if (!nodes.ok) return nodes
  const user = parseCredentials(credentials)
  if (!user.ok) return user
  const place = parsePath(path, topology)
  if (!place.ok) return place
  const options = parseOptions(query, topology, secure === 's')
  if (!options.ok) return options
  return good({
    kind: 'redis',
    topology,
    nodes: nodes.value,
    ...user.value,
    ...place.value,
    ...options.value,
  })
}

type Topology = RedisConfig['topology']

function parseServers(text: string, topology: Topology): Parsed<RedisConfig['nodes']> {
  const usual = topology === 'sentinel' ? SENTINEL_PORT : REDIS_PORT
  const nodes = text.split(',').map((each) => parseServer(each, usual))
  if (nodes.includes(undefined)) return bad(`names a server that is not host or host:port; ${ADVICE}`)
  if (topology === 'single' && nodes.length > 1) {
    return bad('names several servers; write redis+sentinel:// or redis+cluster:// for these')
  }
  return good(nodes.filter((node) => node !== undefined))
}

function parseServer(text: string, usualPort: number): RedisConfig['nodes'][number] | undefined {
  const [, name = '', digits] = SERVER.exec(text) ?? []
  const port = digits === undefined ? usualPort : Number(digits)
  const host = name.startsWith('[') ? name.slice(1, -1) : name
  const isHost = name.startsWith('[') ? /^[\da-fA-F:.]+$/.test(host) : HOST.test(host)
  return isHost && port > 0 && port <= 65_535 ? { host: host.toLowerCase(), port } : undefined
}

function parseCredentials(text: string | undefined): Parsed<Pick<RedisConfig, 'username' | 'password'>> {
  if (text === undefined) return good({ username: null, password: null })
  const colon = text.indexOf(':')
  if (colon === -1) return bad('has a user without a password; write user:password@ or :password@')
  const [username, password] = [decode(text.slice(0, colon)), decode(text.slice(colon + 1))]
  if (username === undefined || password === undefined) {
    return bad('has a % in the user or password that begins no escape; write it as %25')
  }
  if (password === '') return bad('has an empty password; leave out everything up to the @')
  return good({ username: username === '' ? null : username, password })
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function parsePath(path: string, topology: Topology): Parsed<Pick<RedisConfig, 'masterName' | 'db'>> {
  const words = path === '' ? [] : path.split('/')
  const masterName = topology === 'sentinel' ? (words.shift() ?? '') : null
  if (masterName !== null && !MASTER_NAME.test(masterName)) {
    return bad('does not say what the sentinels call the master; write redis+sentinel://host,host/name')
  }
  const [digits = '0', ...more] = words
  const db = /^\d+$/.test(digits) ? Number(digits) : Number.NaN
  if (more.length > 0 || !(db < MOST_DATABASES)) return bad('has a path that is not the number of a database')
  if (topology === 'cluster' && db !== 0) return bad('names a database; a cluster has none but 0')
  return good({ masterName, db })
}

type Options = Pick<RedisConfig, 'tls' | 'prefix' | 'replicas' | 'sentinelUsername' | 'sentinelPassword'>

function parseOptions(query: string, topology: Topology, isSecure: boolean): Parsed<Options> {
  const given = new Map(new URLSearchParams(query))
  const known = [
    'prefix',
    ...(topology === 'cluster' ? [] : ['replicas']),
    ...(topology === 'sentinel' ? SENTINEL_OPTIONS : []),
    ...(isSecure ? TLS_OPTIONS : []),
  ]
  if ([...given.keys()].some((name) => !known.includes(name))) {
    return bad(`has an unknown option; it may have ${known.join(', ')}`)
  }
  const text = (name: string): string | null => given.get(name) ?? null
  const prefix = text('prefix') ?? 'postern'
  if (!PREFIX.test(prefix)) return bad('has a prefix of other characters than letters, digits and . _ : -')
  const replicas = Number(text('replicas') ?? 0)
  if (!Number.isInteger(replicas) || replicas < 0 || replicas > MOST_REPLICAS) {
    return bad(`has a number of replicas that is not 0 to ${MOST_REPLICAS}`)
  }
  if (given.has('cert') !== given.has('key')) return bad('has only one of cert and key; they go together')
  return good({
    tls: isSecure ? { ca: text('ca'), cert: text('cert'), key: text('key') } : null,
    prefix,
    replicas,
    sentinelUsername: text('sentinel_username'),
    sentinelPassword: text('sentinel_password'),
  })
}
