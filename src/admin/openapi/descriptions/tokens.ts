import { PAGES } from '../parameters.ts'
import { NOTHING, object, page, tagged, type Description, type Reply } from './description.ts'

const NOTHING_TAGGED: Reply = { ...NOTHING, hasTag: true }
const TOKEN: Reply = tagged('Token')
const TOKEN_LIST: readonly string[] = [...PAGES, 'show_tokens', 'active', 'token_query', 'token_sort']
const OWNERS =
  'A token that belongs to its owner is at /entitlements/{owner}/{slug_perm}/, or here with * for {repo}.'

export const TOKENS: Readonly<Record<string, Description>> = {
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
