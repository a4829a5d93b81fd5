import type { RefusalCode } from '../policy/refusal.ts'
import type { ArtifactKind, Format } from '../policy/types.ts'

/**
 * How a request ended. `delivered`: the storage's 200 or 206, HEAD included, was taken whole; `handed_over`: the client was led to where
 * the body is sent without the gate; `not_modified`: the storage's 304; `passed`: another answer of it (redirect, 412, 416); `aborted`: the client went away; `broken`: the storage broke off; else the
 * refusal's code.
 */
export type Outcome =
  | 'delivered'
  | 'handed_over'
  | 'not_modified'
  | 'passed'
  | 'aborted'
  | 'broken'
  | RefusalCode

/** One finished request, for metrics and log. Free of secrets by construction: it has no URL and no header but the user agent. */
export interface Observation {
  readonly at: number
  readonly method: string
  readonly status: number
  readonly outcome: Outcome
  readonly durationMs: number
  /** From asking the storage to its headers; null when it was not asked. */
  readonly upstreamMs: number | null
  /** Body bytes handed to the connection; of what was handed over, those that it has. */
  readonly bytes: number
  /** By what name the place knows what was handed over. */
  readonly handedOver?: string
  /** Downloads charged: 0 or 1. */
  readonly charged: number
  /** Folded client address. */
  readonly client: string
  readonly userAgent: string | null
  /** How the secret came; null when the target could not be read. */
  readonly entrance: 'path' | 'basic' | 'public' | 'v2' | null
  /** `owner/repo` of a configured repository, else null: names that clients make up must not become series. */
  readonly repository: string | null
  readonly artifact: ObservedArtifact | null
  /** null for public repositories and unknown tokens. */
  readonly token: ObservedToken | null
}

export interface ObservedToken {
  readonly slugPerm: string
  readonly name: string
  /** Where the token was created. */
  readonly owner?: string
  readonly repo?: string
}

interface ObservedArtifact {
  readonly format: Format
  readonly kind: ArtifactKind
  /** Canonical path below the repository. */
  readonly path: string
  /** Last segment of `path`. */
  readonly filename: string
  readonly name?: string
  readonly version?: string
}
