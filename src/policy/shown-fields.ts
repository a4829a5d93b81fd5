/** How a property of a token, a webhook or a counter is called outside, and in what form its value is shown. */
interface ShownField {
  readonly name: string
  readonly form: 'as it is' | 'instant' | 'seconds'
}

const FIELDS: Readonly<Record<string, string>> = {
  name: 'name',
  secret: 'token',
  isActive: 'is_active',
  limitDownloads: 'limit_num_downloads',
  limitClients: 'limit_num_clients',
  limitBandwidth: 'limit_bandwidth',
  limitBandwidthUnit: 'limit_bandwidth_unit',
  limitRate: 'limit_rate',
  limitConcurrency: 'limit_concurrency',
  networks: 'limit_networks',
  startsOnFirstDownload: 'starts_on_first_download',
  resetPeriod: 'scheduled_reset_period',
  packages: 'limit_packages',
  packageQuery: 'limit_package_query',
  pathQuery: 'limit_path_query',
  repositories: 'repositories',
  eulaRequired: 'eula_required',
  eulaAccepted: 'eula_acceptances',
  metadata: 'metadata',
  downloads: 'downloads',
  clients: 'clients',
  bytes: 'bandwidth',
  targetUrl: 'target_url',
  events: 'events',
}

const INSTANTS: Readonly<Record<string, string>> = {
  validFrom: 'limit_date_range_from',
  validUntil: 'limit_date_range_to',
  publishedUntil: 'limit_published_until',
  resetAnchor: 'scheduled_reset_at',
  previousValidUntil: 'previous_secret_valid_until',
  firstDownloadAt: 'first_download_at',
  expiresAt: 'expires_at',
  revokedAt: 'revoked_at',
}

const SECONDS: Readonly<Record<string, string>> = { clientsWindowMs: 'clients_window' }

/** A property without an entry keeps its name and its value. */
function shownField(property: string): ShownField {
  const tables = [
    [FIELDS, 'as it is'],
    [INSTANTS, 'instant'],
    [SECONDS, 'seconds'],
  ] as const
  for (const [table, form] of tables) {
    const name = Object.hasOwn(table, property) ? table[property] : undefined
    if (name !== undefined) return { name, form }
  }
  return { name: property, form: 'as it is' }
}

/** Changes as the API and webhooks show them: by the names of the API, instants as text, durations in seconds. */
export function showChanges(
  changes: Readonly<Record<string, readonly [before: unknown, after: unknown]>>,
): Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>> {
  return Object.fromEntries(
    Object.entries(changes).map(([property, [before, after]]) => {
      const { name, form } = shownField(property)
      return [name, { before: showValue(form, before), after: showValue(form, after) }]
    }),
  )
}

function showValue(form: ShownField['form'], value: unknown): unknown {
  if (typeof value !== 'number' || form === 'as it is') return value
  return form === 'instant' ? new Date(value).toISOString() : value / 1000
}
