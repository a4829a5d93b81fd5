import { isIP } from 'node:net'

/**
 * What the first bytes of a connection say about whom a proxy passes on. `more`: the header is not whole. `source`: the client's address;
 * undefined where the proxy speaks for itself (`LOCAL`, as health checks do) or does not know.
 */
export type ProxyHeader =
  | { readonly kind: 'more' }
  | { readonly kind: 'malformed'; readonly why: string }
  | { readonly kind: 'header'; readonly length: number; readonly source: string | undefined }

const MORE: ProxyHeader = { kind: 'more' }
const BEGINNING_V1 = 'PROXY '
const SIGNATURE_V2 = '\r\n\r\n\0\r\nQUIT\n'
/** With its line end: the specification's own bound. */
const LONGEST_V1 = 107
const FIXED_V2 = 16
/** Addresses and what proxies append to them; none appends as much. */
const LONGEST_V2 = 8 * 1024
const LINE_V1 = /^PROXY (TCP4|TCP6) ([0-9A-Fa-f:.]+) ([0-9A-Fa-f:.]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/
const UNKNOWN_V1 = /^PROXY UNKNOWN(?: [\x20-\x7e]*)?$/

/**
 * Reads the header of HAProxy's PROXY protocol, version 1 or 2, at the beginning of `bytes`. Strict: what is not one in every byte is
 * malformed. What a version 2 header has behind its addresses (TLVs) is passed over.
 */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader {
  const text = latin1(bytes, 0, SIGNATURE_V2.length)
  if (text.startsWith(BEGINNING_V1)) return parseV1(bytes)
  if (text === SIGNATURE_V2) return parseV2(bytes)
  const mayBecomeOne = BEGINNING_V1.startsWith(text) || SIGNATURE_V2.startsWith(text)
  return mayBecomeOne ? MORE : malformed('it does not begin with a PROXY header')
}

function malformed(why: string): ProxyHeader {
  return { kind: 'malformed', why }
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to))
}

function parseV1(bytes: Uint8Array): ProxyHeader {
  const text = latin1(bytes, 0, LONGEST_V1)
  const end = text.indexOf('\r\n')
  if (end === -1) {
    const isTooLong = text.length === LONGEST_V1 || text.includes('\n')
    return isTooLong ? malformed('the line of its PROXY header does not end') : MORE
  }
  const line = text.slice(0, end)
  const length = end + 2
  if (UNKNOWN_V1.test(line)) return { kind: 'header', length, source: undefined }
  const [, family, source = '', destination = '', from, to] = LINE_V1.exec(line) ?? []
  const version = family === 'TCP4' ? 4 : 6
  const isSound =
    family !== undefined &&
    isIP(source) === version &&
    isIP(destination) === version &&
    Number(from) <= 65_535 &&
    Number(to) <= 65_535
  return isSound ? { kind: 'header', length, source } : malformed('its PROXY header has odd addresses')
}

/** Bytes of both addresses and ports, by family; that of Unix sockets tells no address. */
const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [1, 12],
  [2, 36],
  [3, 216],
])
const [LOCAL, PROXY] = [0, 1]
const [UNSPECIFIED, STREAM] = [0, 1]

function parseV2(bytes: Uint8Array): ProxyHeader {
  if (bytes.length < FIXED_V2) return MORE
  const [kind = 0, protocol = 0, high = 0, low = 0] = bytes.subarray(SIGNATURE_V2.length, FIXED_V2)
  const length = FIXED_V2 + high * 256 + low
  const [version, command] = [kind >> 4, kind & 15]
  const [family, transport] = [protocol >> 4, protocol & 15]
  if (version !== 2 || command > PROXY) return malformed('its PROXY header is of an unknown version')
  if (length > LONGEST_V2) return malformed('its PROXY header is too long')
  const addressBytes = ADDRESS_BYTES.get(family)
  if (command !== LOCAL) {
    const isKnown = addressBytes !== undefined && (transport === STREAM || family === UNSPECIFIED)
    if (!isKnown) return malformed('its PROXY header is of an unknown protocol')
    if (transport > STREAM) return malformed('its PROXY header is of an unknown protocol')
    if (length < FIXED_V2 + addressBytes) return malformed('its PROXY header lacks addresses')
  }
  if (bytes.length < length) return MORE
  const source = command === LOCAL ? undefined : sourceOf(family, bytes.subarray(FIXED_V2))
  return { kind: 'header', length, source }
}

function sourceOf(family: number, addresses: Uint8Array): string | undefined {
  if (family === 1) return addresses.subarray(0, 4).join('.')
  if (family !== 2) return undefined
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((addresses[at * 2] ?? 0) * 256 + (addresses[at * 2 + 1] ?? 0)).toString(16),
  )
  return groups.join(':')
}
