import type { TokenRecord } from '../policy/types.ts'
import type { Usage } from '../store/contract.ts'
import { formatInstant, formatOptional } from './instants.ts'

/** Tells nothing about the secret, not even its length. */
export const MASK: string = '*'.repeat(16)

/** Fields of an answer that no request may set. */
export const READ_ONLY_FIELDS: ReadonlySet<string> = new Set([
  'slug_perm',
  'identifier',
  'default',
  'eula_accepted',
  'eula_accepted_at',
  'eula_accepted_from',
  'has_limits',
  'is_limited',
  'downloads',
  'clients',
  'bandwidth',
  'usage',
  'last_used_at',
  'last_reset_at',
  'user',
  'user_url',
  'created_at',
  'created_by',
  'created_by_url',
  'updated_at',
  'updated_by',
  'updated_by_url',
  'self_url',
  'enable_url',
  'disable_url',
  'refresh_url',
  'reset_url',
])

export interface Rendering {
  /** The secret, or the mask. */
  readonly secret: string
  /** What the token has used since its counters were last at zero. */
  readonly usage: Usage
  /** What URLs begin with. */
  readonly base: string
  /** Epoch ms. */
  readonly now: number
}

/** A token as Cloudsmith shows one, with our fields beside it. What this version does not have stands at its neutral value. */
export function renderToken(token: TokenRecord, rendering: Rendering): Record<string, unknown> {
  return {
    name: token.name,
    slug_perm: token.slugPerm,
    token: rendering.secret,
    is_active: token.isActive,
    metadata: token.metadata,
    repositories: token.repositories,
    ...renderLimits(token),
    ...renderUsage(token, rendering),
    ...renderHistory(token),
    ...renderUrls(token, rendering.base),
    ...neutral(),
  }
}

function renderLimits(token: TokenRecord): Record<string, unknown> {
  return {
    limit_date_range_from: formatOptional(token.validFrom),
    limit_date_range_to: formatOptional(token.validUntil),
    limit_num_downloads: token.limitDownloads,
    limit_num_clients: token.limitClients,
    limit_packages: token.packages,
  }
}

function renderUsage(token: TokenRecord, { usage, now }: Rendering): Record<string, unknown> {
  return {
    has_limits: hasLimits(token),
    is_limited: isLimited(token, usage, now),
    downloads: usage.downloads,
    clients: usage.clients,
    bandwidth: usage.bytes,
    usage: `${count(usage.downloads, token.limitDownloads, 'download')}, ${count(usage.clients, token.limitClients, 'client')}`,
    last_used_at: formatOptional(usage.lastUsedAt),
    last_reset_at: formatOptional(usage.resetAt),
  }
}

/** True when anything narrows what the token opens in its repositories, how often or when. */
function hasLimits({ validFrom, validUntil, packages, limitDownloads, limitClients }: TokenRecord): boolean {
  return [validFrom, validUntil, packages, limitDownloads, limitClients].some((each) => each !== null)
}

/** True when a limit would refuse the next download of a new client. */
function isLimited(token: TokenRecord, usage: Usage, now: number): boolean {
  const { validFrom, validUntil, limitDownloads, limitClients } = token
  if (validFrom !== null && now < validFrom) return true
  if (validUntil !== null && now >= validUntil) return true
  if (limitDownloads !== null && usage.downloads >= limitDownloads) return true
  return limitClients !== null && usage.clients >= limitClients
}

/** `1 client`, `3 of 10 downloads`. */
function count(used: number, limit: number | null, unit: string): string {
  const noun = (limit ?? used) === 1 ? unit : `${unit}s`
  return limit === null ? `${used} ${noun}` : `${used} of ${limit} ${noun}`
}

function renderHistory(token: TokenRecord): Record<string, unknown> {
  return {
    created_at: formatInstant(token.createdAt),
    created_by: token.createdBy,
    created_by_url: null,
    updated_at: formatOptional(token.updatedAt),
    updated_by: token.updatedBy,
    updated_by_url: null,
  }
}

function renderUrls({ owner, repo, slugPerm }: TokenRecord, base: string): Record<string, unknown> {
  const self = `${base}/entitlements/${owner}/${repo}/${slugPerm}/`
  return {
    self_url: self,
    enable_url: `${self}enable/`,
    disable_url: `${self}disable/`,
    refresh_url: `${self}refresh/`,
    reset_url: `${self}reset/`,
  }
}

/** Cloudsmith's fields that nothing stands behind here. `identifier` must be a number or null: its Go client says so. */
function neutral(): Record<string, unknown> {
  return {
    identifier: null,
    default: false,
    user: null,
    user_url: null,
    limit_bandwidth: null,
    limit_bandwidth_unit: 'Byte',
    limit_package_query: null,
    limit_path_query: null,
    scheduled_reset_period: 'Never Reset',
    scheduled_reset_at: null,
    eula_required: false,
    eula_accepted: { identifier: null, number: null },
    eula_accepted_at: null,
    eula_accepted_from: null,
    access_private_broadcasts: false,
  }
}
