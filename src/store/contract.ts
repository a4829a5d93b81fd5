import type { AuditStore } from './contract/audit.ts'
import type { EventStore, WebhookStore } from './contract/events.ts'
import type { HistoryStore } from './contract/history.ts'
import type { KeyStore } from './contract/keys.ts'
import type { TokenStore } from './contract/tokens.ts'
import type { UsageStore } from './contract/usage.ts'

export { StoreError, isUnavailable } from './contract/errors.ts'
export type { Expectation } from './contract/expectation.ts'
export type { ApiKey, KeyChange, KeyQuery, KeyStore, KeyUse } from './contract/keys.ts'
export type {
  PlannedChange,
  RepositoryName,
  SecretUse,
  StoredToken,
  TokenBatch,
  TokenChange,
  TokenList,
  TokenPlace,
  TokenQuery,
  TokenStore,
  TokenSync,
} from './contract/tokens.ts'
export { BATCH_MS } from './contract/usage.ts'
export type {
  Batch,
  ClientsQuery,
  DeliveryRequest,
  Exhausted,
  ReleaseQuery,
  Reservation,
  SeenClient,
  Settleable,
  Unanswered,
  Usage,
  UsageDelta,
  UsageQuery,
  UsageStore,
} from './contract/usage.ts'

/**
 * What every store guarantees. Two implementations keep it and one conformance suite (test/store/conformance.ts)
 * judges both. Every call settles within the store's deadline; on failure it rejects with a `StoreError`.
 */
export interface Store {
  readonly tokens: TokenStore
  readonly usage: UsageStore
  readonly keys: KeyStore
  readonly history: HistoryStore
  readonly audit: AuditStore
  readonly events: EventStore
  readonly webhooks: WebhookStore
  /** Resolves when the storage has taken a write, of nothing that matters. */
  ping(): Promise<void>
  /** Writes out what is queued, then lets go of the storage. Safe to call twice. */
  close(): Promise<void>
}
