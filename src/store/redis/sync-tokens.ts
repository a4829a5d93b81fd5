import type { StoredToken, RepositoryName, TokenSync } from '../contract.ts'
import { digestsOf } from '../stored-token.ts'
import { planSync, syncEntries } from '../sync-entries.ts'
import { changeWrites } from './audit-writes.ts'
import { mergeWrites } from './merge-writes.ts'
import { rewrite } from './rewrite.ts'
import { indexWrites, readIndexed, takeNumber, type Indexed } from './token-index.ts'
import { parseToken, placeOf } from './token-text.ts'
import type { TokensOptions } from './tokens-options.ts'
import { createKeyList, encodeWrites, type Write } from './writes.ts'

/** All tokens of the two repositories as they lie among the records. */
interface Found {
  readonly source: readonly string[]
  readonly target: readonly string[]
  /** What searches know of the tokens of the target. */
  readonly indexed: readonly (Indexed | undefined)[]
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
      const ids = target.map((text) => parseToken(text).slugPerm)
      return { source, target, indexed: await readIndexed(options.commands, options.keys, ids) }
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
  { commands, scripts, keys, feed, processId }: TokensOptions,
  sync: TokenSync,
  { source, target, indexed }: Found,
  { gone, made }: Planned,
): Promise<boolean> {
  const names = [sync.source, sync.target].map(({ owner, repo }) => keys.names(owner, repo))
  const allKeys = createKeyList([keys.records, ...names, keys.changes])
  const numbers = await Promise.all(made.map(() => takeNumber(commands, keys)))
  const writes = mergeWrites([
    ...gone.flatMap((token, at) => removal(keys, token, sync.at, indexed[at])),
    ...made.flatMap((token, at) => addition(keys, token, numbers[at] ?? '')),
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

/** What is written of a token that goes. */
export function removal(
  keys: TokensOptions['keys'],
  token: StoredToken,
  deletedAt: number,
  indexed: Indexed | undefined,
): Write[] {
  const { owner, repo, slugPerm } = token
  return [
    ...digestsOf(token).map((digest): Write => ['HDEL', keys.digest(digest), `${owner}/${repo}`]),
    ...(indexed === undefined
      ? nameRemovals(keys, token)
      : indexWrites(keys, token, undefined, { indexed, number: indexed.number })),
    ['HDEL', keys.records, slugPerm],
    ['HSET', keys.deleted, slugPerm, JSON.stringify({ ...token, deletedAt })],
  ]
}

/** Of a token that can't be searched yet. */
function nameRemovals(keys: TokensOptions['keys'], token: StoredToken): Write[] {
  const { owner, repo } = token
  return [keys.names(owner, repo), keys.activeNames(owner, repo)].map((key) => ['ZREM', key, placeOf(token)])
}

/** What is written of one that comes; `number`: a free one. */
export function addition(keys: TokensOptions['keys'], token: StoredToken, number: string): Write[] {
  const { owner, repo, slugPerm } = token
  return [
    ...digestsOf(token).map((digest): Write => ['HSET', keys.digest(digest), `${owner}/${repo}`, slugPerm]),
    ...indexWrites(keys, undefined, token, { indexed: undefined, number }),
    ['HSET', keys.records, slugPerm, JSON.stringify(token)],
  ]
}
