import { refuse, type Refusal, type RefusalCode } from '../policy/refusal.ts'
import type { SharedLimits, Token } from '../policy/types.ts'
import type { Exhausted } from '../store/contract.ts'

/** Seconds: clients that read Retry-After believe longer times, and people give up. */
const LONGEST_RETRY = 30
/** Nobody knows when a download ends; most do soon. */
const SLOT_RETRY = 2

const LIMITS: Readonly<Record<Exhausted['limit'], readonly [RefusalCode, keyof SharedLimits]>> = {
  rate: ['rate_exceeded', 'limitRate'],
  concurrency: ['concurrency_exceeded', 'limitConcurrency'],
  downloads: ['downloads_used_up', 'limitDownloads'],
  clients: ['clients_used_up', 'limitClients'],
  bytes: ['bandwidth_used_up', 'limitBytes'],
}

/** The refusal of an answer that would exceed a limit of the token. */
export function exhausted({ limit: name, used, retryAfterMs }: Exhausted, { limits }: Token): Refusal {
  const [code, field] = LIMITS[name]
  const facts = { used, limit: limits[field] ?? 0 }
  if (name === 'rate') return tooFast(limits, retryAfterMs ?? 0)
  return refuse(code, name === 'concurrency' ? { ...facts, retryAfter: SLOT_RETRY } : facts)
}

/** The refusal of a token that asks too often. */
export function tooFast({ limitRate }: SharedLimits, retryAfterMs: number): Refusal {
  const retryAfter = Math.min(LONGEST_RETRY, Math.max(1, Math.ceil(retryAfterMs / 1000)))
  return refuse('rate_exceeded', { limit: limitRate ?? 0, retryAfter })
}
