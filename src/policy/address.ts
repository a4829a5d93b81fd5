/** An IP address in words of 16 bits: two of IPv4, eight of IPv6. */
export type Address = readonly number[]

const DECIMAL = /^(?:0|[1-9]\d{0,2})$/
const GROUP = /^[0-9a-f]{1,4}$/i
const MAPPED: Address = [0, 0, 0, 0, 0, 0xffff]

/**
 * Reads an address as RFC 4291 and RFC 3986 write it, strictly: no octal numbers, no missing parts, no zone. A mapped IPv4 address
 * (`::ffff:192.0.2.7`) becomes the IPv4 one. undefined for anything else.
 */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) return parseIpv4(text)
  const address = parseIpv6(text)
  const isMapped = address !== undefined && MAPPED.every((word, index) => word === address[index])
  return isMapped ? address.slice(MAPPED.length) : address
}

function parseIpv4(text: string): Address | undefined {
  const parts = text.split('.')
  const bytes = parts.map((part) => (DECIMAL.test(part) ? Number(part) : Number.NaN))
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  const isAddress = parts.length === 4 && bytes.every((byte) => byte <= 255)
  return isAddress ? [a * 256 + b, c * 256 + d] : undefined
}

function parseIpv6(text: string): Address | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = '', tail] = halves
  const front = parseGroups(head, tail === undefined)
  const back = tail === undefined ? [] : parseGroups(tail, true)
  if (front === undefined || back === undefined) return undefined
  const missing = 8 - front.length - back.length
  if (tail === undefined) return missing === 0 ? front : undefined
  return missing >= 1 ? [...front, ...Array.from({ length: missing }, () => 0), ...back] : undefined
}

/** Groups of one side of `::`. At the end of an address the last 32 bits may be written as IPv4. */
function parseGroups(text: string, isEnd: boolean): Address | undefined {
  if (text === '') return []
  const groups = text.split(':')
  const last = groups.at(-1) ?? ''
  const ipv4 = isEnd && last.includes('.') ? parseIpv4(last) : []
  const plain = ipv4?.length === 0 ? groups : groups.slice(0, -1)
  if (ipv4 === undefined || !plain.every((group) => GROUP.test(group))) return undefined
  return [...plain.map((group) => Number.parseInt(group, 16)), ...ipv4]
}
