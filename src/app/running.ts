import type { Config, ListenAddress } from '../config/types.ts'
import type { KeyStore } from '../store/contract.ts'
import type { Log } from '../telemetry/log.ts'
import type { Foundation } from './foundation.ts'

/** A gate and its management, in one process or several. */
export interface Running {
  /** Where customers are served, with the port that was taken. */
  readonly gate: ListenAddress
  readonly admin: ListenAddress
  /** Replaces the repositories; resolves when all new requests see them. Requests under way end as they began. */
  readonly reload: (config: Config) => Promise<void>
  /** Ends without breaking a download, as far as `drain_timeout` allows. */
  readonly close: () => Promise<void>
  /** Ends the other processes at once. This one may end then. */
  readonly abandon: () => void
  /** Resolves when there is no use in going on, to the reason. */
  readonly failed: Promise<Error>
}

export interface RunningOptions {
  readonly foundation: Foundation
  readonly keys: KeyStore
  readonly log: Log
  readonly version: string
  /** Finds the descriptor of a socket that systemd passed. @throws Error */
  readonly descriptorOf: (name: string) => number
}
