import type { IncomingMessage } from 'node:http'
import type { DeliveryOrder } from '../deliver/contract.ts'
import type { Format } from '../policy/types.ts'
import type { Judgement } from './authorize.ts'

/** Formats whose clients were seen to leave `Authorization` out when they are sent on to another host. */
const LEAVING_CREDENTIALS: ReadonlySet<Format> = new Set([
  'arch',
  'cargo',
  'composer',
  'deb',
  'go',
  'maven',
  'npm',
  'python',
  'raw',
  'rpm',
  'ruby',
])

/**
 * Judges places that a client could be sent to for a file. It must not take its secret along: S3 refuses a request with two credentials, and
 * it is nobody else's business. All headers but `Authorization` go along, and npm has the URL that it was asked for in one of them
 * (`pacote-pkg-id`); Go's clients take `Authorization` along to the same host and to hosts below it. Nobody is led out of TLS, which apt
 * and Go refuse. Downloads at once can't be counted where the gate does not see them end.
 */
export function judgePlace(
  { headers }: Pick<IncomingMessage, 'headers'>,
  { token, served, secret }: Judgement,
  baseUrl: string,
): DeliveryOrder['mayBeSentTo'] {
  return ({ protocol, hostname }) => {
    if (token !== undefined && token.limits.limitConcurrency !== null) return false
    if (protocol !== 'https:' && baseUrl.startsWith('https:')) return false
    if (headers['x-api-key'] !== undefined || isInHeaders(secret, headers) || speaksS3(headers)) return false
    if (headers.authorization === undefined) return true
    if (served === undefined || !LEAVING_CREDENTIALS.has(served.repository.format)) return false
    const gate = headers.host === undefined ? undefined : URL.parse(`http://${headers.host}`)?.hostname
    return gate !== undefined && hostname !== gate && !hostname.endsWith(`.${gate}`)
  }
}

/** What the link was not signed with, S3 refuses, and with it the download that was charged. */
function speaksS3(headers: IncomingMessage['headers']): boolean {
  return Object.keys(headers).some((name) => name.startsWith('x-amz-'))
}

function isInHeaders(secret: string | undefined, headers: IncomingMessage['headers']): boolean {
  if (secret === undefined) return false
  return Object.entries(headers).some(
    ([name, value]) => name !== 'authorization' && `${value}`.includes(secret),
  )
}
