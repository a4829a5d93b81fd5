import type { FrontLine } from '../../gateway/offload/front-line.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads a line of the log of a front: JSON, behind a syslog header or not. `postern`, `status` and `bytes` are what the formats in config/ write
 * for nginx, HAProxy and Envoy; those of Caddy and Traefik are their own. Whatever a client sent stands in other fields, quoted. undefined: no
 * line about a delivery that was handed over.
 */
export function parseLine(line: string): FrontLine | undefined {
  const fields = parseFields(line)
  return fields && (readOwn(fields) ?? readCaddy(fields) ?? readTraefik(fields))
}

function parseFields(line: string): Fields | undefined {
  const at = line.indexOf('{')
  if (at === -1) return undefined
  try {
    const fields: unknown = JSON.parse(line.slice(at))
    return typeof fields === 'object' && fields !== null ? (fields as Fields) : undefined
  } catch {
    return undefined
  }
}

/** HAProxy counts headers as well; it says how long the body was to be, and whether all of it went out (two hyphens). */
function readOwn({ postern, status, bytes, by, agent, length, end }: Fields): FrontLine | undefined {
  const whole = numberOf(length)
  const counted = numberOf(bytes)
  const sent = whole === undefined ? counted : end === '--' ? whole : Math.min(whole, counted ?? 0)
  return asLine(postern, status, sent, by, agent)
}

function readCaddy({ resp_headers: answer, request, status, size }: Fields): FrontLine | undefined {
  const [own, asked] = [headersIn(answer), headersIn(request)]
  const sent = sentByGo(numberOf(size), numberOf(own.get('content-length')), asked.get('proto'))
  const agent = headersIn(asked.get('headers')).get('user-agent')
  return asLine(own.get('x-postern-delivery'), status, sent, own.get('x-postern-serve'), agent)
}

function readTraefik(fields: Fields): FrontLine | undefined {
  const [size, length] = ['DownstreamContentSize', 'downstream_Content-Length'].map((name) =>
    numberOf(fields[name]),
  )
  const sent = sentByGo(size, length, fields['RequestProtocol'])
  const id = fields['request_X-Postern-Delivery']
  return asLine(id, fields['DownstreamStatus'], sent, undefined, fields['request_User-Agent'])
}

/** What Go copies at once. */
const CHUNK = 32 * 1024

/**
 * Beyond HTTP/1, servers in Go leave out of their bytes a chunk of which the client did not take all, although it may have taken all but the end:
 * with the windows of HTTP/2 whoever wants to can. It counts as sent, but for its last byte: the file has not gone out in full.
 */
function sentByGo(
  size: number | undefined,
  length: number | undefined,
  protocol: unknown,
): number | undefined {
  const isCut = size !== undefined && length !== undefined && size < length
  if (!isCut || String(protocol).startsWith('HTTP/1')) return size
  return Math.min(length - 1, size + CHUNK)
}

/** Names in lower case; of lists the only value. */
function headersIn(headers: unknown): ReadonlyMap<string, unknown> {
  if (typeof headers !== 'object' || headers === null) return new Map()
  const entries = Object.entries(headers).map(
    ([name, value]) =>
      [name.toLowerCase(), Array.isArray(value) && value.length === 1 ? value[0] : value] as const,
  )
  return new Map(entries)
}

const ID = /^[\w-]+\.[\w-]+$/

function asLine(
  id: unknown,
  givenStatus: unknown,
  bytes: number | undefined,
  by: unknown,
  agent: unknown,
): FrontLine | undefined {
  const status = numberOf(givenStatus)
  if (typeof id !== 'string' || !ID.test(id) || status === undefined || bytes === undefined) return undefined
  const userAgent = typeof agent === 'string' && agent !== '' && agent !== '-' ? agent : null
  return { id, status, bytes, isByGate: by === 'gate', userAgent }
}

/** Whole and not negative, as a number or in digits. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) && Number(number) >= 0 ? Number(number) : undefined
}
