import { parseAddress, type Address } from './address.ts'
import type { BadList, ListProblem } from './repositories.ts'

/** Which client addresses a token works from. */
export interface NetworkScope {
  readonly ok: true
  /** False for what is no address. A mapped IPv4 address counts as the IPv4 one. */
  readonly includes: (address: string) => boolean
}

interface Network {
  readonly address: Address
  readonly bits: number
}

const WORD_BITS = 16

/**
 * Compiles CIDR ranges (RFC 4632) and single addresses, of both families. An empty list includes nobody. A range whose address goes on
 * behind its length is refused: it is more often a wrong length than a wide range.
 */
export function compileNetworks(ranges: readonly string[]): NetworkScope | BadList {
  const parsed = ranges.map(parseNetwork)
  const problems: ListProblem[] = parsed.flatMap((network, index) =>
    typeof network === 'string' ? [{ index, message: `"${ranges[index]}" ${network}` }] : [],
  )
  if (problems.length > 0) return { ok: false, problems }
  const networks = parsed.filter((network) => typeof network !== 'string')
  return { ok: true, includes: remember((address) => isIn(networks, address)) }
}

/** A network, or what is wrong with it. */
function parseNetwork(text: string): Network | string {
  const [given = '', length, ...more] = text.split('/')
  const address = parseAddress(given)
  if (address === undefined || more.length > 0) {
    return 'is no network; write an address or a range, like 203.0.113.0/24 or 2001:db8::/32'
  }
  if (given.includes(':') && address.length === 2) return 'is a mapped IPv4 address; write it as IPv4'
  const most = address.length * WORD_BITS
  if (length === undefined) return { address, bits: most }
  const bits = /^(?:0|[1-9]\d{0,2})$/.test(length) ? Number(length) : Number.NaN
  if (!(bits <= most)) return `has a wrong length after the slash; it is 0 to ${most}`
  const isExact = address.every((word, index) => (word & ~maskOf(bits, index)) === 0)
  return isExact ? { address, bits } : `goes on after its first ${bits} bits; they alone are compared`
}

/** The bits of the word at `index` that belong to the first `bits`. */
function maskOf(bits: number, index: number): number {
  const own = Math.min(WORD_BITS, Math.max(0, bits - index * WORD_BITS))
  return (0xffff << (WORD_BITS - own)) & 0xffff
}

function isIn(networks: readonly Network[], text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && networks.some((network) => contains(network, address))
}

function contains(network: Network, address: Address): boolean {
  if (network.address.length !== address.length) return false
  return network.address.every((word, index) => {
    const mask = maskOf(network.bits, index)
    return (word & mask) === ((address[index] ?? 0) & mask)
  })
}

/** Most tokens are used from one address for a while: then a long list costs nothing. */
function remember(judge: (address: string) => boolean): (address: string) => boolean {
  let last: string | undefined
  let verdict = false
  return (address) => {
    if (address !== last) [last, verdict] = [address, judge(address)]
    return verdict
  }
}
