import { refused, unavailable, unusable, type CliError } from './errors.ts'
import { isObject } from './json-fields.ts'
import { renderFacts } from './table.ts'
import { clean } from './text.ts'
import { flagOfField } from './token-settings.ts'

/** An answer that is no success. */
export interface Failure {
  readonly base: string
  readonly hasKey: boolean
  /** By field. undefined: those of a token. */
  readonly flags: ReadonlyMap<string, string> | undefined
  readonly notFound: string | undefined
  readonly response: Response
  readonly text: string
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: "the name can't be resolved",
  ETIMEDOUT: 'timed out',
  UND_ERR_CONNECT_TIMEOUT: 'timed out',
  UND_ERR_SOCKET: 'the connection broke',
  TimeoutError: 'no answer within 30 seconds',
}

/** The request got no whole answer. */
export function explainUnreachable(base: string, error: unknown): CliError {
  return unavailable(
    `The management API can't be reached at ${base} (${reasonOf(error)}).\n` +
      'Is the gate running (postern serve)? If its API listens elsewhere, set POSTERN_API or give --api URL.',
    error,
  )
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const candidates = [error, cause, cause instanceof AggregateError ? cause.errors[0] : undefined]
  for (const each of candidates) {
    if (!(each instanceof Error)) continue
    const code = 'code' in each && typeof each.code === 'string' ? each.code : each.name
    const reason = REASONS[code]
    if (reason !== undefined) return reason
  }
  return cause instanceof Error && cause.message !== '' ? clean(cause.message) : 'the connection failed'
}

/** Says in a sentence, or field by field, what the API answered and what to do about it. */
export function explainFailure(failure: Failure): CliError {
  const { base, hasKey, flags, notFound, response, text } = failure
  if (response.headers.has('x-error-code')) {
    return unusable(
      `${base} is where customers are served, not the management API. Set POSTERN_API or give --api URL;\n` +
        'the API listens at http://127.0.0.1:8081 unless the configuration says otherwise (admin.listen).',
    )
  }
  const { detail, code, fields } = readProblem(text, (field) => flags?.get(field) ?? flagOfField(field))
  const said = detail ?? `status ${response.status}`
  switch (true) {
    case response.status >= 300 && response.status < 400:
      return unusable(`${base} only redirects. Set POSTERN_API or give --api with the URL it points to.`)
    case response.status === 401 && !hasKey:
      return unusable(
        'The management API wants a key. Set POSTERN_API_KEY; the first start of the gate shows it.',
      )
    case response.status === 401:
      return unusable(
        `The management API at ${base} does not know this key. Check POSTERN_API_KEY or --api-key.`,
      )
    case response.status === 403 && code === 'permission_denied':
      return refused(
        [`The key that was sent may not do this: ${said}`, renderFacts(fields)].join('\n').trimEnd(),
      )
    case response.status === 429 || response.status >= 500:
      return unavailable(`The management API at ${base} does not do it: ${said}`)
    case response.status === 403:
      return unusable(`The management API at ${base} does not do it: ${said}`)
    case response.status === 404:
      return refused(notFound ?? 'The management API does not know what was asked for.')
    case fields.length > 0:
      return refused(`The management API refuses:\n${renderFacts(fields).trimEnd()}`)
    default:
      return refused(`The management API refuses: ${said}`)
  }
}

/** Cloudsmith's shape of an error: detail, and messages by field. Anything else has neither. */
function readProblem(
  text: string,
  flagOf: (field: string) => string | undefined,
): {
  readonly detail: string | undefined
  readonly code: unknown
  readonly fields: readonly (readonly [string, string])[]
} {
  const problem = parse(text)
  if (!isObject(problem)) return { detail: undefined, code: undefined, fields: [] }
  const { detail, code, fields } = problem as Readonly<Record<string, unknown>>
  return {
    detail: typeof detail === 'string' ? clean(detail) : undefined,
    code,
    fields: isObject(fields)
      ? Object.entries(fields).map(([name, value]) => readField(name, value, flagOf))
      : [],
  }
}

function readField(
  name: string,
  value: unknown,
  flagOf: (field: string) => string | undefined,
): readonly [string, string] {
  const messages = Array.isArray(value) ? value : [value]
  const texts = messages.map((message) =>
    clean(typeof message === 'string' ? message : JSON.stringify(message)),
  )
  return [name === 'non_field_errors' ? 'request' : (flagOf(name) ?? clean(name)), texts.join('\n')]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
