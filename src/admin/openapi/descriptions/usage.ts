import { PAGES } from '../parameters.ts'
import { NOTHING, object, page, type Description } from './description.ts'

const SPAN: readonly string[] = ['start', 'finish']
const LEADERS =
  'Of at most so many tokens as `considered` says: those that were used or refused last, and those that have used most.'

export const USAGE: Readonly<Record<string, Description>> = {
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
