import type { DeliveryOrder } from '../deliver/contract.ts'
import type { Target } from '../request/target.ts'
import type { BaseUrl } from './base-url.ts'
import type { Exchange, RequestHead } from './exchange.ts'
import type { Judgement } from './authorize.ts'
import { judgePlace } from './sent-elsewhere.ts'

/** Headers of the client that concern the file and nothing else. */
const PASSED = [
  'accept',
  'accept-encoding',
  'cache-control',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
  'user-agent',
] as const

/** A request, as far as an order depends on it. */
export interface Ordering extends Pick<Exchange, 'onGone'> {
  readonly request: Pick<RequestHead, 'method' | 'headers' | 'host'>
}

/** What the storage is asked for; undefined for a request that was never to get so far. */
export function orderOf(
  { request, onGone }: Ordering,
  judgement: Judgement,
  baseUrl: BaseUrl,
): DeliveryOrder | undefined {
  const { target, artifact, token, client } = judgement
  if (target === undefined || artifact === undefined) return undefined
  const base = baseUrl(target, request.host)
  return {
    method: request.method === 'HEAD' ? 'HEAD' : 'GET',
    artifact,
    query: judgement.served?.rules.takesQuery(artifact) === true ? target.query : '',
    headers: pick(request.headers),
    baseUrl: base,
    openUrl: () => baseUrl(opened(target, judgement.secret), request.host),
    includes: includesOf(judgement),
    includesAllVersions: () => includesAllVersions(judgement),
    mayBeSentTo: judgePlace(request, judgement, base),
    customer: token?.record.slugPerm ?? client,
    onGone,
  }
}

/** The same target for who brings no credential. */
function opened(target: Target, secret: string | undefined): Target {
  if (target.entrance !== 'basic' || secret === undefined) return target
  return { ...target, entrance: 'path', secret, prefix: target.prefix.replace(/^\/basic\//, `/${secret}/`) }
}

/** Judges a path as it will be judged when the client asks for it. undefined: nothing that the repository has is kept back. */
export function includesOf({ token, target, served }: Judgement): DeliveryOrder['includes'] {
  if (token === undefined || token.coversEverything) return undefined
  if (target === undefined || served === undefined) return () => false
  return (path) => token.covers(served.rules.recognize(path), target.owner, target.repo)
}

/** Judges the package that was asked for, whatever its version. */
export function includesAllVersions({ token, target, artifact }: Judgement): boolean {
  if (token === undefined) return true
  return (
    target !== undefined &&
    artifact !== undefined &&
    token.coversAllVersions(artifact, target.owner, target.repo)
  )
}

function pick(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name of PASSED) {
    const value = headers[name]
    if (typeof value === 'string') picked[name] = value
  }
  return picked
}
