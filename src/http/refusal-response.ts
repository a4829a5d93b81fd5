import { COMMON_FORM, type AnswerForm, type Refusal } from '../policy/refusal.ts'
import { quoteForShell } from '../text/shell.ts'
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
  /** Of the repository's format; undefined where no repository is known. */
  readonly form: AnswerForm | undefined
  readonly accept: string | undefined
  /** The connection can't be used again (its request had a body that was not read). */
  readonly close: boolean
}

const CHALLENGED: ReadonlySet<string> = new Set(['credential_missing', 'token_unknown'])

/**
 * Renders a refusal so that each client shows its reason: the reason phrase (apt, pip, Maven, npm), a problem document
 * (RFC 9457) whose members are also npm's `error`, Composer's `warning` and the OCI `errors`, an `npm-notice` header, error headers
 * (Hugging Face), plain text for people. Never cached, never names what exists. The body of a 401 stays below 100 bytes: pacman
 * takes more for an oversized package.
 */
export function refusalResponse(refusal: Refusal, context: RefusalContext): RefusalResponse {
  const row = REFUSALS[refusal.code]
  const form = context.form ?? COMMON_FORM
  const challenged = context.challenge && CHALLENGED.has(refusal.code)
  const status = challenged ? 401 : row.status === 401 ? 403 : row.status
  const detail = oneLine(row.detail(refusal.facts))
  const message = `${row.title}. ${detail}`
  const text = textOf(row.title, message, challenged, context)
  const document = form.body === 'oci' ? ociErrors : problem
  const body = Buffer.from(text ?? JSON.stringify(document(refusal, status, row.title, detail)))
  const headers: Record<string, string | number> = {
    'content-type': text === undefined ? jsonType(form) : 'text/plain; charset=utf-8',
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-error-code': refusal.code,
    'x-error-message': message,
  }
  if (form.explainsIn !== undefined && (challenged || status === 403))
    headers['www-authenticate'] =
      `${form.challenge}, ${form.explainsIn}="${message.replaceAll(/["\\]/g, "'")}"`
  else if (challenged) headers['www-authenticate'] = form.challenge
  if (status === 405) headers['allow'] = 'GET, HEAD'
  const isSaid = row.retryAfter !== undefined || row.mayPass === true
  const retryAfter = isSaid ? (refusal.facts.retryAfter ?? row.retryAfter) : undefined
  if (retryAfter !== undefined) headers['retry-after'] = retryAfter
  // draft-ietf-httpapi-ratelimit-headers
  if (refusal.code === 'rate_exceeded') headers['ratelimit'] = `"requests";r=0;t=${retryAfter}`
  if (form.notice !== undefined) headers[form.notice] = message
  if (form.header !== undefined) headers[form.header[0]] = form.header[1]
  if (context.close) headers['connection'] = 'close'
  return { status, reason: row.title, headers, body }
}

/** undefined: a document is to be sent. Clients of registries print nothing else. */
function textOf(
  title: string,
  message: string,
  challenged: boolean,
  { form = COMMON_FORM, accept }: RefusalContext,
): string | undefined {
  if (form.body === 'oci') return undefined
  if (form.body === 'shell') return failingScript(message)
  if (challenged) return `${title}\n`
  return isText(form, accept) ? `${message}\n` : undefined
}

/** For whoever pipes what comes into a shell, and did not tell curl to fail (`-f`): the shell says why, and fails. */
function failingScript(message: string): string {
  return `#!/bin/sh\nprintf '%s\\n' ${quoteForShell(`postern: ${message}`)} >&2\nexit 1\n`
}

/**
 * Browsers and whoever names plain text (cargo) get text, and the clients of formats that show nothing else; whoever names JSON, anything or
 * nothing gets the problem document.
 */
function isText({ body }: AnswerForm, accept: string | undefined): boolean {
  if (body === 'text') return true
  return accept !== undefined && /\btext\/(?:html|plain)\b/i.test(accept) && !/json/i.test(accept)
}

function jsonType({ body }: AnswerForm): string {
  return body === 'problem' ? 'application/problem+json' : 'application/json'
}

/** It goes into headers too, where a line break would begin the next one. */
function oneLine(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]/g, '?')
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
    ...ociErrors(refusal, status, title, detail),
  }
}

/** OCI distribution, "Error Codes". */
function ociErrors(refusal: Refusal, status: number, title: string, detail: string): Record<string, unknown> {
  const message = `${title}. ${detail}`
  return { errors: [{ code: ociCode(status, refusal), message, detail: { code: refusal.code } }] }
}

/** The nearest error code of the OCI distribution specification. */
function ociCode(status: number, { facts: { missing } }: Refusal): string {
  if (status === 401) return 'UNAUTHORIZED'
  if (status === 403) return 'DENIED'
  if (status === 404) return missing === undefined ? 'NAME_UNKNOWN' : `${missing.toUpperCase()}_UNKNOWN`
  if (status === 429) return 'TOOMANYREQUESTS'
  return status === 405 ? 'UNSUPPORTED' : 'UNKNOWN'
}
