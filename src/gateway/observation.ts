import type { Artifact, JudgedRecord } from '../policy/types.ts'
import type { Observation, ObservedToken, Outcome } from '../telemetry/observation.ts'
import type { Judgement } from './authorize.ts'
import type { RequestHead } from './exchange.ts'

/** How a request was answered. */
export interface Result {
  readonly status: number
  readonly outcome: Outcome
  readonly bytes: number
  readonly charged: number
  readonly upstreamMs: number | null
  /** By what name the place knows the delivery that goes on without the gate; absent: none does. */
  readonly handedOver?: string
  /** What the answer told of the artifact; absent: nothing new. */
  readonly artifact?: Artifact
  /** Another server sends the file: how it ended is observed when that is known. */
  readonly isObservedLater?: true
}

/** Only what metrics, log and counts may know of a token. */
function observedToken({ slugPerm, name, owner, repo }: JudgedRecord): ObservedToken {
  return { slugPerm, name, owner, repo }
}

/** What metrics and log are told about a request that is over. */
export function observationOf(
  { method, headers }: Pick<RequestHead, 'method' | 'headers'>,
  judgement: Judgement | undefined,
  result: Result,
  at: number,
  durationMs: number,
): Observation {
  const { target, served, artifact, token, client = '' } = judgement ?? {}
  return {
    at,
    method,
    ...result,
    durationMs,
    client,
    userAgent: headers['user-agent'] ?? null,
    entrance: target?.entrance ?? null,
    repository: served === undefined ? null : `${served.repository.owner}/${served.repository.repo}`,
    artifact: result.artifact ?? artifact ?? null,
    token: token === undefined ? null : observedToken(token.record),
  }
}
