import { isIPv4, isIPv6 } from 'node:net'
import { bad, good, quote, type Parsed } from './parsed.ts'
import type { ListenAddress, TcpAddress } from './types.ts'

const ADDRESS = /^(\[[^\]]*\]|[^:[\]]*):(\d{1,5})$/
const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/
const LOOKS_LIKE_IPV4 = /^[\d.]+$/
const ALL_INTERFACES: ReadonlySet<string> = new Set(['', '0.0.0.0', '::'])

/** Mode of a socket in the file system that does not say: whoever is in the group may connect. */
const DEFAULT_MODE = 0o660
/** What the kernel allows, with the byte that ends it. */
const LONGEST_PATH = 107
const INHERITED_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/**
 * Reads `host:port`, `[::1]:8080`, `:8080` (all interfaces: the host is then empty), `unix:` and a path as it is written, perhaps with
 * `?mode=0660` behind it, `systemd`, or `systemd:NAME`.
 */
export function parseListen(text: string): Parsed<ListenAddress> {
  if (text.startsWith('unix:')) return parseUnix(text.slice('unix:'.length))
  if (text === 'systemd') return good({ inherited: '' })
  if (text.startsWith('systemd:')) {
    const inherited = text.slice('systemd:'.length)
    return INHERITED_NAME.test(inherited)
      ? good({ inherited })
      : bad('has no name behind systemd:; write the FileDescriptorName of the socket unit')
  }
  return parseTcp(text)
}

/** Reads `host:port`, as parseListen does. */
export function parseTcp(text: string): Parsed<TcpAddress> {
  const [whole, bracketed = '', digits = ''] = ADDRESS.exec(text) ?? []
  if (whole === undefined) return bad(`${quote(text)} is not host:port; write one like 127.0.0.1:8080`)
  const port = Number(digits)
  if (port > 65_535) return bad(`port ${digits} is too high; ports end at 65535`)
  const host = readHost(bracketed)
  if (host !== undefined) return good({ host, port })
  const hint = 'an address, a host name, an IPv6 address in brackets, or nothing for all interfaces'
  return bad(`${quote(bracketed)} is not a host to listen on; write ${hint}, like :8080`)
}

function parseUnix(text: string): Parsed<ListenAddress> {
  const [, path = '', octal] = /^([^?]*)(?:\?mode=(0?[0-7]{3}))?$/.exec(text) ?? []
  if (path === '' || path.endsWith('/') || /\p{C}/u.test(path))
    return bad('is no path of a socket; write one like unix:/run/postern/postern.sock or …sock?mode=0660')
  if (Buffer.byteLength(path) > LONGEST_PATH) return bad(`has a path of more than ${LONGEST_PATH} bytes`)
  return good({ path, mode: octal === undefined ? DEFAULT_MODE : Number.parseInt(octal, 8) })
}

export function formatListen(listen: ListenAddress): string {
  if ('path' in listen) return `unix:${listen.path}`
  if ('inherited' in listen) return listen.inherited === '' ? 'systemd' : `systemd:${listen.inherited}`
  const { host, port } = listen
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** How a browser on this machine reaches the address. Of a socket that is not TCP of our own, nobody can tell. */
export function derivePublicUrl(listen: ListenAddress, isSecure = false): string {
  const scheme = isSecure ? 'https' : 'http'
  if (!('port' in listen)) return `${scheme}://localhost`
  const host = ALL_INTERFACES.has(listen.host) ? 'localhost' : listen.host
  return `${scheme}://${formatListen({ host, port: listen.port })}`
}

/** True when both can't be listened on at once. Port 0 never collides. */
export function collides(a: ListenAddress, b: ListenAddress): boolean {
  if (!('port' in a) || !('port' in b)) return formatListen(a) === formatListen(b)
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
