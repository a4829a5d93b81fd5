import { refuse, type Refusal } from '../policy/refusal.ts'
import { RESERVED_SEGMENTS } from '../policy/secret.ts'
import { canonicalPath, checkRaw } from './canonical-path.ts'

/**
 * How the request brings its secret: in the path, in a header, or none because the repository is public. `v2`: in a header, or none, for
 * clients of OCI registries, which know no other place.
 */
type Entrance = 'path' | 'basic' | 'public' | 'v2'

/** A request path, read once. Nobody further in looks at the raw URL again. */
export interface Target {
  readonly entrance: Entrance
  /** Only for entrance `path`. */
  readonly secret: string | undefined
  /** Empty for a greeting, where the host does not imply it. */
  readonly owner: string
  readonly repo: string
  /** `/v2/` alone, by which a client finds out whether this is a registry and its login is good. It asks for nothing else. */
  readonly isGreeting: boolean
  /** `/.well-known/terraform.json` on a host that stands for a repository: which services there are. Nobody says who he is. */
  readonly isDiscovery?: true
  /** Canonical and decoded, below the repository, no leading slash; ends in a slash, or is empty, for a directory. */
  readonly path: string
  /** Raw query without its question mark. Only recognizers that say so let it reach an upstream. */
  readonly query: string
  /** What stands before `path` in the URL that the client used: `/SECRET/owner/repo/`, shorter on a mapped host. Secret. */
  readonly prefix: string
}

/** What the reader of paths needs to know of the configuration. */
export interface TargetRules {
  /** Host name, lower case and without port → `owner` or `owner/repo` that URLs on it leave out. */
  readonly hosts: ReadonlyMap<string, string>
  /** True for repositories in which `@scope%2fname` is one name. */
  readonly hasScopedNames: (owner: string, repo: string) => boolean
}

/** The segments of a prefix are plain: no escapes, so that a secret, owner or repository has one spelling. */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/
const ABSOLUTE = /^https?:\/\/([^/?#]+)(.*)$/i
/** What a prefix that names nothing may begin with: `/.well-known/…`. */
const HIDDEN_NAME = /^\.[A-Za-z0-9-]+$/

/**
 * Reads the raw request target of the request line. Refuses (`path_ambiguous`, `request_malformed`, `not_found`) whatever could
 * be read in two ways; see canonical-path.ts. `host` is the Host header.
 */
export function parseTarget(
  rawTarget: string,
  host: string | undefined,
  rules: TargetRules,
): Target | Refusal {
  const origin = originForm(rawTarget, host)
  if (typeof origin !== 'string') return origin
  const [rawPath, query] = splitQuery(origin)
  const refusal = checkRaw(rawPath, query)
  if (refusal !== undefined) return refusal
  const segments = rawPath.split('/').slice(1)
  const mapped = rules.hosts.size === 0 ? undefined : rules.hosts.get(hostName(host))
  if (isGreeting(segments)) return greeting(mapped, query)
  if (rawPath === DISCOVERY) return discovery(mapped)
  const prefix = readPrefix(segments, mapped)
  if ('ok' in prefix) return prefix
  const scoped = rules.hasScopedNames(prefix.owner, prefix.repo)
  const path = canonicalPath(segments.slice(prefix.length), scoped)
  if ('ok' in path) return path
  const own = scoped ? withoutNestedPrefix(path, prefix) : path
  const { entrance, secret, owner, repo } = prefix
  const before = `/${segments.slice(0, prefix.length).join('/')}/`
  return { entrance, secret, owner, repo, isGreeting: false, path: own.join('/'), query, prefix: before }
}

/** `/v2` or `/v2/` (OCI distribution, "Determining Support"). */
function isGreeting([first, second = '', ...more]: readonly string[]): boolean {
  return first === 'v2' && second === '' && more.length === 0
}

function greeting(mapped: string | undefined, query: string): Target {
  const [owner = '', repo = ''] = mapped?.split('/') ?? []
  return { entrance: 'v2', secret: undefined, owner, repo, isGreeting: true, path: '', query, prefix: '/v2/' }
}

const DISCOVERY = '/.well-known/terraform.json'

function discovery(mapped: string | undefined): Target | Refusal {
  const [owner = '', repo] = mapped?.split('/') ?? []
  if (repo === undefined) return refuse('not_found')
  const nothing = { secret: undefined, isGreeting: false, path: '', query: '', prefix: '/' }
  return { ...nothing, entrance: 'public', owner, repo, isDiscovery: true }
}

/** Absolute-form targets (RFC 9112 §3.2.2) are accepted for the host that the Host header names, and no other. */
function originForm(rawTarget: string, host: string | undefined): string | Refusal {
  if (rawTarget.startsWith('/')) return rawTarget
  const absolute = ABSOLUTE.exec(rawTarget)
  if (absolute === null) return refuse('request_malformed', { why: 'the request target is not a path' })
  const [, authority = '', rest = ''] = absolute
  if (host === undefined || authority.toLowerCase() !== host.toLowerCase()) {
    return refuse('request_malformed', { why: 'the request target names another host' })
  }
  return rest.startsWith('/') ? rest : `/${rest}`
}

function splitQuery(target: string): readonly [path: string, query: string] {
  const at = target.indexOf('?')
  return at === -1 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

interface Prefix {
  readonly entrance: Entrance
  readonly secret: string | undefined
  readonly owner: string
  readonly repo: string
  /** Segments that it takes. */
  readonly length: number
}

/**
 * A prefix that is merely too short, hidden or taken (`/healthz`, `/v2/_catalog`) names nothing; one with odd segments is ambiguous: no
 * dots, escapes or empty segments before the path.
 */
function readPrefix(segments: readonly string[], mapped: string | undefined): Prefix | Refusal {
  const [first = '', second = ''] = segments
  const entrance = first === 'basic' || first === 'public' || first === 'v2' ? first : 'path'
  const aliased = first === 't'
  const secret = entrance === 'path' ? (aliased ? second : first) : undefined
  const before = aliased ? 2 : 1
  const implied = mapped === undefined ? [] : mapped.split('/')
  const length = before + 2 - implied.length
  const [owner = '', repo = ''] = [...implied, ...segments.slice(before, length)]
  const present = segments.at(-1) === '' ? segments.slice(0, -1) : segments
  const head = present.slice(0, length)
  if (head.some((segment) => !PLAIN.test(segment) && !HIDDEN_NAME.test(segment)))
    return refuse('path_ambiguous', { why: 'an odd or empty segment before the path' })
  const isTaken = entrance === 'path' && !aliased && RESERVED_SEGMENTS.has(first)
  if (isTaken || head.length < length || head.some((segment) => HIDDEN_NAME.test(segment)))
    return refuse('not_found')
  return { entrance, secret, owner, repo, length }
}

/**
 * npm rewrites the host of a URL from a lock file and leaves its path, so that a renewed token asks for
 * `/NEW/owner/repo/OLD/owner/repo/name/-/…`. The inner prefix is dropped, where a name follows: the same path with and without a
 * slash at its end stays the same path.
 */
function withoutNestedPrefix(path: string[], { owner, repo }: Prefix): string[] {
  const [first = '', second, third, name = ''] = path
  const nested = name !== '' && PLAIN.test(first) && second === owner && third === repo
  return nested ? path.slice(3) : path
}

/** Lower case, without port and the dot that ends a full name (RFC 1034 §3.1). */
function hostName(host: string | undefined): string {
  return (host ?? '').toLowerCase().replace(/\.?(?::\d*)?$/, '')
}
