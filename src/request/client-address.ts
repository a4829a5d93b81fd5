import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Where a client is. An IPv4-mapped address is the IPv4 one. What is no address at all stays as it came. */
interface ClientAddress {
  /** Without a zone. */
  readonly full: string
  /** What counts as one client: an IPv6 address is folded to its /64, a household's or host's share. */
  readonly folded: string
}

export type ReadClientAddress = (peer: string, forwardedFor: string | undefined) => ClientAddress

type Address = ipaddr.IPv4 | ipaddr.IPv6

/**
 * Makes the reader of client addresses. `X-Forwarded-For` is believed only as far as it was written by `trustedProxies` (CIDR
 * ranges): from the right, the first address that is not one of them. An entry that is no address ends the walk.
 */
export function createClientAddress(trustedProxies: readonly string[]): ReadClientAddress {
  const ranges = trustedProxies.map((range) => parseRange(range))
  const isTrusted = (address: Address): boolean => ranges.some((range) => contains(range, address))
  return (peer, forwardedFor) => {
    const nearest = parseAddress(peer)
    if (nearest === undefined) return { full: peer, folded: peer }
    if (forwardedFor === undefined || ranges.length === 0) return describe(nearest)
    return describe(farthestKnown(nearest, forwardedFor, isTrusted))
  }
}

/** Makes the test whether an address lies in one of the CIDR ranges. What is no address does not. */
export function createAddressTest(networks: readonly string[]): (address: string) => boolean {
  const ranges = networks.map((range) => parseRange(range))
  return (text) => {
    const address = parseAddress(text)
    return address !== undefined && ranges.some((range) => contains(range, address))
  }
}

function farthestKnown(
  peer: Address,
  forwardedFor: string,
  isTrusted: (address: Address) => boolean,
): Address {
  let known = peer
  for (const entry of forwardedFor.split(',').toReversed()) {
    if (!isTrusted(known)) return known
    const next = parseAddress(entry.trim())
    if (next === undefined) return known
    known = next
  }
  return known
}

/** Strict: ipaddr.js by itself also reads `127.1`, `2130706433` and octal numbers, which others read otherwise. */
function parseAddress(text: string): Address | undefined {
  const plain = text.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
  return isIP(plain) === 0 ? undefined : ipaddr.process(plain)
}

function parseRange(text: string): readonly [Address, number] {
  const [address, bits] = text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), undefined]
  return [address, bits ?? (address.kind() === 'ipv4' ? 32 : 128)]
}

function contains(range: readonly [Address, number], address: Address): boolean {
  return address.kind() === range[0].kind() && address.match(range as [ipaddr.IPv4, number])
}

function describe(address: Address): ClientAddress {
  if (!(address instanceof ipaddr.IPv6)) return { full: address.toString(), folded: address.toString() }
  const network = new ipaddr.IPv6([...address.parts.slice(0, 4), 0, 0, 0, 0])
  return { full: new ipaddr.IPv6(address.parts).toString(), folded: `${network.toString()}/64` }
}
