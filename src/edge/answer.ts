import type { ServerResponse } from 'node:http'
import type { Decision } from '../gateway/offload/decide-for-front.ts'
import type { RefusalResponse } from '../http/refusal-response.ts'
import type { Dialect } from './dialects.ts'

/** What a front may read, as a flat list; docs/offloading.md describes it. */
function headersOf(decision: Extract<Decision, { kind: 'front' }>): string[] {
  const { repository, path, encodedPath, range, id, warnings } = decision
  const headers = [
    'x-postern-serve',
    'storage',
    'x-postern-repository',
    repository,
    'x-postern-path',
    encodedPath,
  ]
  // A front that trims the value would send another file.
  if (path === path.trim()) headers.push('x-postern-file', Buffer.from(path).toString('latin1'))
  if (range !== undefined) headers.push('x-postern-range', range)
  if (id !== undefined) headers.push('x-postern-delivery', id)
  return [...headers, ...warnings]
}

const NOT_KEPT = ['cache-control', 'no-store', 'content-length', '0']

/** Answers a front in a way that it understands. What it does not understand ends as a refusal. */
export function answerFront(response: ServerResponse, { gate }: Dialect, decision: Decision): void {
  if (decision.kind === 'front') respond(response, 200, [...headersOf(decision), ...NOT_KEPT])
  else if (decision.kind === 'gate') passOn(response, gate)
  else if (gate === 'status') refuseByStatus(response, decision.response)
  else refuseInFull(response, decision.response)
}

function passOn(response: ServerResponse, gate: Dialect['gate']): void {
  if (gate === 'header') respond(response, 200, ['x-postern-serve', 'gate', ...NOT_KEPT])
  else if (gate === 'status') respond(response, 403, ['x-postern-serve', 'gate', ...NOT_KEPT])
  else respond(response, 501, NOT_KEPT, 'Only the gate can answer this: route it there\n')
}

/**
 * auth_request takes 401 and 403 for refusals, and everything else for a failure. The challenge of a 401 would go to the client beside that of
 * the gate, which says in the end why.
 */
function refuseByStatus(response: ServerResponse, { status, headers }: RefusalResponse): void {
  const code = String(headers['x-error-code'] ?? '')
  const told = ['x-postern-serve', 'gate', 'x-postern-refusal', code, 'x-postern-status', String(status)]
  respond(response, 403, [...told, ...NOT_KEPT])
}

function refuseInFull(response: ServerResponse, { status, reason, headers, body }: RefusalResponse): void {
  response.writeHead(status, reason, headers)
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

function respond(response: ServerResponse, status: number, headers: readonly string[], text?: string): void {
  const described =
    text === undefined ? headers : headers.with(headers.indexOf('content-length') + 1, String(text.length))
  response.writeHead(status, [...described])
  response.end(text)
}
