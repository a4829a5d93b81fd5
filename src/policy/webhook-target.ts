import { parseAddress } from './address.ts'
import { compileNetworks } from './networks.ts'

/** What webhooks may lead to beside public addresses over https. */
export interface TargetPermissions {
  readonly allowsHttp: boolean
  /** CIDR ranges that are allowed although they are not public. */
  readonly networks: readonly string[]
}

export interface TargetRules {
  /** Why a URL can't be a target, as the end of a sentence; undefined: nothing is wrong with it as far as it can be read. */
  readonly judgeUrl: (url: string) => string | undefined
  /** True for an address that may be connected to. To be asked of the address that a name stands for, at each attempt. */
  readonly allowsAddress: (address: string) => boolean
}

/**
 * What is not the public internet: IANA's special-purpose registries of IPv4 (RFC 6890 and later) and multicast; of IPv6 all but 2000::/3,
 * and in that what stands for other addresses (6to4, Teredo, documentation). Metadata services of clouds lie in these, but for Azure's.
 */
const CLOSED = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
]
const LONGEST = 2_048

/** @throws Error when a network is none; the configuration has been checked before. */
export function createTargetRules({ allowsHttp, networks }: TargetPermissions): TargetRules {
  const isClosed = compile(CLOSED)
  const isOpened = compile(networks)
  const allowsAddress = (address: string): boolean =>
    parseAddress(address) !== undefined && (isOpened(address) || !isClosed(address))
  return {
    allowsAddress,
    judgeUrl: (text) => {
      const url = text.length <= LONGEST && !/\s/.test(text) ? URL.parse(text) : null
      if (url === null)
        return `must be a URL like https://example.com/hooks, of at most ${LONGEST} characters`
      if (url.protocol !== 'https:' && !(allowsHttp && url.protocol === 'http:')) {
        return allowsHttp ? 'must begin with https:// or http://' : 'must begin with https://'
      }
      if (url.username !== '' || url.password !== '') return 'must have no credentials in it'
      if (url.hash !== '') return 'must have no fragment'
      const host = hostOf(url)
      const isClosedAddress = parseAddress(host) !== undefined && !allowsAddress(host)
      return isClosedAddress
        ? 'must lead to a public address; events.allowed_networks lists others'
        : undefined
    },
  }
}

/** Host of a URL as a name or an address; IPv6 without brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

function compile(ranges: readonly string[]): (address: string) => boolean {
  const compiled = compileNetworks(ranges)
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join('; '))
  return compiled.includes
}
