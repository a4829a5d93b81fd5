import { refuse, type Refusal } from '../policy/refusal.ts'

/** What one client may take up of the gate before its request is judged. */
export interface ClientLimits {
  /** Until the head of a request is whole. */
  readonly headersTimeoutMs: number
  /** Until the next request of a connection begins. */
  readonly keepAliveTimeoutMs: number
  /** Longest time in which a client takes nothing of what waits for it. */
  readonly stallTimeoutMs: number
  /** Of a whole head. */
  readonly maxHeadBytes: number
  readonly maxHeaders: number
  readonly maxUrlBytes: number
  /** Requests that one connection may bring. */
  readonly maxRequests: number
}

/**
 * The refusal of a head that is whole and beyond its limits. Node would pass over the headers beyond a number of them: a second credential
 * could hide there.
 */
export function judgeHead(
  target: string,
  rawHeaders: readonly string[],
  { maxHeaders, maxUrlBytes }: Pick<ClientLimits, 'maxHeaders' | 'maxUrlBytes'>,
): Refusal | undefined {
  if (target.length > maxUrlBytes)
    return refuse('head_too_large', { why: 'its URL is too long', limit: maxUrlBytes })
  if (rawHeaders.length > maxHeaders * 2)
    return refuse('head_too_large', { why: 'it has too many headers', limit: maxHeaders })
  return undefined
}
