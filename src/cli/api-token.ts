import { BANDWIDTH_UNITS, bytesOf } from '../policy/bandwidth.ts'
import { isObject, readFields, readList, unexpected, type JsonFields } from './json-fields.ts'

/** A token as the API shows it. Text is fit for a terminal; instants are ISO 8601. */
export interface ApiToken {
  readonly slugPerm: string
  /** `owner/repo`; null: it belongs to the owner, or the server does not say. */
  readonly repository: string | null
  readonly name: string
  /** Asterisks unless it was asked for. */
  readonly secret: string
  readonly isActive: boolean
  readonly validFrom: string | null
  readonly validUntil: string | null
  readonly repositories: readonly string[] | null
  readonly packages: readonly string[] | null
  readonly packageQuery: string | null
  readonly pathQuery: string | null
  readonly limitDownloads: number | null
  readonly limitClients: number | null
  /** Seconds. */
  readonly clientsWindow: number | null
  /** In bytes. */
  readonly limitBytes: number | null
  readonly limitRate: number | null
  readonly limitConcurrency: number | null
  readonly networks: readonly string[] | null
  readonly publishedUntil: string | null
  readonly startsOnFirstDownload: boolean
  readonly firstDownloadAt: string | null
  /** End of the window as it stands; null: there is none, or it is not known yet. */
  readonly expiresAt: string | null
  readonly resetPeriod: string | null
  readonly nextResetAt: string | null
  readonly previousSecretUntil: string | null
  readonly previousSecretUsedAt: string | null
  readonly secretUsedAt: string | null
  readonly downloads: number
  readonly clients: number
  readonly bandwidthBytes: number
  readonly lastUsedAt: string | null
  readonly lastResetAt: string | null
  readonly createdAt: string | null
  readonly createdBy: string | null
  readonly updatedAt: string | null
  readonly updatedBy: string | null
  readonly eulaRequired: boolean
  /** Revision; null: none was. */
  readonly eulaAccepted: number | null
  readonly eulaAcceptedAt: string | null
  readonly metadata: unknown
}

/** @throws CliError when it is none. */
export function readToken(value: unknown): ApiToken {
  const fields = readFields(value)
  const { text, number, flag, texts, raw } = fields
  const [slugPerm, name] = [text('slug_perm'), text('name')]
  if (slugPerm === null || name === null) throw unexpected()
  return {
    slugPerm,
    name,
    repository: text('repository'),
    secret: text('token') ?? '',
    isActive: flag('is_active') ?? false,
    validFrom: text('limit_date_range_from'),
    validUntil: text('limit_date_range_to'),
    repositories: texts('repositories'),
    packages: texts('limit_packages'),
    packageQuery: text('limit_package_query'),
    pathQuery: text('limit_path_query'),
    limitDownloads: number('limit_num_downloads'),
    limitClients: number('limit_num_clients'),
    clientsWindow: number('clients_window'),
    limitBytes: readLimitBytes(fields),
    limitRate: number('limit_rate'),
    limitConcurrency: number('limit_concurrency'),
    networks: texts('limit_networks'),
    publishedUntil: text('limit_published_until'),
    startsOnFirstDownload: flag('starts_on_first_download') ?? false,
    firstDownloadAt: text('first_download_at'),
    expiresAt: text(flag('starts_on_first_download') === true ? 'expires_at' : 'limit_date_range_to'),
    resetPeriod: text('scheduled_reset_period'),
    nextResetAt: text('next_reset_at'),
    previousSecretUntil: text('previous_secret_valid_until'),
    previousSecretUsedAt: text('previous_secret_last_used_at'),
    secretUsedAt: text('secret_last_used_at'),
    downloads: number('downloads') ?? 0,
    clients: number('clients') ?? 0,
    bandwidthBytes: number('bandwidth') ?? 0,
    lastUsedAt: text('last_used_at'),
    lastResetAt: text('last_reset_at'),
    createdAt: text('created_at'),
    createdBy: text('created_by'),
    updatedAt: text('updated_at'),
    updatedBy: text('updated_by'),
    eulaRequired: flag('eula_required') ?? false,
    eulaAccepted: readRevision(raw('eula_accepted')),
    eulaAcceptedAt: text('eula_accepted_at'),
    metadata: raw('metadata'),
  }
}

/** Servers of an older version know of none. */
function readRevision(accepted: unknown): number | null {
  return isObject(accepted) ? readFields(accepted).number('number') : null
}

function readLimitBytes({ number, text }: JsonFields): number | null {
  const count = number('limit_bandwidth')
  const unit = BANDWIDTH_UNITS.find((each) => each === (text('limit_bandwidth_unit') ?? 'Byte'))
  return count === null || unit === undefined ? null : (bytesOf(count, unit) ?? 0)
}

/** @throws CliError when it is no list of tokens. */
export function readTokens(value: unknown): ApiToken[] {
  return readList(value).map(readToken)
}
