import type { StoredToken, RepositoryName, TokenSync } from '../contract.ts'
import { digestsOf } from '../stored-token.ts'
import { planSync, syncEntries } from '../sync-entries.ts'
import { changeWrites } from './audit-writes.ts'
import { mergeWrites } from './merge-writes.ts'
import { rewrite } from './rewrite.ts'
import { parseToken, placeOf } from './token-text.ts'
import type { TokensOptions } from './tokens-options.ts'
import { createKeyList, encodeWrites, type Write } from './writes.ts'

/** All tokens of the two repositories as they lie among the records. */
interface Found {
  readonly source: readonly string[]
  readonly target: readonly string[]
}

interface Planned {
  readonly gone: readonly StoredToken[]
  readonly made: readonly StoredToken[]
}

/** See `TokenStore.sync`: planned from what was read, and written by one script if that is still all there is. */
export async function syncTokens(
  options: TokensOptions,
  sync: TokenSync,
): Promise<readonly StoredToken[] | undefined> {
  const done = await rewrite<Found, Planned>({
    what: 'a repository',
    read: async () => {
      const [source, target] = await Promise.all([
        readAll(options, sync.source, sync.most + 1),
        readAll(options, sync.target, sync.most + 1),
      ])
      return { source, target }
    },
    change: ({ source, target }) => {
      const gone = target.map(parseToken)
      const made = planSync(sync, source.map(parseToken), gone)
      return made && { gone, made }
    },
    write: (found, planned) => write(options, sync, found, planned),
  })
  return done?.made
}

async function readAll(
  { scripts, keys }: TokensOptions,
  { owner, repo }: RepositoryName,
  most: number,
): Promise<readonly string[]> {
  const [, ...records] = await scripts.listTokens([keys.names(owner, repo), keys.records], [0, most - 1, ''])
  return records
}

/** False when the tokens are not as they were read. */
async function write(
  { scripts, keys, feed, processId }: TokensOptions,
  sync: TokenSync,
  { source, target }: Found,
  { gone, made }: Planned,
): Promise<boolean> {
  const names = [sync.source, sync.target].map(({ owner, repo }) => keys.names(owner, repo))
  const allKeys = createKeyList([keys.records, ...names, keys.changes])
  const writes = mergeWrites([
    ...gone.flatMap((token) => removal(keys, token, sync.at)),
    ...made.flatMap((token) => addition(keys, token)),
    ...syncEntries(sync, gone, made).flatMap((entry) => changeWrites(keys, entry)),
  ])
  const news = [...new Set([...gone, ...made].flatMap(digestsOf))]
  const number = await scripts.syncTokens(allKeys.all, [
    source.length,
    target.length,
    JSON.stringify([...source, ...target].map((text) => [parseToken(text).slugPerm, text])),
    encodeWrites(writes, allKeys),
    keys.channel,
    processId,
    JSON.stringify(news),
  ])
  if (number === 0) return false
  feed.tellOwn(number, news)
  return true
}

function removal(keys: TokensOptions['keys'], token: StoredToken, deletedAt: number): Write[] {
  const { owner, repo, slugPerm } = token
  return [
    ...digestsOf(token).map((digest): Write => ['HDEL', keys.digest(digest), `${owner}/${repo}`]),
    ['ZREM', keys.names(owner, repo), placeOf(token)],
    ['ZREM', keys.activeNames(owner, repo), placeOf(token)],
    ['HDEL', keys.records, slugPerm],
    ['HSET', keys.deleted, slugPerm, JSON.stringify({ ...token, deletedAt })],
  ]
}

function addition(keys: TokensOptions['keys'], token: StoredToken): Write[] {
  const { owner, repo, slugPerm, isActive } = token
  return [
    ...digestsOf(token).map((digest): Write => ['HSET', keys.digest(digest), `${owner}/${repo}`, slugPerm]),
    ['ZADD', keys.names(owner, repo), '0', placeOf(token)],
    ...(isActive ? [['ZADD', keys.activeNames(owner, repo), '0', placeOf(token)] satisfies Write] : []),
    ['HSET', keys.records, slugPerm, JSON.stringify(token)],
  ]
}
