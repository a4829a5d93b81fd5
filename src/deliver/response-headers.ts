/** RFC 9110 §7.6.1, and what speaks of the storage's own affairs or would make a browser do them in the gate's name. */
const DROPPED: ReadonlySet<string> = new Set([
  'alt-svc',
  'clear-site-data',
  'connection',
  'keep-alive',
  'nel',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'refresh',
  'report-to',
  'reporting-endpoints',
  'server',
  'service-worker-allowed',
  'set-cookie',
  'set-cookie2',
  'strict-transport-security',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'www-authenticate',
  'x-powered-by',
  // Would let the storage choose what a front proxy does (nginx).
  'x-accel-redirect',
  'x-accel-buffering',
  'x-accel-charset',
  'x-accel-expires',
  'x-accel-limit-rate',
  'x-sendfile',
])

/** In these the gate speaks, of limits to customers and of deliveries to proxies in front: no storage may do so in its name. */
const OURS = 'x-postern-'

/** What speaks of the content of an answer, and of nothing else: names that a client is safe with, whoever answered. */
export const ABOUT_CONTENT: ReadonlySet<string> = new Set([
  'accept-ranges',
  'age',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'vary',
])

/** Names in lower case; a header that came more than once is a list. */
export type StorageHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** The value of a header that may come once only; undefined when it came more often: then nobody knows which one counts. */
export function single(headers: StorageHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

/** The storage's headers that a client may see, flat. Values go through unchanged. */
export function passHeaders(headers: StorageHeaders): string[] {
  const named = nominated(headers['connection'])
  const passed: string[] = []
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || DROPPED.has(name) || named.has(name) || name.startsWith(OURS)) continue
    if (typeof value === 'string') passed.push(name, value)
    else for (const each of value) passed.push(name, each)
  }
  return passed
}

/** Headers that the Connection header declares to be hop-by-hop. */
function nominated(connection: string | readonly string[] | undefined): ReadonlySet<string> {
  if (connection === undefined || connection === 'keep-alive') return NONE
  const text = typeof connection === 'string' ? connection : connection.join(',')
  return new Set(text.split(',').map((name) => name.trim().toLowerCase()))
}

const NONE: ReadonlySet<string> = new Set()
