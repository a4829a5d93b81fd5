import { endWith } from '../deliver/sink.ts'
import type { Judgement } from './authorize.ts'
import type { Exchange } from './exchange.ts'
import type { Result } from './observation.ts'

/**
 * Tells where the services of the repository are that the host stands for (Terraform documentation, "Remote Service Discovery"). Clients go there
 * with their token, as a bearer.
 */
export function answerDiscovery({ request, reply }: Exchange, { served }: Judgement): Result {
  const entrance = served?.repository.public === true ? 'public' : 'basic'
  const services = Object.entries(served?.rules.discovery ?? {})
  const document = Object.fromEntries(services.map(([name, path]) => [name, `/${entrance}/${path}`]))
  const body = Buffer.from(JSON.stringify(document))
  const described = ['content-type', 'application/json', 'cache-control', 'no-cache']
  reply.begin(200, undefined, [...described, 'content-length', String(body.length)])
  const isHead = request.method === 'HEAD'
  if (isHead) reply.body.end()
  else endWith(reply.body, body)
  return { status: 200, outcome: 'delivered', bytes: isHead ? 0 : body.length, charged: 0, upstreamMs: null }
}
