import type { ApiKey } from './api-key.ts'
import { by, formatDay, formatInstant } from './instants.ts'
import { renderFacts, renderTable, type Column, type TableOptions } from './table.ts'
import { NOTHING } from './text.ts'

interface ListOptions extends TableOptions {
  /** Epoch ms. */
  readonly now: number
  /** Whether they work is a question. */
  readonly withState: boolean
}

/** Keys, a line each. */
export function renderKeys(keys: readonly ApiKey[], options: ListOptions): string {
  const { now, withState } = options
  const columns: Column<ApiKey>[] = [
    { title: 'NAME', cell: ({ name }) => name, isFlexible: true },
    { title: 'ID', cell: ({ id }) => id },
    { title: 'ROLE', cell: ({ role }) => role },
    { title: 'REPOSITORIES', cell: repositoriesOf(', '), isFlexible: true, keep: 4 },
    ...(withState ? [{ title: 'STATE', cell: (key: ApiKey) => stateOf(key, now) }] : []),
    { title: 'UNTIL', cell: ({ expiresAt }) => formatDay(expiresAt), keep: 2 },
    { title: 'LAST USED', cell: ({ lastUsedAt }) => formatDay(lastUsedAt), keep: 3 },
    { title: 'FROM', cell: ({ lastUsedFrom }) => lastUsedFrom ?? NOTHING, keep: 1 },
  ]
  return renderTable(keys, columns, options)
}

/** All of a key. */
export function renderKey(key: ApiKey, now: number): string {
  const { secret, lastUsedFrom, revokedAt } = key
  const facts: (readonly [string, string])[] = [
    ['id', key.id],
    ['key', /^\**$/.test(secret) ? 'shown when it was made, and never again' : secret],
    ['role', key.role],
    ['repositories', repositoriesOf('\n')(key)],
    ['state', stateOf(key, now)],
    ['until', key.expiresAt === null ? 'it is revoked' : formatInstant(key.expiresAt)],
    ['last used', `${formatInstant(key.lastUsedAt)}${lastUsedFrom === null ? '' : ` from ${lastUsedFrom}`}`],
    ['created', by(key.createdAt, key.createdBy)],
    ['updated', by(key.updatedAt, key.updatedBy)],
    ...(revokedAt === null ? [] : [['revoked', by(revokedAt, key.revokedBy)] as const]),
  ]
  return `${key.name}\n${renderFacts(facts)}`
}

function repositoriesOf(separator: string): (key: ApiKey) => string {
  return ({ repositories }) => (repositories.length === 0 ? 'none' : repositories.join(separator))
}

function stateOf({ revokedAt, expiresAt }: ApiKey, now: number): string {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && now >= Date.parse(expiresAt) ? 'expired' : 'active'
}
