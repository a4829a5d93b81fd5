import type { AuditEvent } from '../../policy/audit-event.ts'
import type { BandwidthUnit } from '../../policy/bandwidth.ts'
import type { ResetPeriod } from '../../policy/reset.ts'
import type { Format } from '../../policy/types.ts'

/** What the API answers, as far as the console reads it. docs/fields.md says what each field means. Instants are RFC 3339, in UTC. */

export interface Self {
  readonly name: string
  readonly slug_perm: string
  readonly role: string
  readonly repositories: readonly string[]
  readonly expires_at: string | null
}

export interface RepositoryJson {
  readonly namespace: string
  readonly name: string
  readonly format: Format
  readonly is_public: boolean
  readonly cdn_url: string
}

export interface TokenJson {
  readonly name: string
  readonly slug_perm: string
  /** The secret, or asterisks. */
  readonly token: string
  readonly is_active: boolean
  readonly owner: string
  /** `owner/repo`. null: it belongs to the owner. */
  readonly repository: string | null
  readonly repositories: readonly string[] | null
  readonly metadata: Readonly<Record<string, unknown>> | null
  readonly limit_date_range_from: string | null
  readonly limit_date_range_to: string | null
  readonly limit_num_downloads: number | null
  readonly limit_num_clients: number | null
  /** Seconds. */
  readonly clients_window: number | null
  readonly limit_bandwidth: number | null
  readonly limit_bandwidth_unit: BandwidthUnit
  readonly limit_rate: number | null
  readonly limit_concurrency: number | null
  readonly limit_networks: readonly string[] | null
  readonly limit_published_until: string | null
  readonly limit_packages: readonly string[] | null
  readonly limit_package_query: string | null
  readonly limit_path_query: string | null
  readonly starts_on_first_download: boolean
  readonly eula_required: boolean
  readonly scheduled_reset_period: ResetPeriod
  readonly scheduled_reset_at: string | null
  readonly downloads: number
  readonly clients: number
  /** Bytes. */
  readonly bandwidth: number
  readonly last_used_at: string | null
  readonly last_reset_at: string | null
  readonly next_reset_at: string | null
  readonly first_download_at: string | null
  readonly expires_at: string | null
  readonly secret_last_used_at: string | null
  readonly previous_secret_valid_until: string | null
  readonly previous_secret_last_used_at: string | null
  readonly created_at: string
  readonly created_by: string
  readonly updated_at: string | null
  readonly updated_by: string | null
}

export interface BucketJson {
  readonly start: string
  readonly downloads: number
  /** Bytes. */
  readonly bandwidth: number
  readonly clients: number
  readonly refusals: Readonly<Record<string, number>>
}

export interface UsageJson {
  readonly interval: 'hour' | 'day'
  readonly total: Omit<BucketJson, 'start'>
  readonly buckets: readonly BucketJson[]
}

export interface ClientJson {
  readonly address: string
  readonly downloads: number
  readonly first_seen_at: string | null
  readonly last_seen_at: string
}

/** What a customer accepted of a repository. */
export interface AcceptanceJson {
  readonly repository: string
  readonly revision: number
  readonly accepted_at: string
  readonly accepted_from: string
}

export interface PackageJson {
  readonly name: string
  readonly version: string
  readonly format: string
  readonly filename: string
  readonly slug_perm: string
  readonly repository: string
  readonly downloads: number
  readonly bandwidth: number
  readonly last_downloaded_at: string
}

export interface DownloadJson {
  readonly id: string
  readonly time: string
  readonly token: string
  readonly token_name: string
  readonly package: string | null
  readonly version: string | null
  readonly filename: string
  readonly client: string
  readonly user_agent: string | null
  /** null: a download was given back. */
  readonly status: number | null
  readonly bytes: number
  readonly downloads: number
}

export interface AuditJson {
  readonly uuid: string
  readonly event: AuditEvent
  readonly event_at: string
  readonly actor: string
  readonly actor_slug_perm: string | null
  readonly actor_ip_address: string | null
  readonly user_agent: string | null
  /** Name and id of what was changed. */
  readonly object: string | null
  readonly object_kind: string
  readonly object_slug_perm: string | null
  /** `owner/repo`, or an owner. */
  readonly target: string | null
  readonly changes: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>
}

/** What became of a row of many, or would. */
export interface BulkRowJson {
  readonly row: number
  /** On which it ends in the file. */
  readonly line?: number
  readonly result: 'created' | 'changed' | 'unchanged' | 'deleted' | 'skipped' | 'failed'
  readonly name?: string
  readonly changes?: readonly string[]
  readonly fields?: Readonly<Record<string, readonly string[]>>
}

export interface BulkReportJson extends Readonly<Record<BulkRowJson['result'], number>> {
  readonly dry_run: boolean
  readonly rows: readonly BulkRowJson[]
}

export interface KeyJson {
  readonly name: string
  readonly slug_perm: string
  /** The key itself, or asterisks. */
  readonly key: string
  readonly role: string
  readonly repositories: readonly string[]
  readonly is_active: boolean
  readonly expires_at: string | null
  readonly last_used_at: string | null
  readonly last_used_from: string | null
  readonly created_at: string
  readonly created_by: string | null
  readonly updated_by: string | null
  readonly revoked_at: string | null
}

export interface WebhookJson {
  readonly slug_perm: string
  readonly target_url: string
  /** `*` alone: everything. */
  readonly events: readonly string[]
  readonly repositories: readonly string[] | null
  readonly is_active: boolean
  readonly updated_by: string | null
  /** What signatures are made with: only where it was just made. */
  readonly secret?: string
}

export interface DeliveryJson {
  readonly slug_perm: string
  readonly state: 'waiting' | 'delivered' | 'dead'
  readonly event: string
  readonly event_at: string
  readonly token_name: string | null
  readonly attempts: number
  readonly last_attempt_at: string | null
  readonly last_status: number | null
  readonly last_error: string | null
  readonly next_attempt_at: string | null
}

export interface ExplanationJson {
  readonly allowed: boolean
  readonly token: Pick<TokenJson, 'slug_perm' | 'name' | 'owner' | 'repository'> | null
  readonly steps: readonly { readonly step: string; readonly ok: boolean; readonly result: string }[]
  readonly answer: {
    readonly status: number
    readonly code?: string
    readonly title?: string
    readonly detail?: string
  }
}

export interface DownloaderJson {
  readonly token: string
  readonly token_name: string
  readonly version: string
  readonly filename: string
  readonly downloads: number
  readonly bandwidth: number
  readonly first_downloaded_at: string
  readonly last_downloaded_at: string
}

/** A token among those that used, or were refused, most. */
export interface LeaderJson extends Omit<BucketJson, 'start'> {
  readonly token: string
  readonly name: string
  readonly owner: string
  readonly repository: string | null
}

export interface LeadersJson extends UsageJson {
  readonly considered: number
  /** False: there are more than those that were looked at. */
  readonly is_complete: boolean
  readonly most_downloads: readonly LeaderJson[]
  readonly most_bandwidth: readonly LeaderJson[]
  readonly most_refusals: readonly LeaderJson[]
}
