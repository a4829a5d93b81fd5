/** An error as the log shows it. */
export interface ErrorDescription {
  readonly message: string
  readonly name?: string
  readonly code?: string
  /** Where it was thrown, for mistakes of ours: errors that have no code. */
  readonly stack?: string
  readonly cause?: ErrorDescription
}

const LONGEST_MESSAGE = 1000
const DEEPEST_CAUSE = 4
const STACK_FRAMES = 12

/**
 * What `error` says, why, and with which code. Other properties are left out: libraries hang whole requests, with their headers, on
 * their errors. Never throws.
 */
export function describeError(error: unknown, depth = 1): ErrorDescription {
  if (!(error instanceof Error)) return { message: cut(typeof error === 'string' ? error : typeof error) }
  const code = codeOf(error)
  const cause = causeOf(error)
  const stack = code === undefined ? framesOf(error) : undefined
  return {
    message: cut(String(error.message)),
    name: String(error.name),
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: describeError(cause, depth + 1) }),
  }
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Of a failed connection to a name with several addresses Node reports each; the first one tells enough. */
function causeOf(error: Error): unknown {
  return error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined)
}

/** Without the message, which stands by itself. */
function framesOf({ stack }: Error): string | undefined {
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line))
  return frames
    ?.slice(0, STACK_FRAMES)
    .map((line) => line.trim())
    .join('\n')
}

function cut(text: string): string {
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text
}
