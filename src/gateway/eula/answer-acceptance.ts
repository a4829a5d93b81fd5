import { endWith } from '../../deliver/sink.ts'
import type { EulaAcceptance } from '../../policy/types.ts'
import type { Exchange } from '../exchange.ts'
import type { Result } from '../observation.ts'

/** Says that it is accepted: a browser is led back to the page, a script is told in JSON. */
export function answerAcceptance(
  { request, response }: Exchange,
  place: string,
  { revision, at }: EulaAcceptance,
): Result {
  // Its body was read, but the connection was given up when it came: see server.ts.
  const common = ['cache-control', 'no-store', 'referrer-policy', 'no-referrer', 'connection', 'close']
  if (/\btext\/html\b/i.test(request.headers.accept ?? '')) {
    response.writeHead(303, ['location', './', 'content-length', '0', ...common])
    response.end()
    return { status: 303, outcome: 'passed', bytes: 0, charged: 0, upstreamMs: null }
  }
  const document = { repository: place, revision, accepted_at: new Date(at).toISOString() }
  const body = Buffer.from(`${JSON.stringify(document)}\n`)
  response.writeHead(200, [
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
    ...common,
  ])
  endWith(response, body)
  return { status: 200, outcome: 'delivered', bytes: body.length, charged: 0, upstreamMs: null }
}
