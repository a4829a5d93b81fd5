/**
 * Why the API did not do what was asked.
 * - `offline`: it was not reached.
 * - `signed_out`: nobody is signed in.
 * - `changed`: somebody else changed the thing since it was read.
 */
export type ApiErrorCode =
  | 'offline'
  | 'signed_out'
  | 'forbidden'
  | 'not_found'
  | 'changed'
  | 'invalid'
  | 'busy'
  | 'failed'

/** What is wrong, by the name of the field. */
export type FieldMessages = Readonly<Record<string, readonly string[]>>

/** `message` is a sentence for whoever sits in front of the console. */
export class ApiError extends Error {
  readonly code: ApiErrorCode
  readonly fields: FieldMessages

  constructor(code: ApiErrorCode, message: string, fields: FieldMessages = {}) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.fields = fields
  }
}

const OFFLINE = 'Postern can’t be reached. Check your network and try again; nothing you typed is lost.'
const NOT_FOUND =
  'This is not here, or not any more: it may have been deleted, or your key does not cover it.'
const TOO_LONG = 'This is too long to be looked for. Shorten what you typed.'
const CHANGED =
  'Somebody else changed this since you opened it. Nothing was done. Look at it as it is now, then try again.'

export function offline(): ApiError {
  return new ApiError('offline', OFFLINE)
}

/** The error that an answer which is no success stands for. `body` is that of the answer, whatever it is. */
export function errorOf(status: number, body: unknown): ApiError {
  const { detail, fields } = readProblem(body)
  switch (status) {
    case 401:
      return new ApiError('signed_out', detail ?? 'You are not signed in.')
    case 403:
      return new ApiError('forbidden', detail ?? 'Your key may not do this.', fields)
    case 404:
      return new ApiError('not_found', NOT_FOUND, fields)
    case 412:
      return new ApiError('changed', CHANGED)
    case 400:
    case 413:
    case 415:
    case 422:
      return new ApiError('invalid', sentenceOf(fields) ?? detail ?? 'This was not understood.', fields)
    case 414:
    case 431:
      return new ApiError('invalid', TOO_LONG)
    case 429:
    case 503:
      return new ApiError('busy', detail ?? 'Postern is busy. Try again in a moment.')
    default:
      return new ApiError('failed', `Postern failed with an error ${status}. Its log has the reason.`)
  }
}

interface Problem {
  readonly detail: string | undefined
  readonly fields: FieldMessages
}

function readProblem(body: unknown): Problem {
  if (typeof body !== 'object' || body === null) return { detail: undefined, fields: {} }
  const detail = 'detail' in body && typeof body.detail === 'string' ? body.detail : undefined
  const fields = 'fields' in body && typeof body.fields === 'object' ? body.fields : null
  // Of our own server: lists of sentences by field.
  return { detail, fields: (fields ?? {}) as FieldMessages }
}

function sentenceOf(fields: FieldMessages): string | undefined {
  const messages = Object.values(fields).flat()
  return messages.length === 0 ? undefined : messages.join(' ')
}

/** Any thrown value in words. */
export function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : `The console has a fault: ${String(error)}`
}
