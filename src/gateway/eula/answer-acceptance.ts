import { endWith } from '../../deliver/sink.ts'
import type { EulaAcceptance } from '../../policy/types.ts'
import type { Exchange } from '../exchange.ts'
import type { Result } from '../observation.ts'

/** Says that it is accepted: a browser is led back to the page, a script is told in JSON. */
export function answerAcceptance(
  { request, reply }: Exchange,
  place: string,
  { revision, at }: EulaAcceptance,
): Result {
  // Its body was read, but the connection was given up when it came: see server.ts.
  const common = ['cache-control', 'no-store', 'referrer-policy', 'no-referrer', 'connection', 'close']
  if (/\btext\/html\b/i.test(request.headers.accept ?? '')) {
    reply.begin(303, undefined, ['location', './', 'content-length', '0', ...common])
    reply.body.end()
    return { status: 303, outcome: 'passed', bytes: 0, charged: 0, upstreamMs: null }
  }
  const document = { repository: place, revision, accepted_at: new Date(at).toISOString() }
  const body = Buffer.from(`${JSON.stringify(document)}\n`)
  reply.begin(200, undefined, [
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
    ...common,
  ])
  endWith(reply.body, body)
  return { status: 200, outcome: 'delivered', bytes: body.length, charged: 0, upstreamMs: null }
}
