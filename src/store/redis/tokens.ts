import { StoreError, type SecretUse, type StoredToken, type TokenStore } from '../contract.ts'
import { tokenEntry } from '../audit-entry.ts'
import type { AuditEntry } from '../contract/audit.ts'
import { refuseUnexpected } from '../expected.ts'
import { isPlain, notReady } from '../search/plain.ts'
import { createSearch } from '../search/search.ts'
import { digestsOf } from '../stored-token.ts'
import type { Apply } from './apply.ts'
import { changeWrites } from './audit-writes.ts'
import { isReady } from './build-index.ts'
import type { Keys } from './keys.ts'
import { rewrite } from './rewrite.ts'
import { createRedisSearchIndex } from './search-index.ts'
import { syncTokens } from './sync-tokens.ts'
import { changeTokens } from './token-batch.ts'
import { indexWrites, readIndexed, takeNumber, type Indexed } from './token-index.ts'
import type { TokensOptions } from './tokens-options.ts'
import { parseToken, placeOf } from './token-text.ts'
import { createKeyList, encodeWrites, type Write } from './writes.ts'

/** What a change makes of a token; undefined: nothing. */
interface Rewrite {
  /** null: it goes. */
  readonly after: StoredToken | null
  /** What is kept of one that goes. */
  readonly remains?: object
  /** False for notes that change nothing for those who have a copy. */
  readonly isNews: boolean
  /** Written along with it. */
  readonly entry?: AuditEntry | undefined
}

/** A token as it lies among the records. */
interface Found {
  readonly text: string
  readonly token: StoredToken
  readonly indexed: Indexed | undefined
}

const NOTHING = { text: '', token: undefined, indexed: undefined } as const

/** The tokens, and what makes those of an older version ready for searches: see build-index.ts. */
export interface RedisTokens extends TokenStore {
  readonly putIndex: (record: string) => Promise<void>
}

/** The tokens of a Redis store: records, and beside them what they are found by, all of it changed in one step. */
export function createRedisTokens(
  options: TokensOptions & { readonly searchUsage: Pick<TokenStore, 'noteUsed' | 'refreshUsage'> },
): RedisTokens {
  const { commands, scripts, keys, feed, searchUsage } = options
  const findOne = async (
    owner: string,
    repo: string,
    slugPerm: string,
  ): Promise<Omit<Found, 'indexed'> | undefined> => {
    const [text] = await commands.readFields(keys.records, [slugPerm])
    if (typeof text !== 'string') return undefined
    const token = parseToken(text)
    return token.owner === owner && token.repo === repo ? { text, token } : undefined
  }
  const findWhole = async (owner: string, repo: string, slugPerm: string): Promise<Found | undefined> => {
    const [found, [indexed]] = await Promise.all([
      findOne(owner, repo, slugPerm),
      readIndexed(commands, keys, [slugPerm]),
    ])
    return found && { ...found, indexed }
  }
  const changeOne = (
    owner: string,
    repo: string,
    slugPerm: string,
    change: (before: StoredToken) => Rewrite | undefined,
  ): Promise<Rewrite | undefined> =>
    rewrite({
      what: 'the token',
      read: () => findWhole(owner, repo, slugPerm),
      change: ({ token }) => change(token),
      write: (found, wanted) => write(options, found, wanted),
    })

  return {
    find: async (digest) => {
      const found = await scripts.findTokens([keys.digest(digest), keys.records], [])
      return found.map(parseToken).toSorted(bySlugPerm)
    },
    create: async (token, note) => {
      const entry = note && tokenEntry(note, undefined, token)
      const isNew = await write(options, NOTHING, { after: token, isNews: true, entry })
      if (!isNew) throw new StoreError('conflict', 'There is a token with this slug_perm.')
    },
    read: async (owner, repo, slugPerm) => (await findOne(owner, repo, slugPerm))?.token,
    list: createList(options),
    walk: (owner, repo, after, limit) =>
      walk(options, keys.names(owner, repo), after === null ? undefined : placeOf(after), limit),
    update: async (owner, repo, slugPerm, change, note, isExpected) => {
      const done = await changeOne(owner, repo, slugPerm, (before) => {
        refuseUnexpected(before, isExpected)
        const after = { ...before, ...change }
        return { after, isNews: true, entry: note && tokenEntry(note, before, after) }
      })
      return done?.after ?? undefined
    },
    delete: async (owner, repo, slugPerm, at, note, isExpected) => {
      const done = await changeOne(owner, repo, slugPerm, (before) => {
        refuseUnexpected(before, isExpected)
        const entry = note && tokenEntry(note, before, undefined)
        return { after: null, remains: { ...before, deletedAt: at }, isNews: true, entry }
      })
      return done !== undefined
    },
    sync: (sync) => syncTokens(options, sync),
    batch: (batch) => changeTokens(options, batch),
    noteFirstDownload: async (owner, repo, slugPerm, at) => {
      await changeOne(owner, repo, slugPerm, (before) =>
        before.firstDownloadAt === null
          ? { after: { ...before, firstDownloadAt: at }, isNews: true }
          : undefined,
      )
    },
    noteUse: async (uses) => {
      const noting = uses.map((use) =>
        changeOne(use.owner, use.repo, use.slugPerm, (before) => withUse(before, use)),
      )
      await Promise.all(noting)
    },
    ...searchUsage,
    watch: feed.watch,
    putIndex: async (record) => {
      const token = parseToken(record)
      await write(options, { text: record, token, indexed: undefined }, { after: token, isNews: false })
    },
  }
}

function createList({ commands, scripts, keys }: TokensOptions): TokenStore['list'] {
  const search = createSearch(createRedisSearchIndex(commands, scripts, keys))
  let isComplete = false
  return async (query) => {
    isComplete ||= await isReady({ commands, keys })
    if (!isComplete && !isPlain(query)) throw notReady()
    return search(query)
  }
}

/**
 * Takes in a token of another store, in the place of one with its slug_perm, without a word to anybody. @throws StoreError `conflict` as
 * `create`.
 */
export function createTokenPut(
  options: TokensOptions & { readonly apply: Apply },
): (token: StoredToken, deletedAt: number | null) => Promise<void> {
  const { commands, keys, apply } = options
  return async (token, deletedAt) => {
    const [[text = null], [indexed]] = await Promise.all([
      commands.readFields(keys.records, [token.slugPerm]),
      readIndexed(commands, keys, [token.slugPerm]),
    ])
    const found = text === null ? NOTHING : { text, token: parseToken(text), indexed }
    if (deletedAt === null) {
      await write(options, found, { after: token, isNews: false })
      await commands.addScored(keys.search.due, 0, [token.slugPerm])
      return
    }
    const remains = { ...token, deletedAt }
    if (text !== null) await write(options, found, { after: null, remains, isNews: false })
    else await apply([], [['HSET', keys.deleted, token.slugPerm, JSON.stringify(remains)]])
  }
}

/** False when the token is not as it was read. */
async function write(
  { commands, scripts, keys, feed, processId }: TokensOptions,
  { text, token: before, indexed }: Found | typeof NOTHING,
  { after, remains, isNews, entry }: Rewrite,
): Promise<boolean> {
  const token = after ?? before
  if (token === undefined) return false
  const number = indexed?.number ?? (await takeNumber(commands, keys))
  const { slugPerm, owner, repo } = token
  const owned = after === null ? [] : digestsOf(after)
  const lost = before === undefined ? [] : digestsOf(before).filter((digest) => !owned.includes(digest))
  const news = [...new Set([...(before === undefined ? [] : digestsOf(before)), ...owned])]
  const indexes = [keys.names(owner, repo), keys.activeNames(owner, repo), keys.changes]
  const digests = [...owned, ...lost].map(keys.digest)
  const allKeys = createKeyList([keys.records, keys.deleted, ...indexes, ...digests])
  const others = encodeWrites(
    [
      ...indexWrites(keys, before, after ?? undefined, { indexed, number }).filter(isNoName(keys, token)),
      ...(entry === undefined ? [] : changeWrites(keys, entry)),
    ],
    allKeys,
  )
  const answer = await scripts.changeToken(allKeys.all, [
    slugPerm,
    `${owner}/${repo}`,
    text,
    after === null ? '' : JSON.stringify(after),
    remains === undefined ? '' : JSON.stringify(remains),
    before === undefined ? '' : placeOf(before),
    after === null ? '' : placeOf(after),
    after?.isActive === true ? 1 : '',
    owned.length,
    keys.channel,
    processId,
    isNews ? JSON.stringify(news) : '',
    digests.length,
    others,
  ])
  if (answer[0] === 'conflict') {
    throw new StoreError(
      'conflict',
      'Another token of this repository, or of its owner, has the same secret.',
    )
  }
  if (answer[0] === 'stale') return false
  if (isNews) feed.tellOwn(answer[1], news)
  return true
}

/** undefined: there is nothing to note. */
function withUse(token: StoredToken, { digest, at }: SecretUse): Rewrite | undefined {
  const noted =
    digest === token.digest ? 'secretUsedAt' : digest === token.previousDigest ? 'previousSecretUsedAt' : null
  if (noted === null || at <= (token[noted] ?? -Infinity)) return undefined
  return { after: { ...token, [noted]: at }, isNews: false }
}

/** A token that is deleted between the two calls is passed over. */
async function walk(
  options: TokensOptions,
  names: string,
  after: string | undefined,
  limit: number,
): Promise<readonly StoredToken[]> {
  const { commands, keys } = options
  const places = await commands.readMembers(names, after, false, limit)
  const records = await commands.readFields(keys.records, places.map(slugPermAt))
  const tokens = records.flatMap((record) => (record === null ? [] : [parseToken(record)]))
  // None would say that there are no more.
  return tokens.length > 0 || places.length === 0 ? tokens : walk(options, names, places.at(-1), limit)
}

/** The names of a repository are written by the script itself. */
function isNoName(keys: Keys, { owner, repo }: StoredToken): (write: Write) => boolean {
  const names = new Set([keys.names(owner, repo), keys.activeNames(owner, repo)])
  return ([, key]) => !names.has(key)
}

function slugPermAt(place: string): string {
  return place.slice(place.lastIndexOf('\0') + 1)
}

function bySlugPerm(a: StoredToken, b: StoredToken): number {
  return a.slugPerm < b.slugPerm ? -1 : 1
}
