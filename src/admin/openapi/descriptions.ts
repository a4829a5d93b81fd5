import { PAGES } from './parameters.ts'

/** Groups of operations, in the order in which they are shown. */
export const TAGS = {
  Tokens:
    'Entitlement tokens, with the names and shapes of Cloudsmith’s API. docs/tokens.md has every field.',
  Usage: 'What was downloaded, by whom and when.',
  Repositories: 'Repositories of the configuration.',
  Keys: 'Keys of this API. docs/keys.md says what roles may do.',
  'Audit log': 'Who changed what.',
  Webhooks: 'Where events are sent to. docs/events.md has the events.',
  Gate: 'What the gate does and remembers.',
  Service: 'What machines watch and clients ask first.',
} as const

/** What an operation answers when all is well. */
export interface Reply {
  readonly status: number
  /** Name of a component; undefined: nothing, or text. */
  readonly schema?: string
  /** `page`: a list with headers about its pages. `figures`: an object with the same headers. `log`: a list that goes on at `Link`. */
  readonly form:
    | 'object'
    | 'list'
    | 'page'
    | 'figures'
    | 'log'
    | 'lines'
    | 'text'
    | 'html'
    | 'document'
    | 'nothing'
  /** Its version is in ETag. */
  readonly hasTag?: true
}

/** What can't be told from the routes. */
export interface Description {
  /** As Cloudsmith names it, where it has the operation. */
  readonly id: string
  readonly tag: keyof typeof TAGS
  /** A sentence without its dot. */
  readonly summary: string
  readonly more?: string
  /** By the names that parameters.ts calls them by. */
  readonly query?: readonly string[]
  /** Name of a component. */
  readonly body?: string
  /** The body may be CSV or JSON lines, too. */
  readonly takesRows?: true
  readonly reply: Reply
}

const NOTHING: Reply = { status: 204, form: 'nothing' }
const NOTHING_TAGGED: Reply = { ...NOTHING, hasTag: true }
const TEXT: Reply = { status: 200, form: 'text' }
const DOCUMENT: Reply = { status: 200, form: 'document' }
const TOKEN: Reply = { status: 200, form: 'object', schema: 'Token', hasTag: true }
const TOKEN_LIST: readonly string[] = [...PAGES, 'show_tokens', 'active', 'token_query', 'token_sort']
const SPAN: readonly string[] = ['start', 'finish']
const AUDIT: readonly string[] = [...PAGES, 'audit_query', 'actor', 'event', 'object', 'since', 'until']
const LEADERS =
  'Of at most so many tokens as `considered` says: those that were used or refused last, and those that have used most.'
const OWNERS =
  'A token that belongs to its owner is at /entitlements/{owner}/{slug_perm}/, or here with * for {repo}.'

function object(schema: string, status = 200): Reply {
  return { status, form: 'object', schema }
}

function page(schema: string): Reply {
  return { status: 200, form: 'page', schema }
}

const TOKENS: Readonly<Record<string, Description>> = {
  'GET /entitlements/:owner': {
    id: 'entitlements_account_list',
    tag: 'Tokens',
    summary: 'List the tokens of all repositories of an owner, and those that belong to the owner',
    query: TOKEN_LIST,
    reply: page('Token'),
  },
  'POST /entitlements/:owner': {
    id: 'entitlements_account_create',
    tag: 'Tokens',
    summary: 'Make a token that belongs to an owner and opens all repositories of the owner',
    query: ['show_tokens'],
    body: 'TokenCreation',
    reply: { ...TOKEN, status: 201 },
  },
  'GET /entitlements/:owner/:repo': {
    id: 'entitlements_list',
    tag: 'Tokens',
    summary: 'List the tokens of a repository',
    query: TOKEN_LIST,
    reply: page('Token'),
  },
  'POST /entitlements/:owner/:repo': {
    id: 'entitlements_create',
    tag: 'Tokens',
    summary: 'Make a token',
    query: ['show_tokens'],
    body: 'TokenCreation',
    reply: { ...TOKEN, status: 201 },
  },
  'GET /entitlements/:owner/:repo/export': {
    id: 'entitlements_export',
    tag: 'Tokens',
    summary: 'Write down all tokens with everything that can be set on them',
    more: 'What a bulk change reads. Those of an owner are at /entitlements/{owner}/export/.',
    query: ['token_format', 'show_tokens'],
    reply: { status: 200, form: 'lines' },
  },
  'POST /entitlements/:owner/:repo/bulk': {
    id: 'entitlements_bulk',
    tag: 'Tokens',
    summary: 'Make, change and delete the tokens that rows name',
    more: 'All of it happens or nothing, unless partial is set. For tokens of an owner: /entitlements/{owner}/bulk/.',
    query: ['action', 'match', 'dry_run', 'partial', 'show_tokens'],
    body: 'BulkRows',
    takesRows: true,
    reply: object('BulkReport'),
  },
  'POST /entitlements/:owner/:repo/sync': {
    id: 'entitlements_sync',
    tag: 'Tokens',
    summary: 'Replace the tokens of a repository by copies of those of another',
    more: 'All of it happens or nothing. The copies have the secrets and settings of the originals, and counters at zero.',
    query: ['show_tokens'],
    body: 'TokenSync',
    reply: object('SyncedTokens'),
  },
  'GET /entitlements/:owner/:repo/:slug_perm': {
    id: 'entitlements_read',
    tag: 'Tokens',
    summary: 'Show a token',
    more: OWNERS,
    query: ['show_tokens', 'fuzzy'],
    reply: TOKEN,
  },
  'PATCH /entitlements/:owner/:repo/:slug_perm': {
    id: 'entitlements_partial_update',
    tag: 'Tokens',
    summary: 'Change fields of a token',
    more: `What is left out stays as it is. ${OWNERS}`,
    query: ['show_tokens'],
    body: 'TokenChange',
    reply: TOKEN,
  },
  'DELETE /entitlements/:owner/:repo/:slug_perm': {
    id: 'entitlements_delete',
    tag: 'Tokens',
    summary: 'Delete a token',
    reply: NOTHING,
  },
  'POST /entitlements/:owner/:repo/:slug_perm/enable': {
    id: 'entitlements_enable',
    tag: 'Tokens',
    summary: 'Switch a token on',
    reply: NOTHING_TAGGED,
  },
  'POST /entitlements/:owner/:repo/:slug_perm/disable': {
    id: 'entitlements_disable',
    tag: 'Tokens',
    summary: 'Switch a token off',
    reply: NOTHING_TAGGED,
  },
  'POST /entitlements/:owner/:repo/:slug_perm/refresh': {
    id: 'entitlements_refresh',
    tag: 'Tokens',
    summary: 'Give a token a new secret',
    more: 'The old one stops working at once, unless the body says how long it goes on.',
    query: ['show_tokens'],
    body: 'TokenRefresh',
    reply: TOKEN,
  },
  'POST /entitlements/:owner/:repo/:slug_perm/reset': {
    id: 'entitlements_reset',
    tag: 'Tokens',
    summary: 'Set the counters of a token to zero',
    reply: NOTHING_TAGGED,
  },
  'GET /entitlements/:owner/:repo/:slug_perm/eula': {
    id: 'entitlements_eula_list',
    tag: 'Tokens',
    summary: 'List what was accepted with a token',
    more: 'Customers accept the EULA of a repository on its page. docs/eula.md says more.',
    reply: { status: 200, form: 'list', schema: 'EulaAcceptance' },
  },
  'DELETE /entitlements/:owner/:repo/:slug_perm/eula': {
    id: 'entitlements_eula_withdraw',
    tag: 'Tokens',
    summary: 'Withdraw what was accepted with a token, so that its customer is asked again',
    query: ['eula_repository'],
    reply: NOTHING,
  },
  'POST /entitlements/:owner/:repo/:slug_perm/toggle-private-broadcasts': {
    id: 'entitlements_toggle_private_broadcasts',
    tag: 'Tokens',
    summary: 'Say that a token opens no broadcasts',
    more: 'For Cloudsmith’s Terraform provider. There are none, so that only false is taken.',
    query: ['show_tokens'],
    body: 'TokenBroadcasts',
    reply: TOKEN,
  },
}

const USAGE: Readonly<Record<string, Description>> = {
  'GET /entitlements/:owner/:repo/:slug_perm/usage': {
    id: 'entitlements_usage',
    tag: 'Usage',
    summary: 'Show what a token used, hour by hour or day by day',
    query: ['interval', ...SPAN],
    reply: object('Usage'),
  },
  'GET /entitlements/:owner/:repo/:slug_perm/clients': {
    id: 'entitlements_clients_list',
    tag: 'Usage',
    summary: 'List the clients that a token counts',
    query: PAGES,
    reply: page('Client'),
  },
  'DELETE /entitlements/:owner/:repo/:slug_perm/clients/:address': {
    id: 'entitlements_clients_delete',
    tag: 'Usage',
    summary: 'Forget a client of a token, so that its place is free',
    reply: NOTHING,
  },
  'GET /entitlements/:owner/:repo/:slug_perm/packages': {
    id: 'entitlements_packages_list',
    tag: 'Usage',
    summary: 'List the packages that a token downloaded',
    query: ['package_query', ...PAGES],
    reply: page('UsedPackage'),
  },
  'GET /metrics/entitlements/:owner': {
    id: 'metrics_entitlements_account_list',
    tag: 'Usage',
    summary: 'Sum up the usage of tokens of an owner',
    query: ['tokens', ...SPAN],
    reply: { status: 200, form: 'figures', schema: 'TokenFigures' },
  },
  'GET /metrics/entitlements/:owner/:repo': {
    id: 'metrics_entitlements_repo_list',
    tag: 'Usage',
    summary: 'Sum up the usage of tokens of a repository',
    query: ['tokens', ...SPAN],
    reply: { status: 200, form: 'figures', schema: 'TokenFigures' },
  },
  'GET /metrics/packages/:owner/:repo': {
    id: 'metrics_packages_list',
    tag: 'Usage',
    summary: 'Sum up the downloads of packages of a repository',
    query: ['packages', ...SPAN],
    reply: { status: 200, form: 'figures', schema: 'PackageFigures' },
  },
  'GET /packages/:owner/:repo': {
    id: 'packages_list',
    tag: 'Usage',
    summary: 'List the packages of a repository that were ever downloaded',
    query: ['package_query', ...PAGES],
    reply: page('Package'),
  },
  'GET /usage/:owner': {
    id: 'usage_leaders_owner_read',
    tag: 'Usage',
    summary: 'Show what the tokens of an owner used, and which used and were refused most',
    more: LEADERS,
    query: [...SPAN, 'interval'],
    reply: object('Leaders'),
  },
  'GET /usage/:owner/:repo': {
    id: 'usage_leaders_read',
    tag: 'Usage',
    summary: 'Show what the tokens of a repository used, and which used and were refused most',
    more: LEADERS,
    query: [...SPAN, 'interval'],
    reply: object('Leaders'),
  },
  'GET /usage/:owner/:repo/packages/:name': {
    id: 'usage_packages_list',
    tag: 'Usage',
    summary: 'List who downloaded a package',
    query: ['package_version', ...PAGES],
    reply: page('Downloader'),
  },
  'GET /downloads/:owner/:repo': {
    id: 'downloads_list',
    tag: 'Usage',
    summary: 'Read or export the log of downloads of a repository',
    query: [
      ...SPAN,
      'token',
      'package',
      'package_version',
      'client',
      'download_sort',
      'page_size',
      'cursor',
      'format',
    ],
    reply: { status: 200, form: 'log', schema: 'Download' },
  },
}

const REPOSITORIES: Readonly<Record<string, Description>> = {
  'GET /repos': {
    id: 'repos_user_list',
    tag: 'Repositories',
    summary: 'List the repositories that the key covers',
    query: PAGES,
    reply: page('Repository'),
  },
  'GET /repos/:owner': {
    id: 'repos_namespace_list',
    tag: 'Repositories',
    summary: 'List the repositories of an owner that the key covers',
    query: PAGES,
    reply: page('Repository'),
  },
  'GET /repos/:owner/:repo': {
    id: 'repos_read',
    tag: 'Repositories',
    summary: 'Show a repository',
    reply: object('Repository'),
  },
}

const KEYS: Readonly<Record<string, Description>> = {
  'GET /keys': {
    id: 'keys_list',
    tag: 'Keys',
    summary: 'List the keys of this API',
    query: ['active', ...PAGES],
    reply: page('Key'),
  },
  'POST /keys': {
    id: 'keys_create',
    tag: 'Keys',
    summary: 'Make a key, and show it this once',
    body: 'KeyCreation',
    reply: object('Key', 201),
  },
  'GET /keys/:slug_perm': {
    id: 'keys_read',
    tag: 'Keys',
    summary: 'Show what is known of a key',
    reply: object('Key'),
  },
  'PATCH /keys/:slug_perm': {
    id: 'keys_partial_update',
    tag: 'Keys',
    summary: 'Change name, repositories or end of a key',
    body: 'KeyChange',
    reply: object('Key'),
  },
  'DELETE /keys/:slug_perm': {
    id: 'keys_delete',
    tag: 'Keys',
    summary: 'Revoke a key for good',
    reply: NOTHING,
  },
  'POST /keys/:slug_perm/rotate': {
    id: 'keys_rotate',
    tag: 'Keys',
    summary: 'Give a key another secret, and show it this once',
    reply: object('Key'),
  },
}

const LOG: Readonly<Record<string, Description>> = {
  'GET /audit-log': {
    id: 'audit_log_list',
    tag: 'Audit log',
    summary: 'List all changes, newest first',
    query: AUDIT,
    reply: page('AuditEntry'),
  },
  'GET /audit-log/:owner': {
    id: 'audit_log_namespace_list',
    tag: 'Audit log',
    summary: 'List the changes about an owner',
    query: AUDIT,
    reply: page('AuditEntry'),
  },
  'GET /audit-log/:owner/:repo': {
    id: 'audit_log_repo_list',
    tag: 'Audit log',
    summary: 'List the changes about a repository',
    query: AUDIT,
    reply: page('AuditEntry'),
  },
}

const WEBHOOKS: Readonly<Record<string, Description>> = {
  'GET /webhooks/:owner': {
    id: 'webhooks_list',
    tag: 'Webhooks',
    summary: 'List the webhooks of an owner',
    reply: { status: 200, form: 'list', schema: 'Webhook' },
  },
  'POST /webhooks/:owner': {
    id: 'webhooks_create',
    tag: 'Webhooks',
    summary: 'Make a webhook, and show its secret this once',
    body: 'WebhookCreation',
    reply: object('Webhook', 201),
  },
  'GET /webhooks/:owner/:id': {
    id: 'webhooks_read',
    tag: 'Webhooks',
    summary: 'Show a webhook',
    reply: object('Webhook'),
  },
  'PATCH /webhooks/:owner/:id': {
    id: 'webhooks_partial_update',
    tag: 'Webhooks',
    summary: 'Change a webhook',
    body: 'WebhookChange',
    reply: object('Webhook'),
  },
  'DELETE /webhooks/:owner/:id': {
    id: 'webhooks_delete',
    tag: 'Webhooks',
    summary: 'Delete a webhook, and what was still to be sent to it',
    reply: NOTHING,
  },
  'GET /webhooks/:owner/:id/deliveries': {
    id: 'webhooks_deliveries_list',
    tag: 'Webhooks',
    summary: 'List what was and will be sent, newest first',
    query: ['state', ...PAGES],
    reply: page('WebhookDelivery'),
  },
  'POST /webhooks/:owner/:id/deliveries/:delivery/resend': {
    id: 'webhooks_deliveries_resend',
    tag: 'Webhooks',
    summary: 'Send something again, with the same id',
    reply: object('WebhookDelivery'),
  },
  'POST /webhooks/:owner/:id/ping': {
    id: 'webhooks_ping',
    tag: 'Webhooks',
    summary: 'Send a trial, whatever events the webhook wants',
    reply: object('WebhookDelivery', 202),
  },
}

const SERVICE: Readonly<Record<string, Description>> = {
  'POST /explain': {
    id: 'explain_create',
    tag: 'Gate',
    summary: 'Say what the gate would do with a request, and why',
    more: 'Changes nothing, and charges nothing.',
    body: 'ExplainRequest',
    reply: object('Explanation'),
  },
  'POST /cache/purge': {
    id: 'cache_purge',
    tag: 'Gate',
    summary: 'Forget small files that are kept in memory',
    body: 'PurgeRequest',
    reply: object('Purged'),
  },
  'GET /healthz': { id: 'healthz', tag: 'Service', summary: 'Say that the process runs', reply: TEXT },
  'GET /readyz': {
    id: 'readyz',
    tag: 'Service',
    summary: 'Say whether customers are served',
    more: '503: they are not.',
    reply: TEXT,
  },
  'GET /metrics': {
    id: 'metrics',
    tag: 'Service',
    summary: 'Figures for Prometheus',
    more: 'docs/metrics.md has them all.',
    reply: TEXT,
  },
  'GET /status/check/basic': {
    id: 'status_check_basic',
    tag: 'Service',
    summary: 'Say that the API is up',
    reply: object('Status'),
  },
  'GET /rates/limits': {
    id: 'rates_limits_list',
    tag: 'Service',
    summary: 'List limits of this API: there are none',
    reply: object('RateLimits'),
  },
  'GET /user/self': {
    id: 'user_self',
    tag: 'Service',
    summary: 'Show the key that asks, and what it may do',
    reply: object('Self'),
  },
  'POST /console/session': {
    id: 'console_session_create',
    tag: 'Service',
    summary: 'Sign in to the console',
    more: 'With the key in a header. The answer sets a cookie that stands for the key from then on; what changes something needs the header `X-Postern-Console` beside it.',
    reply: NOTHING,
  },
  'DELETE /console/session': {
    id: 'console_session_delete',
    tag: 'Service',
    summary: 'Sign out of the console',
    reply: NOTHING,
  },
  'GET /openapi.json': { id: 'openapi', tag: 'Service', summary: 'This description', reply: DOCUMENT },
  'GET /swagger': {
    id: 'swagger',
    tag: 'Service',
    summary: 'This description, where Cloudsmith’s tools look for one',
    reply: DOCUMENT,
  },
  'GET /docs': {
    id: 'docs',
    tag: 'Service',
    summary: 'This description as a page',
    reply: { status: 200, form: 'html' },
  },
}

/** Every operation of the routes, by method and path. */
export const DESCRIPTIONS: Readonly<Record<string, Description>> = {
  ...TOKENS,
  ...USAGE,
  ...REPOSITORIES,
  ...KEYS,
  ...LOG,
  ...WEBHOOKS,
  ...SERVICE,
}
