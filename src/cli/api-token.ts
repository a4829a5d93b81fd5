import { readFields, unexpected } from './json-fields.ts'

/** A token as the API shows it. Text is fit for a terminal; instants are ISO 8601. */
export interface ApiToken {
  readonly slugPerm: string
  readonly name: string
  /** Asterisks unless it was asked for. */
  readonly secret: string
  readonly isActive: boolean
  readonly validFrom: string | null
  readonly validUntil: string | null
  readonly repositories: readonly string[] | null
  readonly packages: readonly string[] | null
  readonly limitDownloads: number | null
  readonly limitClients: number | null
  readonly downloads: number
  readonly clients: number
  readonly bandwidthBytes: number
  readonly lastUsedAt: string | null
  readonly lastResetAt: string | null
  readonly createdAt: string | null
  readonly createdBy: string | null
  readonly updatedAt: string | null
  readonly updatedBy: string | null
  readonly metadata: unknown
}

/** @throws CliError when it is none. */
export function readToken(value: unknown): ApiToken {
  const { text, number, flag, texts, raw } = readFields(value)
  const [slugPerm, name] = [text('slug_perm'), text('name')]
  if (slugPerm === null || name === null) throw unexpected()
  return {
    slugPerm,
    name,
    secret: text('token') ?? '',
    isActive: flag('is_active') ?? false,
    validFrom: text('limit_date_range_from'),
    validUntil: text('limit_date_range_to'),
    repositories: texts('repositories'),
    packages: texts('limit_packages'),
    limitDownloads: number('limit_num_downloads'),
    limitClients: number('limit_num_clients'),
    downloads: number('downloads') ?? 0,
    clients: number('clients') ?? 0,
    bandwidthBytes: number('bandwidth') ?? 0,
    lastUsedAt: text('last_used_at'),
    lastResetAt: text('last_reset_at'),
    createdAt: text('created_at'),
    createdBy: text('created_by'),
    updatedAt: text('updated_at'),
    updatedBy: text('updated_by'),
    metadata: raw('metadata'),
  }
}

/** @throws CliError when it is no list of tokens. */
export function readTokens(value: unknown): ApiToken[] {
  if (!Array.isArray(value)) throw unexpected()
  return value.map(readToken)
}
