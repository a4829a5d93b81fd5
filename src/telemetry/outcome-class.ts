import type { RefusalCode } from '../policy/refusal.ts'
import type { Outcome } from './observation.ts'

/**
 * Outcomes that take about as long, for histograms. `refused`: the client can't have it. `failed`: the gate, its store or the
 * storage could not. The others are outcomes of the same name.
 */
export type OutcomeClass = Exclude<Outcome, RefusalCode> | 'refused' | 'failed'

const CLASSES: Readonly<Record<Outcome, OutcomeClass>> = {
  delivered: 'delivered',
  handed_over: 'handed_over',
  not_modified: 'not_modified',
  passed: 'passed',
  aborted: 'aborted',
  broken: 'broken',
  path_ambiguous: 'refused',
  request_malformed: 'refused',
  head_too_large: 'refused',
  request_too_slow: 'refused',
  method_not_allowed: 'refused',
  credential_missing: 'refused',
  credential_ambiguous: 'refused',
  token_unknown: 'refused',
  token_disabled: 'refused',
  token_not_yet_valid: 'refused',
  token_expired: 'refused',
  network_not_allowed: 'refused',
  repository_not_covered: 'refused',
  eula_not_accepted: 'refused',
  package_not_covered: 'refused',
  published_too_late: 'refused',
  leads_around_gate: 'refused',
  downloads_used_up: 'refused',
  clients_used_up: 'refused',
  bandwidth_used_up: 'refused',
  rate_exceeded: 'refused',
  concurrency_exceeded: 'refused',
  not_found: 'refused',
  setup_missing: 'refused',
  upstream_failed: 'failed',
  upstream_timeout: 'failed',
  store_unavailable: 'failed',
  internal_error: 'failed',
}

export function classOf(outcome: Outcome): OutcomeClass {
  return CLASSES[outcome]
}

const TOKEN_REFUSALS: ReadonlySet<Outcome> = new Set<RefusalCode>([
  'token_disabled',
  'token_not_yet_valid',
  'token_expired',
  'network_not_allowed',
  'repository_not_covered',
  'eula_not_accepted',
  'package_not_covered',
  'published_too_late',
  'downloads_used_up',
  'clients_used_up',
  'bandwidth_used_up',
  'rate_exceeded',
  'concurrency_exceeded',
])

/** True for refusals that are about what the vendor set on the token: somebody has to talk to this customer. */
export function isTokenRefusal(outcome: Outcome): boolean {
  return TOKEN_REFUSALS.has(outcome)
}
