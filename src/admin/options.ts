import type { Repository } from '../policy/types.ts'
import type { SecretKeeper } from '../store/secret-keeper.ts'
import type { TargetRules } from '../policy/webhook-target.ts'
import type { ConsoleFiles } from './console/files.ts'
import type { SessionsOptions } from './console/sessions.ts'
import type { KeyUse, Store } from '../store/contract.ts'

/** A request to the gate whose treatment is to be explained. `target` may hold a secret: never log it. */
export interface ExplainRequest {
  /** Path as a client would ask for it. */
  readonly target: string
  readonly method: 'GET' | 'HEAD'
  /** Address of the client. */
  readonly client: string | undefined
  readonly authorization: string | undefined
  readonly host: string | undefined
  /** Epoch ms. Left out: now. */
  readonly at?: number | undefined
}

/** Files in the memory for small files: one, or all below a folder, of one repository or of all. */
interface CachePurge {
  /** `owner/repo`. undefined: every one. */
  readonly repository: string | undefined
  /** Canonical, without slashes around it. undefined: everything. */
  readonly path: string | undefined
}

/** Whether customers are served. `without_store`: some are, though the store does not answer. */
export type Readiness = 'ready' | 'without_store' | 'not_ready'

/** What the management API is made of. */
export interface AdminOptions {
  readonly store: Store
  readonly keeper: SecretKeeper
  /** Epoch ms. */
  readonly clock: () => number
  /** Makes permanent ids: ULIDs. */
  readonly newId: () => string
  /** An unpredictable whole number in `[0, below)`. */
  readonly randomInt: (below: number) => number
  /** What is configured, by `owner/repo`. Asked anew for each request: the configuration may be reloaded. */
  readonly repositories: () => ReadonlyMap<string, Repository>
  /** Where customers reach a repository with a password, with a slash at the end. */
  readonly downloadUrl: (repository: Repository) => string
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>
  readonly readiness: () => Promise<Readiness>
  /** Resolves to what is answered, as JSON. */
  readonly explain: (request: ExplainRequest) => Promise<unknown>
  /** Forgets files that are kept in memory; gives how many they were. */
  readonly purgeCache: (what: CachePurge) => number | Promise<number>
  /** The address of a client, by that of its connection and what `X-Forwarded-For` says. */
  readonly clientAddress: (peer: string, forwardedFor: string | undefined) => string
  /** Is told of each use of a key. */
  readonly noteKeyUse: (use: KeyUse) => void
  /** Where webhooks may lead. Asked anew for each request, as `repositories`. */
  readonly targetRules: () => TargetRules
  /** How far back usage is kept by the hour and by the day. */
  readonly historyKept: () => { readonly hoursMs: number; readonly daysMs: number }
  /** Of the console: what seals them, and how long they last. Asked anew for each request. */
  readonly sessions: Pick<SessionsOptions, 'keeper' | 'limits'>
  readonly consoleFiles: ConsoleFiles
  /** Is given what was answered with a 5xx. */
  readonly onError: (error: unknown) => void
  /** How clients reach this API: scheme, host, optional path, no trailing slash. Default: as the request names the host. */
  readonly baseUrl?: string
  readonly version?: string
}
