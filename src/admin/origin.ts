import type { IncomingMessage } from 'node:http'
import type { Request } from 'express'

const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i
const SAFE_METHODS = new Set(['GET', 'HEAD'])

/**
 * What URLs in the answer to `request` begin with: `configured`, else scheme and host as the request names them (nothing when that
 * is no host), then the prefix `/v1` when it was asked with it.
 */
export function baseUrlOf(request: Request, configured: string | undefined): string {
  const { host } = request.headers
  const named = host !== undefined && HOST.test(host) ? `${request.protocol}://${host}` : ''
  return (configured ?? named) + request.baseUrl
}

/** Asks for no change. */
export function isReading({ method }: Pick<IncomingMessage, 'method'>): boolean {
  return SAFE_METHODS.has(method ?? '')
}

/** The header that scripts of the console add to what they ask. No page of another site may add one: there is no CORS here. */
export function isOfConsole({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['x-postern-console'] !== undefined
}

/**
 * True for a change that a page of another site makes a browser send: browsers remember Basic credentials and add them to such
 * requests, too. `Sec-Fetch-Site` tells; browsers leave it out on plain HTTP, where `Origin` has to name our host. Programs send
 * neither.
 */
export function isCrossSite(request: Pick<Request, 'method' | 'headers'>): boolean {
  if (isReading(request)) return false
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin, host } = request.headers
  return origin !== undefined && origin.replace(/^https?:\/\//, '') !== host
}
