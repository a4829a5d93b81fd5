import { endWith } from '../deliver/sink.ts'
import type { Judgement } from './authorize.ts'
import type { Exchange } from './exchange.ts'
import type { Result } from './observation.ts'

/**
 * What a client hears that logs in: Conan asks with a password for a token, and sends that from then on. It is the secret that came with the very
 * request, so that nobody learns anything. undefined for a request that is no login, or that no token was needed for.
 */
export function loginText({ artifact, served, secret, token }: Judgement): string | undefined {
  if (artifact === undefined || token === undefined) return undefined
  const wanted = served?.rules.answersLogin(artifact)
  if (wanted === 'name') return 'token'
  return wanted === 'secret' ? secret : undefined
}

/** Answers a login, and lets nobody keep the answer. */
export function answerLogin({ request, reply }: Exchange, text: string): Result {
  const body = Buffer.from(request.method === 'HEAD' ? '' : text)
  const described = ['content-type', 'text/plain', 'content-length', String(Buffer.byteLength(text))]
  reply.begin(200, undefined, [...described, 'cache-control', 'no-store'])
  if (request.method === 'HEAD') reply.body.end()
  else endWith(reply.body, body)
  return { status: 200, outcome: 'delivered', bytes: body.length, charged: 0, upstreamMs: null }
}
