import { StoreError } from '../store/contract.ts'
import { counted } from '../text/counted.ts'
import { json, type Answer } from './answer.ts'

/** What is wrong, by the name of the field. */
export type FieldErrors = ReadonlyMap<string, readonly string[]>

const CHALLENGE = { 'WWW-Authenticate': 'Basic realm="Postern API"' }
/** Seconds. The store has its own deadline; a moment later it may be well again. */
const STORE_RETRY_AFTER = '5'
const INDEX_RETRY_AFTER = '30'

const FORBIDDEN = 'You do not have permission to perform this action.'

/** Cloudsmith's shape of an error. `detail` is a constant: nothing of the request's own bytes may come back in it. */
function problem(status: number, code: string, detail: string, headers: Answer['headers'] = {}): Answer {
  return json(status, { detail, code }, headers)
}

/** `fields`: which of the fields that were sent names what is not there. */
export function notFound(fields?: FieldErrors): Answer {
  const named = fields === undefined ? {} : { fields: Object.fromEntries(fields) }
  return json(404, { detail: 'Not found.', code: 'not_found', ...named })
}

/** Part of Cloudsmith's API, and not of this one. */
export function notOffered(why: string): Answer {
  return problem(404, 'not_offered', `Postern does not offer this: ${why}`)
}

/** `what`: token, key or webhook. */
export function changedSince(what: string): Answer {
  const detail = `The ${what} is not the one that If-Match names: it was changed since. Nothing was changed now; read it again.`
  return problem(412, 'precondition_failed', detail)
}

export function unconditional(): Answer {
  return problem(
    400,
    'precondition_not_supported',
    'If-Match is understood for changes of one token, key or webhook only. Nothing was changed.',
  )
}

export function methodNotAllowed(allowed: readonly string[]): Answer {
  const Allow = allowed.join(', ')
  return problem(405, 'method_not_allowed', `Method not allowed; allowed are ${Allow}.`, { Allow })
}

export function notAuthenticated(): Answer {
  return problem(401, 'not_authenticated', 'Authentication credentials were not provided.', CHALLENGE)
}

export function invalidKey(): Answer {
  return problem(401, 'authentication_failed', 'Invalid token.', CHALLENGE)
}

/** Without a challenge: a browser would ask for a password that there is none of. */
export function sessionEnded(): Answer {
  return problem(401, 'session_ended', 'The session has ended. Sign in again.')
}

export function throttled(seconds: number): Answer {
  const detail = `Request was throttled. Expected available in ${counted(seconds, 'second')}.`
  return problem(429, 'throttled', detail, { 'Retry-After': String(seconds) })
}

/** More is asked at once than can be answered. */
export function busy(): Answer {
  const detail = 'Too many requests at once. Try again soon.'
  return problem(503, 'busy', detail, { 'Retry-After': '1' })
}

/** `fields`: which of the fields that were sent ask for too much. */
export function forbidden(detail: string = FORBIDDEN, fields?: FieldErrors): Answer {
  const named = fields === undefined ? {} : { fields: Object.fromEntries(fields) }
  return json(403, { detail, code: 'permission_denied', ...named })
}

export function crossSite(): Answer {
  return problem(403, 'cross_site', 'A page of another site may not change anything here.')
}

export function malformed(detail: string): Answer {
  return problem(400, 'parse_error', detail)
}

/** The rest of such a body is not read, so the connection can't be used again. */
export function tooLarge(mostBytes: number): Answer {
  const detail = `The body is larger than ${mostBytes / 1024} KB.`
  return problem(413, 'too_large', detail, { Connection: 'close' })
}

export function unsupportedMediaType(what = 'JSON as application/json, in UTF-8'): Answer {
  const detail = `Unsupported media type: send ${what} and not compressed.`
  return problem(415, 'unsupported_media_type', detail)
}

export function invalid(errors: FieldErrors): Answer {
  // fromEntries makes own properties of everything, "__proto__" included.
  return json(422, { detail: 'Invalid input.', code: 'invalid', fields: Object.fromEntries(errors) })
}

/** The answer to something thrown: by the router (a path that can't be decoded), by the store, or by a mistake of ours. */
export function answerError(error: unknown): Answer {
  if (error instanceof StoreError) return storeFailure(error)
  if (error instanceof URIError) return malformed('The path is malformed.')
  return problem(500, 'internal_error', 'Internal error. The log has the reason.')
}

function storeFailure({ code, message }: StoreError): Answer {
  if (code === 'too_broad') return invalid(new Map([['query', [message]]]))
  if (code === 'not_ready') {
    return problem(503, 'not_ready', message, { 'Retry-After': INDEX_RETRY_AFTER })
  }
  return storeUnavailable()
}

function storeUnavailable(): Answer {
  const detail = 'The store of the entitlements is unavailable. Try again soon.'
  return problem(503, 'unavailable', detail, { 'Retry-After': STORE_RETRY_AFTER })
}
