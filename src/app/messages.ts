import type { Config, ListenAddress } from '../config/types.ts'
import type { LogLine } from '../gateway/offload/offloads.ts'
import type { ObjectStore } from '../deliver/cache/object-store.ts'
import type { MetricsSnapshot } from '../telemetry/aggregate.ts'

/** Everything that a worker needs. It reads nothing else, so that all workers run the same. */
export interface Assignment {
  /** Counts from 1. A worker that replaces another has its number. */
  readonly slot: number
  /** Of the program that the primary runs; its files may have been replaced since. */
  readonly version: string
  /** Checked, with the key of the store. */
  readonly config: Config
}

/** What the primary can ask a worker: what goes with the question, and what comes back. */
export interface Questions {
  readonly metrics: { readonly asked: null; readonly answered: MetricsSnapshot }
  /** Answered when new requests see the new repositories. */
  readonly reload: { readonly asked: Config; readonly answered: null }
  /** Lines about deliveries that others made; answered, when what it had handed over itself is settled, with the other lines. */
  readonly offloaded: { readonly asked: readonly LogLine[]; readonly answered: readonly LogLine[] }
  /** Answered with the number of files that were forgotten. */
  readonly purge: { readonly asked: Parameters<ObjectStore['purge']>[0]; readonly answered: number }
}

export type Question = {
  [What in keyof Questions]: { readonly what: What; readonly asked: Questions[What]['asked'] }
}[keyof Questions]

/** From the primary to a worker, as a structured clone. */
export type Order =
  | { readonly kind: 'start'; readonly assignment: Assignment }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  /** End without breaking a download, as far as `drain_timeout` allows. */
  | { readonly kind: 'drain' }

/** From a worker to the primary. */
export type Report =
  | { readonly kind: 'serving'; readonly address: ListenAddress }
  /** It can't start, and ends. */
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | undefined }
  | { readonly kind: 'answer'; readonly id: number; readonly answered: unknown }
