import { isNear } from '../../policy/owner-level.ts'
import type { PlannedChange, StoredToken, TokenBatch } from '../contract.ts'
import { digestsOf } from '../stored-token.ts'
import { batchEntries, planBatch } from '../token-batch.ts'
import { changeWrites } from './audit-writes.ts'
import { mergeWrites } from './merge-writes.ts'
import { rewrite } from './rewrite.ts'
import { inGroups } from '../slices.ts'
import { addition, removal } from './sync-tokens.ts'
import { indexWrites, readIndexed, takeNumber, type Indexed } from './token-index.ts'
import { parseToken } from './token-text.ts'
import type { TokensOptions } from './tokens-options.ts'
import { createKeyList, encodeWrites, type Write } from './writes.ts'

/** A token as it lies among the records. */
interface Found {
  readonly text: string
  readonly token: StoredToken
  /** What searches know of it. */
  readonly indexed: Indexed | undefined
}

/** So many things are asked for in one call. */
const MOST_AT_ONCE = 1_000

/** See `TokenStore.batch`: planned from what was read, and written by one script if that is still so. */
export async function changeTokens(options: TokensOptions, batch: TokenBatch): Promise<void> {
  await rewrite<readonly Found[], readonly PlannedChange[]>({
    what: 'a repository',
    read: () => findAll(options, batch),
    change: (found) => {
      const planned = planBatch(
        batch,
        found.map(({ token }) => token),
      )
      return planned.length === 0 ? undefined : planned
    },
    write: (found, planned) => write(options, batch, found, planned),
  })
}

async function findAll(
  { commands, scripts, keys }: TokensOptions,
  batch: TokenBatch,
): Promise<readonly Found[]> {
  const { owner, repo, about } = batch
  const ask = (
    slugPerms: readonly string[],
    names: readonly string[],
    digests: readonly string[],
  ): Promise<readonly string[]> =>
    scripts.findBatch(
      [keys.records, keys.names(owner, repo), ...digests.map(keys.digest)],
      [`${owner}/${repo}`, JSON.stringify(slugPerms), JSON.stringify(names)],
    )
  const records = await Promise.all([
    ...inGroups(about.slugPerms, MOST_AT_ONCE).map((some) => ask(some, [], [])),
    ...inGroups(about.names, MOST_AT_ONCE).map((some) => ask([], some, [])),
    ...inGroups(about.digests, MOST_AT_ONCE).map((some) => ask([], [], some)),
  ])
  const found = records.flat().map((text) => ({ text, token: parseToken(text) }))
  const near = found.filter(({ token }) => isNear(token, batch))
  const each = [...new Map(near.map((one) => [one.token.slugPerm, one])).values()]
  const ids = each.map(({ token }) => token.slugPerm)
  const indexed = await readIndexed(commands, keys, ids)
  return each.map((one, at) => ({ ...one, indexed: indexed[at] }))
}

/** False when something is not as it was read. */
async function write(
  { commands, scripts, keys, feed, processId }: TokensOptions,
  batch: TokenBatch,
  found: readonly Found[],
  planned: readonly PlannedChange[],
): Promise<boolean> {
  const { owner, repo, about, at } = batch
  const allKeys = createKeyList([keys.records, keys.names(owner, repo), keys.changes])
  const indexed = new Map(found.map((each) => [each.token.slugPerm, each.indexed]))
  const changes = await Promise.all(
    planned.map(async (each) => {
      const known = indexed.get(each.before?.slugPerm ?? '')
      return { ...each, indexed: known, number: known?.number ?? (await takeNumber(commands, keys)) }
    }),
  )
  const writes = mergeWrites([
    ...changes.flatMap((each) => changeWritesOf(keys, each, at)),
    ...batchEntries(planned).flatMap((entry) => changeWrites(keys, entry)),
  ])
  const touched = planned.flatMap(({ before, after }) => [before, after].filter((each) => each !== undefined))
  const news = [...new Set(touched.flatMap(digestsOf))]
  const changed = new Set(planned.map(({ before }) => before?.slugPerm))
  const number = await scripts.changeTokens(allKeys.all, [
    `${owner}/${repo}`,
    JSON.stringify(
      found.flatMap(({ token, text }) => (changed.has(token.slugPerm) ? [[token.slugPerm, text]] : [])),
    ),
    JSON.stringify(countNames(batch, found)),
    JSON.stringify(
      ownersOf(about.digests, found).map(([digest, slug]) => [allKeys.place(keys.digest(digest)), slug]),
    ),
    encodeWrites(writes, allKeys),
    keys.channel,
    processId,
    JSON.stringify(news),
  ])
  if (number === 0) return false
  feed.tellOwn(number, news)
  return true
}

interface Change extends PlannedChange, Pick<Found, 'indexed'> {
  /** Its own for searches, or a free one. */
  readonly number: string
}

/** No two tokens have a member or field in common, so that the order among them does not matter. */
function changeWritesOf(
  keys: TokensOptions['keys'],
  { before, after, indexed, number }: Change,
  at: number,
): readonly Write[] {
  if (after === undefined) return before === undefined ? [] : removal(keys, before, at, indexed)
  if (before === undefined) return addition(keys, after, number)
  const { owner, repo, slugPerm } = after
  const [old, next] = [digestsOf(before), digestsOf(after)]
  const lost = old.filter((digest) => !next.includes(digest))
  return [
    ...lost.map((digest): Write => ['HDEL', keys.digest(digest), `${owner}/${repo}`]),
    ...next.map((digest): Write => ['HSET', keys.digest(digest), `${owner}/${repo}`, slugPerm]),
    ...indexWrites(keys, before, after, { indexed, number }),
    ['HSET', keys.records, slugPerm, JSON.stringify(after)],
  ]
}

function countNames(
  { repo, about: { names } }: TokenBatch,
  found: readonly Found[],
): (readonly [string, number])[] {
  const own = found.filter(({ token }) => token.repo === repo)
  const counts = Map.groupBy(own, ({ token }) => token.name)
  return names.map((name) => [name, counts.get(name)?.length ?? 0])
}

/** As change-tokens.lua writes them. */
function ownersOf(digests: readonly string[], found: readonly Found[]): (readonly [string, string])[] {
  const owned = found.flatMap(({ token }) =>
    digestsOf(token).map((digest) => ({ digest, slugPerm: token.slugPerm })),
  )
  const owners = Map.groupBy(owned, ({ digest }) => digest)
  return digests.map((digest) => [
    digest,
    (owners.get(digest) ?? [])
      .map(({ slugPerm }) => slugPerm)
      .toSorted()
      .join(' '),
  ])
}
