import { isIP, isIPv4 } from 'node:net'
import { bad, good, quote, type Parsed } from './parsed.ts'

const MAPPED = /^::ffff:/i

/** Reads an address or a CIDR range of proxies. A range of everybody is refused: anyone could then choose his address. */
export function parseNetwork(text: string): Parsed<string> {
  const [address = '', bits, ...more] = text.split('/')
  if (isIP(address) === 0 || address.includes('%') || more.length > 0) {
    return bad(`${quote(text)} is not a network; write an address or a range, like 10.0.0.0/8`)
  }
  const most = isIPv4(address) ? 32 : 128
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)) {
    return bad(`${quote(text)} has a wrong length after the slash; it is 1 to ${most}`)
  }
  if (Number(bits ?? most) === 0) {
    return bad(
      `${quote(text)} is everybody, who could then choose the address they count as; list the proxies`,
    )
  }
  if (MAPPED.test(address)) return bad(`${quote(text)} is a mapped IPv4 address; write it as IPv4`)
  return good(text)
}
