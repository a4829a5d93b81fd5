import { limitBytesOf } from '../policy/bandwidth.ts'
import { nextPeriodStart } from '../policy/reset.ts'
import { scheduleOf } from '../policy/schedule.ts'
import { homeOf } from '../policy/owner-level.ts'
import type { TokenRecord } from '../policy/types.ts'
import { windowOf } from '../policy/window.ts'
import type { StoredToken, Usage } from '../store/contract.ts'
import { renderEula } from './eula.ts'
import { lastUseOfSecret } from './grace.ts'
import { formatInstant, formatOptional } from './instants.ts'
import { pathOfToken } from './places.ts'

/** Fields of an answer that no request may set. */
export const READ_ONLY_FIELDS: ReadonlySet<string> = new Set([
  'slug_perm',
  'owner',
  'repository',
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
  'next_reset_at',
  'first_download_at',
  'expires_at',
  'secret_last_used_at',
  'previous_secret_last_used_at',
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
export function renderToken(token: StoredToken, rendering: Rendering): Record<string, unknown> {
  return {
    name: token.name,
    slug_perm: token.slugPerm,
    token: rendering.secret,
    is_active: token.isActive,
    owner: token.owner,
    repository: homeOf(token),
    metadata: token.metadata,
    repositories: token.repositories,
    ...renderLimits(token),
    ...renderUsage(token, rendering),
    ...renderSecrets(token, rendering),
    ...renderEula(token),
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
    clients_window: token.clientsWindowMs === null ? null : token.clientsWindowMs / 1000,
    limit_bandwidth: token.limitBandwidth,
    limit_bandwidth_unit: token.limitBandwidthUnit,
    limit_rate: token.limitRate,
    limit_concurrency: token.limitConcurrency,
    limit_networks: token.networks,
    limit_published_until: formatOptional(token.publishedUntil),
    limit_packages: token.packages,
    limit_package_query: token.packageQuery,
    limit_path_query: token.pathQuery,
    starts_on_first_download: token.startsOnFirstDownload,
    scheduled_reset_period: token.resetPeriod,
    scheduled_reset_at: formatOptional(token.resetAnchor),
  }
}

function renderUsage(token: TokenRecord, { usage, now }: Rendering): Record<string, unknown> {
  return {
    has_limits: hasLimits(token),
    is_limited: isLimited(token, usage, now),
    downloads: usage.downloads,
    clients: usage.clients,
    bandwidth: usage.bytes,
    usage: renderCounts(token, usage),
    last_used_at: formatOptional(usage.lastUsedAt),
    last_reset_at: formatOptional(usage.resetAt),
    next_reset_at: formatOptional(nextPeriodStart(scheduleOf(token), now)),
    first_download_at: formatOptional(token.firstDownloadAt),
    expires_at: formatOptional(windowOf(token).until),
  }
}

function renderSecrets(token: StoredToken, { usage }: Rendering): Record<string, unknown> {
  const { previousDigest, previousValidUntil, previousSecretUsedAt } = token
  return {
    secret_last_used_at: formatOptional(lastUseOfSecret(token, usage)),
    previous_secret_valid_until: formatOptional(previousDigest === null ? null : previousValidUntil),
    previous_secret_last_used_at: formatOptional(previousSecretUsedAt),
  }
}

/** Bytes only where they are limited: everybody has some. */
function renderCounts(token: TokenRecord, usage: Usage): string {
  const limitBytes = limitBytesOf(token)
  const counts = [
    count(usage.downloads, token.limitDownloads, 'download'),
    count(usage.clients, token.limitClients, 'client'),
    ...(limitBytes === null ? [] : [count(usage.bytes, limitBytes, 'byte')]),
  ]
  return counts.join(', ')
}

/** True when anything narrows what the token opens in its repositories, how often or when. */
function hasLimits(token: TokenRecord): boolean {
  const limits = [
    token.validFrom,
    token.validUntil,
    token.packages,
    token.packageQuery,
    token.pathQuery,
    token.networks,
    token.publishedUntil,
    token.limitDownloads,
    token.limitClients,
    token.limitBandwidth,
    token.limitRate,
    token.limitConcurrency,
  ]
  return limits.some((each) => each !== null)
}

/** True when a limit would refuse the next download of a new client, whatever it is. */
function isLimited(token: TokenRecord, usage: Usage, now: number): boolean {
  const { from, until } = windowOf(token)
  if (from !== null && now < from) return true
  if (until !== null && now >= until) return true
  if (token.networks?.length === 0 || token.limitConcurrency === 0) return true
  return (
    isReached(usage.downloads, token.limitDownloads) ||
    isReached(usage.clients, token.limitClients) ||
    isReached(usage.bytes, limitBytesOf(token))
  )
}

function isReached(used: number, limit: number | null): boolean {
  return limit !== null && used >= limit
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

function renderUrls(token: StoredToken, base: string): Record<string, unknown> {
  const self = `${base}/${pathOfToken(token)}/`
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
    access_private_broadcasts: false,
  }
}
