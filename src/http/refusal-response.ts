import type { Refusal } from '../policy/refusal.ts'
import type { Format } from '../policy/types.ts'
import { REFUSALS } from './refusals.ts'

/** A whole answer, ready for `writeHead` and `end`. */
export interface RefusalResponse {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: Buffer
}

/** What the answer depends on besides the refusal itself. */
export interface RefusalContext {
  /** True where a client can still offer credentials: many send none before a 401. */
  readonly challenge: boolean
  readonly format: Format | undefined
  readonly accept: string | undefined
  /** The connection can't be used again (its request had a body that was not read). */
  readonly close: boolean
}

const CHALLENGE = 'Basic realm="Postern", charset="UTF-8"'
const CHALLENGED = new Set(['credential_missing', 'token_unknown'])

/**
 * Renders a refusal so that each client shows its reason: the reason phrase (apt, pip, Maven, npm), a problem document
 * (RFC 9457) whose members are also npm's `error`, Composer's `warning` and the OCI `errors`, an `npm-notice` header, plain
 * text for people. Never cached, never names what exists.
 */
export function refusalResponse(refusal: Refusal, context: RefusalContext): RefusalResponse {
  const row = REFUSALS[refusal.code]
  const challenged = context.challenge && CHALLENGED.has(refusal.code)
  const status = challenged ? 401 : row.status === 401 ? 403 : row.status
  const detail = row.detail(refusal.facts)
  const text = prefersText(context.accept)
  const content = text
    ? `${row.title}. ${detail}\n`
    : JSON.stringify(problem(refusal, status, row.title, detail))
  const body = Buffer.from(challenged ? `${row.title}\n` : content)
  const type = text || challenged ? 'text/plain; charset=utf-8' : 'application/problem+json'
  const headers: Record<string, string | number> = {
    'content-type': type,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-error-code': refusal.code,
  }
  if (challenged) headers['www-authenticate'] = CHALLENGE
  if (status === 405) headers['allow'] = 'GET, HEAD'
  if (row.retryAfter !== undefined) headers['retry-after'] = row.retryAfter
  if (context.format === 'npm') headers['npm-notice'] = `${row.title}. ${detail}`
  if (context.close) headers['connection'] = 'close'
  return { status, reason: row.title, headers, body }
}

/** Browsers and `Accept: text/plain` get text; whoever names JSON or nothing gets the problem document. */
function prefersText(accept: string | undefined): boolean {
  return accept !== undefined && /text\/(html|plain)/.test(accept) && !accept.includes('json')
}

function problem(refusal: Refusal, status: number, title: string, detail: string): Record<string, unknown> {
  const message = `${title}. ${detail}`
  return {
    type: `urn:postern:refusal:${refusal.code}`,
    title,
    status,
    detail,
    code: refusal.code,
    error: message,
    message,
    warning: message,
    errors: [{ code: 'DENIED', message, detail: { code: refusal.code } }],
  }
}
