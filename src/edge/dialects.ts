import type { IncomingMessage } from 'node:http'

/** The request that a front asks about. */
export interface Original {
  readonly method: string
  /** As on the client's request line. */
  readonly target: string
  readonly host: string | undefined
}

/** How one kind of front asks, and what it can do with the answer. */
export interface Dialect {
  /** undefined: the front did not say, or said it twice; then nothing is decided. */
  readonly read: (request: IncomingMessage) => Original | undefined
  /**
   * How the front learns that the gate has to answer. `status`: by a 403, as with every refusal (auth_request knows nothing else), whose true
   * words the gate then says itself. `header`: by `X-Postern-Serve`. `never`: it can't pass a request on to somewhere else, nor write another
   * path; so it is only given what is spelt plainly, and does not need the gate.
   */
  readonly gate: 'status' | 'header' | 'never'
}

/** By the first segment of the path at which the front asks. */
export const DIALECTS: ReadonlyMap<string, Dialect> = new Map<string, Dialect>([
  ['nginx', { read: readOriginal, gate: 'status' }],
  ['haproxy', { read: readOriginal, gate: 'header' }],
  ['caddy', { read: readForwarded, gate: 'header' }],
  ['traefik', { read: readForwarded, gate: 'never' }],
  ['envoy', { read: readPrefixed, gate: 'header' }],
])

/** The headers that our configuration of nginx (auth_request) and our script for HAProxy set. */
function readOriginal(request: IncomingMessage): Original | undefined {
  return readHeaders(request, 'x-original-method', 'x-original-uri', 'x-original-host')
}

/** Traefik (ForwardAuth) and Caddy (forward_auth) set these themselves, whatever the client sent. */
function readForwarded(request: IncomingMessage): Original | undefined {
  return readHeaders(request, 'x-forwarded-method', 'x-forwarded-uri', 'x-forwarded-host')
}

function readHeaders(
  request: IncomingMessage,
  methodName: string,
  targetName: string,
  hostName: string,
): Original | undefined {
  const [method, target] = [only(request, methodName), only(request, targetName)]
  if (method === undefined || target === undefined) return undefined
  return { method, target, host: only(request, hostName) }
}

const ENVOY_PREFIX = '/envoy'

/** Envoy (ext_authz over HTTP) asks with the method and the path of the client, behind `path_prefix`. */
function readPrefixed({ method = '', url = '', headers }: IncomingMessage): Original | undefined {
  const target = url.slice(ENVOY_PREFIX.length)
  return target.startsWith('/') ? { method, target, host: headers.host } : undefined
}

/** The value of a header that came once. Two of them would be one of the front's and one of somebody else's. */
function only({ rawHeaders }: IncomingMessage, name: string): string | undefined {
  let value: string | undefined
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== name) continue
    if (value !== undefined) return undefined
    value = rawHeaders[at + 1]
  }
  return value === '' ? undefined : value
}
