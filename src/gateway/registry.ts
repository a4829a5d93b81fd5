import type { Opened } from '../deliver/contract.ts'
import { endWith } from '../deliver/sink.ts'
import { chargeFor } from '../policy/decide.ts'
import { REGISTRY_HEADER } from '../policy/refusal.ts'
import type { Judgement } from './authorize.ts'
import type { Exchange } from './exchange.ts'
import type { Result } from './observation.ts'

/** Answers a client that has found a registry, and whose login is good (OCI distribution, "Determining Support"). */
export function answerGreeting({ request, reply }: Exchange): Result {
  const body = Buffer.from(request.method === 'HEAD' ? '' : '{}')
  const described = ['content-type', 'application/json', 'content-length', '2', 'cache-control', 'no-store']
  reply.begin(200, undefined, [...described, ...REGISTRY_HEADER])
  if (request.method === 'HEAD') reply.body.end()
  else endWith(reply.body, body)
  return { status: 200, outcome: 'delivered', bytes: body.length, charged: 0, upstreamMs: null }
}

/** The judgement with what the storage's answer told of the artifact: what its path did not. It is the answer that is charged. */
export function refine(judgement: Judgement, { found }: Pick<Opened, 'found'>): Judgement {
  const { artifact, token, verdict } = judgement
  if (found === undefined || artifact === undefined || !verdict.ok) return judgement
  const refined = { ...artifact, ...found, filename: found.path.slice(found.path.lastIndexOf('/') + 1) }
  return { ...judgement, artifact: refined, verdict: token === undefined ? verdict : chargeFor(refined) }
}
