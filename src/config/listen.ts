import { isIPv4, isIPv6 } from 'node:net'
import { bad, good, quote, type Parsed } from './parsed.ts'
import type { ListenAddress } from './types.ts'

const ADDRESS = /^(\[[^\]]*\]|[^:[\]]*):(\d{1,5})$/
const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/
const LOOKS_LIKE_IPV4 = /^[\d.]+$/
const ALL_INTERFACES: ReadonlySet<string> = new Set(['', '0.0.0.0', '::'])

/** Reads `host:port`, `[::1]:8080` or `:8080` (all interfaces: the host is then empty). */
export function parseListen(text: string): Parsed<ListenAddress> {
  const [whole, bracketed = '', digits = ''] = ADDRESS.exec(text) ?? []
  if (whole === undefined) return bad(`${quote(text)} is not host:port; write one like 127.0.0.1:8080`)
  const port = Number(digits)
  if (port > 65_535) return bad(`port ${digits} is too high; ports end at 65535`)
  const host = readHost(bracketed)
  if (host !== undefined) return good({ host, port })
  const hint = 'an address, a host name, an IPv6 address in brackets, or nothing for all interfaces'
  return bad(`${quote(bracketed)} is not a host to listen on; write ${hint}, like :8080`)
}

export function formatListen({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** How a browser on this machine reaches the address. */
export function derivePublicUrl(listen: ListenAddress): string {
  const host = ALL_INTERFACES.has(listen.host) ? 'localhost' : listen.host
  return `http://${formatListen({ host, port: listen.port })}`
}

/** True when both can't be listened on at once. Port 0 never collides. */
export function collides(a: ListenAddress, b: ListenAddress): boolean {
  if (a.port !== b.port || a.port === 0) return false
  return a.host === b.host || ALL_INTERFACES.has(a.host) || ALL_INTERFACES.has(b.host)
}

function readHost(text: string): string | undefined {
  if (text === '' || isIPv4(text)) return text
  if (text.startsWith('[')) return readIPv6(text.slice(1, -1))
  return HOST_NAME.test(text) && !LOOKS_LIKE_IPV4.test(text) ? text.toLowerCase() : undefined
}

function readIPv6(text: string): string | undefined {
  return isIPv6(text) && !text.includes('%') ? text.toLowerCase() : undefined
}
