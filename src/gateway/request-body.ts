import type { IncomingMessage } from 'node:http'

/** A body would be left on the connection, where it could pass for the next request (request smuggling). */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}
