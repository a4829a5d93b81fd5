/** How much of clients' addresses is recorded: all that counts, or the network that they are in. */
export type AddressDetail = 'full' | 'network'

const IPV4 = /^(\d+\.\d+\.\d+)\.\d+$/
const IPV6 = /^([0-9a-f]+:[0-9a-f]+:[0-9a-f]+):[0-9a-f:]+\/64$/

/**
 * A client's address (folded, see request/client-address.ts) without what tells households apart: the last byte of IPv4, and of IPv6 all
 * behind the first 48 bits. What is neither is nobody's.
 */
export function maskClient(client: string): string {
  const ipv4 = IPV4.exec(client)?.[1]
  if (ipv4 !== undefined) return `${ipv4}.0/24`
  const ipv6 = IPV6.exec(expand(client))?.[1]
  return ipv6 === undefined ? 'unknown' : `${ipv6}::/48`
}

/** `2001:db8::/64` with the zeroes that `::` stands for, as far as they lie in its first half. */
function expand(client: string): string {
  const [address = '', bits] = client.split('/')
  const [head = '', tail] = address.split('::')
  if (tail === undefined || bits === undefined) return client
  const [before, after] = [groups(head), groups(tail)]
  const zeroes = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  return `${[...before, ...zeroes, ...after].join(':')}/${bits}`
}

function groups(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
