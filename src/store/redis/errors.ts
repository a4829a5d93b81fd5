import { StoreError } from '../contract.ts'

/** What servers answer that will take the same change later. */
const TEMPORARY =
  /\b(OOM|READONLY|MISCONF|NOREPLICAS|MASTERDOWN|LOADING|BUSY|CLUSTERDOWN|TRYAGAIN|NOPERM|NOAUTH)\b/
/** What the client library says when it did not send a command, or lost its connection: the reason was told elsewhere. */
const NOT_SENT = /isn't writeable|isn't ready/
const DISCONNECTED = /isn't writeable|isn't ready|Connection is closed|max retries/

/** A `StoreError` for whatever went wrong. `whyUnreachable`: what the connection last complained about. */
export function asStoreError(error: unknown, whyUnreachable?: string): StoreError {
  if (error instanceof StoreError) return error
  forgetCommand(error)
  const said = error instanceof Error ? error.message : String(error)
  return unavailable(DISCONNECTED.test(said) ? (whyUnreachable ?? said) : said, error)
}

/** The client library hangs the command on its error, with the password that was sent or the token that was written. */
function forgetCommand(error: unknown): void {
  if (error instanceof Error) Reflect.deleteProperty(error, 'command')
}

/** `cause` is absent when the server answered. */
export function unavailable(reason: string, cause?: unknown): StoreError {
  return new StoreError('unavailable', `Redis did not do it: ${reason}`, { cause })
}

/** True when the call may have been carried out all the same: it was sent, and no answer came. */
export function isDoubtful(error: unknown): boolean {
  const origin = error instanceof StoreError ? error.cause : error
  if (origin === undefined || isAnswer(origin)) return false
  return !(origin instanceof Error && NOT_SENT.test(origin.message))
}

/** True when the same change can succeed later, false when something about its keys is wrong. */
export function isTemporary(message: string): boolean {
  return TEMPORARY.test(message)
}

/** True when a server was reached that takes no writes: after a fail-over, another one does. */
export function isFromReplica(message: string): boolean {
  return /\bREADONLY\b/.test(message)
}

/** The server answered that it did not do it. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

/** Settles like `call`, or rejects when that takes longer than `ms`; it may be carried out all the same. */
export async function within<Result>(ms: number, call: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([call, deadline])
  } finally {
    clearTimeout(timer)
  }
}
