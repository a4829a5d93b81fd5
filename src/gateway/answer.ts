import type { Opened } from '../deliver/contract.ts'
import { endWith } from '../deliver/sink.ts'
import type { RefusalResponse } from '../http/refusal-response.ts'
import type { Reply } from './exchange.ts'

const PUBLIC = /^(?:public|s-maxage=.*|proxy-revalidate)$/i

/** Sends a refusal whole and gives the bytes of its body. */
export function sendRefusal(reply: Reply, method: string, refusal: RefusalResponse): number {
  const { status, reason, headers, body } = refusal
  const fields = Object.entries(headers).flatMap(([name, value]) => [name, String(value)])
  reply.begin(status, reason, fields)
  if (method === 'HEAD') {
    reply.body.end()
    return 0
  }
  endWith(reply.body, body)
  return body.length
}

/**
 * Sends the storage's status and headers. `personal`: what is said to this customer besides; the answer is not to be kept by shared caches.
 * undefined: the answer is for everybody.
 */
export function sendHead(
  reply: Reply,
  { status, headers }: Opened,
  personal: readonly string[] | undefined,
): void {
  reply.begin(status, undefined, personal ? [...withPrivateCache(headers), ...personal] : headers)
}

/**
 * What a token opened must not be served to somebody else by a cache between: RFC 9111 §3.5 lets `public` and `s-maxage` do that even
 * for requests with credentials.
 */
function withPrivateCache(headers: readonly string[]): string[] {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name === 'cache-control')
  if (at === -1) return [...headers, 'cache-control', 'private']
  const directives = (headers[at + 1] ?? '').split(',').map((each) => each.trim())
  const kept = directives.filter((each) => each !== '' && !PUBLIC.test(each) && each !== 'private')
  return headers.with(at + 1, ['private', ...kept].join(', '))
}
