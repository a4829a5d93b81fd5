import type { Ledger } from '../../policy/ledger.ts'
import type { Format } from '../../policy/types.ts'
import type { StoredToken, Usage } from '../contract.ts'
import type { AuditEntry } from './audit.ts'
import type { EventDelivery, EventRecord, RefusalCount, Webhook } from './events.ts'
import type { DeliveryTotals, DownloadRecord, PackageName, UsageBucket } from './history.ts'
import type { ApiKey } from './keys.ts'

/**
 * All that a store keeps and that outlives its processes, as plain data: what one store reads, any other can take in. Taking a record in
 * replaces what has the same name, so that one may come twice; the later one is the true one.
 */
export type ArchiveRecord =
  | AccountCopy
  | { readonly kind: 'token'; readonly token: StoredToken; readonly deletedAt: number | null }
  | { readonly kind: 'key'; readonly key: ApiKey }
  | { readonly kind: 'webhook'; readonly webhook: Webhook }
  /** Nobody has handed it out. */
  | { readonly kind: 'event'; readonly event: EventRecord }
  | { readonly kind: 'delivery'; readonly delivery: EventDelivery }
  /** An event that is not to be told of again. */
  | { readonly kind: 'seen'; readonly id: string; readonly at: number }
  | { readonly kind: 'refusal'; readonly refusal: RefusalCount }
  | { readonly kind: 'audit'; readonly entry: AuditEntry }
  | BucketCopy
  | PackageCopy
  | RepositoryPackageCopy
  | DownloaderCopy
  | PackageDayCopy
  | { readonly kind: 'download'; readonly download: DownloadRecord }

export type ArchiveKind = ArchiveRecord['kind']

/** Counters of a token with all that its limits depend on, as they were at one instant. */
export interface AccountCopy {
  readonly kind: 'account'
  readonly token: string
  /** `busyUntilUs`: state of the rate, see policy/rate.ts. */
  readonly usage: Usage & { readonly busyUntilUs: number | null }
  /** Of the current epoch. */
  readonly clients: readonly ClientCopy[]
  /** Of the current epoch, without deliveries under way: see settled-ledger.ts. */
  readonly ledgers: readonly { readonly client: string; readonly artifact: string; readonly ledger: Ledger }[]
}

export interface ClientCopy {
  readonly client: string
  readonly downloads: number
  /** null: nobody noted it, an older version. */
  readonly firstAt: number | null
  readonly lastAt: number
  /** False: it was forgotten, and keeps its downloads. */
  readonly isCounted: boolean
}

/** What a token used in an hour or a day. */
export interface BucketCopy extends UsageBucket {
  readonly kind: 'bucket'
  readonly token: string
  readonly span: 'hour' | 'day'
}

interface Tally extends PackageName, DeliveryTotals {
  readonly repository: string
  readonly firstAt: number
  readonly lastAt: number
}

/** How a token used a package. */
export interface PackageCopy extends Tally {
  readonly kind: 'package'
  readonly token: string
  readonly format: Format
}

/** How all tokens used a package. A store that sums up those of the tokens passes it over. */
export interface RepositoryPackageCopy extends Tally {
  readonly kind: 'repository-package'
  readonly format: Format
}

/** The same as `package`, as it is found by the package; comes behind it. */
export interface DownloaderCopy extends Tally {
  readonly kind: 'downloader'
  readonly token: string
  readonly tokenName: string
}

/** Deliveries of a package on a day. */
export interface PackageDayCopy extends PackageName, DeliveryTotals {
  readonly kind: 'package-day'
  readonly repository: string
  /** First instant of the day. */
  readonly day: number
}

/** A store that is read as a whole, while others go on using it. */
export interface ArchiveSource {
  /** About how many records there are; null: that would take long to find out. */
  readonly count: () => Promise<number | null>
  /** All records, some at a time. @throws StoreError. */
  readonly read: () => AsyncIterable<readonly ArchiveRecord[]>
  readonly close: () => Promise<void>
}

/** A store that is filled. */
export interface ArchiveTarget {
  /** What is in it, in words; empty when nothing is. */
  readonly contents: () => Promise<readonly string[]>
  /** Processes of Postern that use it. */
  readonly users: () => Promise<number>
  /**
   * To be called first. Removes what is in the store, and sees to it that what is half filled is not taken for whole: until `finish`, nobody
   * can open the store, or it is as it was.
   */
  readonly begin: () => Promise<void>
  readonly write: (records: readonly ArchiveRecord[]) => Promise<void>
  /** Gives the slug_perm of each token that was not taken in, because another of its repository has the same secret. */
  readonly finish: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}
