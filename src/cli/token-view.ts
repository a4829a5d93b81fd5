import type { ApiToken } from './api-token.ts'
import { formatBytes } from '../text/bytes.ts'
import { counted } from '../text/counted.ts'
import { by, formatDay, formatInstant } from './instants.ts'
import { renderFacts, renderTable, type Column, type TableOptions } from './table.ts'
import { clean, NOTHING } from './text.ts'

interface ListOptions extends TableOptions {
  /** Epoch ms. */
  readonly now: number
  readonly withSecrets: boolean
  /** They are of several repositories. */
  readonly withRepositories: boolean
}

const REPOSITORY: Column<ApiToken> = {
  title: 'REPOSITORY',
  cell: ({ repository }) => repository?.split('/')[1] ?? NOTHING,
  keep: 4,
}

/** Tokens of a repository or an owner, a line each. */
export function renderTokens(tokens: readonly ApiToken[], options: ListOptions): string {
  const { now, withSecrets, withRepositories } = options
  const columns: Column<ApiToken>[] = [
    { title: 'NAME', cell: ({ name }) => name, isFlexible: true },
    { title: 'ID', cell: ({ slugPerm }) => slugPerm },
    ...(withRepositories ? [REPOSITORY] : []),
    ...(withSecrets ? [{ title: 'SECRET', cell: ({ secret }: ApiToken) => secret }] : []),
    { title: 'STATE', cell: (token) => stateOf(token, now) },
    { title: 'DOWNLOADS', cell: (token) => used(token.downloads, token.limitDownloads, '/'), align: 'right' },
    {
      title: 'CLIENTS',
      cell: (token) => used(token.clients, token.limitClients, '/'),
      align: 'right',
      keep: 1,
    },
    { title: 'UNTIL', cell: ({ expiresAt }) => formatDay(expiresAt), keep: 3 },
    { title: 'LAST USED', cell: ({ lastUsedAt }) => formatDay(lastUsedAt), keep: 2 },
  ]
  return renderTable(tokens, columns, options)
}

/** All of a token that matters. */
export function renderToken(token: ApiToken, repository: string, now: number): string {
  const { repositories, packages, metadata } = token
  const facts: (readonly [string, string])[] = [
    ['id', token.slugPerm],
    ['secret', isMasked(token.secret) ? `${token.secret} (--show-secret shows it)` : token.secret],
    ['state', stateOf(token, now)],
    ['repositories', repositories === null ? `${repository} only` : listed(repositories)],
    ['packages', packages === null ? 'all' : listed(packages)],
    ...queriesOf(token),
    ['valid', windowOf(token)],
    ['downloads', used(token.downloads, token.limitDownloads, ' of ')],
    ['clients', used(token.clients, token.limitClients, ' of ')],
    ['sent', sentOf(token)],
    ...limitsOf(token),
    ['counted since', formatInstant(token.lastResetAt ?? token.createdAt)],
    ...scheduleOf(token),
    ['last used', formatInstant(token.lastUsedAt)],
    ...secretsOf(token),
    ...eulaOf(token),
    ['created', by(token.createdAt, token.createdBy)],
    ['updated', by(token.updatedAt, token.updatedBy)],
    ['metadata', metadata === null ? NOTHING : clean(JSON.stringify(metadata))],
  ]
  return `${token.name}\n${renderFacts(facts)}`
}

/** Of few tokens there is anything to say. */
function eulaOf({ eulaRequired, eulaAccepted, eulaAcceptedAt }: ApiToken): (readonly [string, string])[] {
  if (eulaAccepted !== null)
    return [['EULA', `revision ${eulaAccepted}, accepted ${formatInstant(eulaAcceptedAt)}`]]
  return eulaRequired ? [['EULA', 'to be accepted']] : []
}

function isMasked(secret: string): boolean {
  return /^\*+$/.test(secret)
}

/** In one word what a customer with this token would notice first. */
function stateOf(token: ApiToken, now: number): string {
  const { validFrom, expiresAt, limitDownloads, limitBytes } = token
  if (!token.isActive) return 'disabled'
  if (expiresAt !== null && now >= Date.parse(expiresAt)) return 'expired'
  if (validFrom !== null && now < Date.parse(validFrom)) return 'not yet'
  const isUsedUp =
    (limitDownloads !== null && token.downloads >= limitDownloads) ||
    (limitBytes !== null && token.bandwidthBytes >= limitBytes)
  return isUsedUp ? 'used up' : 'active'
}

function used(count: number, limit: number | null, of: string): string {
  return limit === null ? String(count) : `${count}${of}${limit}`
}

function listed(entries: readonly string[]): string {
  return entries.length === 0 ? 'none' : entries.join('\n')
}

/** Few tokens have any. */
function queriesOf({ packageQuery, pathQuery }: ApiToken): (readonly [string, string])[] {
  const facts = [['package query', packageQuery] as const, ['path query', pathQuery] as const]
  return facts.flatMap(([title, query]) => (query === null ? [] : [[title, query] as const]))
}

function windowOf({
  validFrom,
  validUntil,
  expiresAt,
  startsOnFirstDownload,
  firstDownloadAt,
}: ApiToken): string {
  const from = validFrom === null ? '' : `from ${formatInstant(validFrom)}`
  const until = validUntil === null ? '' : `until ${formatInstant(validUntil)}`
  if (!startsOnFirstDownload) return [from, until].filter((part) => part !== '').join(' ') || 'always'
  if (firstDownloadAt !== null) {
    return `from ${formatInstant(firstDownloadAt)}, the first download, until ${formatInstant(expiresAt)}`
  }
  return `from the first download, for ${daysBetween(validFrom, validUntil)}; not before ${formatInstant(validFrom)}`
}

/** The length of a window, in days where it is one or more. */
function daysBetween(from: string | null, until: string | null): string {
  const seconds = (Date.parse(until ?? '') - Date.parse(from ?? '')) / 1_000
  return seconds >= 86_400
    ? counted(Math.round((seconds / 86_400) * 10) / 10, 'day')
    : counted(seconds, 'second')
}

function sentOf({ bandwidthBytes, limitBytes }: ApiToken): string {
  const sent = formatBytes(bandwidthBytes)
  return limitBytes === null ? sent : `${sent} of ${formatBytes(limitBytes)}`
}

type Fact = readonly [string, string]

/** Limits that few tokens have. */
function limitsOf(token: ApiToken): Fact[] {
  const { clientsWindow, limitRate, limitConcurrency, networks, publishedUntil } = token
  return [
    ...(clientsWindow === null
      ? []
      : [['client window', `${counted(clientsWindow, 'second')} unseen`] as const]),
    ...(limitRate === null ? [] : [['rate', `${counted(limitRate, 'request')} a second`] as const]),
    ...(limitConcurrency === null ? [] : [['at once', counted(limitConcurrency, 'download')] as const]),
    ...(networks === null ? [] : [['networks', listed(networks)] as const]),
    ...(publishedUntil === null ? [] : [['published', `until ${formatInstant(publishedUntil)}`] as const]),
  ]
}

function scheduleOf({ resetPeriod, nextResetAt }: ApiToken): Fact[] {
  if (nextResetAt === null || resetPeriod === null) return []
  return [['counted anew', `${formatInstant(nextResetAt)} (${resetPeriod})`]]
}

/** While two secrets work, it is the question whether the old one is still in use. */
function secretsOf({ previousSecretUntil, previousSecretUsedAt, secretUsedAt }: ApiToken): Fact[] {
  if (previousSecretUntil === null) return []
  return [
    ['new secret', `last used ${formatInstant(secretUsedAt)}`],
    [
      'old secret',
      `works until ${formatInstant(previousSecretUntil)}, last used ${formatInstant(previousSecretUsedAt)}`,
    ],
  ]
}
