import {
  StoreError,
  type SecretUse,
  type StoredToken,
  type TokenQuery,
  type TokenStore,
} from '../contract.ts'
import { tokenEntry } from '../audit-entry.ts'
import type { AuditEntry } from '../contract/audit.ts'
import { refuseUnexpected } from '../expected.ts'
import { digestsOf } from '../stored-token.ts'
import type { Apply } from './apply.ts'
import { changeWrites } from './audit-writes.ts'
import type { Keys } from './keys.ts'
import { rewrite } from './rewrite.ts'
import { searchNames } from './search-names.ts'
import { pageIn } from './slices.ts'
import { syncTokens } from './sync-tokens.ts'
import type { TokensOptions } from './tokens-options.ts'
import { parseToken, placeOf } from './token-text.ts'
import { createKeyList, encodeWrites } from './writes.ts'

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
}

/** The tokens of a Redis store: records, and beside them what they are found by, all of it changed in one step. */
export function createRedisTokens(options: TokensOptions): TokenStore {
  const { commands, scripts, keys, feed } = options
  const findOne = async (owner: string, repo: string, slugPerm: string): Promise<Found | undefined> => {
    const [text] = await commands.readFields(keys.records, [slugPerm])
    if (typeof text !== 'string') return undefined
    const token = parseToken(text)
    return token.owner === owner && token.repo === repo ? { text, token } : undefined
  }
  const changeOne = (
    owner: string,
    repo: string,
    slugPerm: string,
    change: (before: StoredToken) => Rewrite | undefined,
  ): Promise<Rewrite | undefined> =>
    rewrite({
      what: 'the token',
      read: () => findOne(owner, repo, slugPerm),
      change: ({ token }) => change(token),
      write: ({ text, token }, wanted) => write(options, text, token, wanted),
    })

  return {
    find: async (digest) => {
      const found = await scripts.findTokens([keys.digest(digest), keys.records], [])
      return found.map(parseToken).toSorted(bySlugPerm)
    },
    create: async (token, note) => {
      const entry = note && tokenEntry(note, undefined, token)
      const isNew = await write(options, '', undefined, { after: token, isNews: true, entry })
      if (!isNew) throw new StoreError('conflict', 'There is a token with this slug_perm.')
    },
    read: async (owner, repo, slugPerm) => (await findOne(owner, repo, slugPerm))?.token,
    list: (query) => (query.search === null ? listPage(options, query) : listFound(options, query)),
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
    watch: feed.watch,
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
    const [text = null] = await commands.readFields(keys.records, [token.slugPerm])
    const before = text === null ? undefined : parseToken(text)
    if (deletedAt === null) {
      await write(options, text ?? '', before, { after: token, isNews: false })
      return
    }
    const remains = { ...token, deletedAt }
    if (text !== null) await write(options, text, before, { after: null, remains, isNews: false })
    else await apply([], [['HSET', keys.deleted, token.slugPerm, JSON.stringify(remains)]])
  }
}

/** False when the token is not as it was read. */
async function write(
  { scripts, keys, feed, processId }: TokensOptions,
  text: string,
  before: StoredToken | undefined,
  { after, remains, isNews, entry }: Rewrite,
): Promise<boolean> {
  const token = after ?? before
  if (token === undefined) return false
  const { slugPerm, owner, repo } = token
  const owned = after === null ? [] : digestsOf(after)
  const lost = before === undefined ? [] : digestsOf(before).filter((digest) => !owned.includes(digest))
  const news = [...new Set([...(before === undefined ? [] : digestsOf(before)), ...owned])]
  const indexes = [keys.names(owner, repo), keys.activeNames(owner, repo), keys.changes]
  const digests = [...owned, ...lost].map(keys.digest)
  const allKeys = createKeyList([keys.records, keys.deleted, ...indexes, ...digests])
  const others = encodeWrites(entry === undefined ? [] : changeWrites(keys, entry), allKeys)
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
    throw new StoreError('conflict', 'Another token of this repository has the same secret.')
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

type List = Awaited<ReturnType<TokenStore['list']>>

async function listPage({ scripts, keys }: TokensOptions, query: TokenQuery): Promise<List> {
  const first = (query.page - 1) * query.pageSize
  const [total, ...records] = await scripts.listTokens(
    [namesKey(keys, query), keys.records],
    [first, first + query.pageSize - 1, query.descending ? 1 : ''],
  )
  return { total, tokens: records.map(parseToken) }
}

async function listFound({ commands, keys }: TokensOptions, query: TokenQuery): Promise<List> {
  const found = await searchNames(commands, namesKey(keys, query), query.search ?? '', query.descending)
  const records = await commands.readFields(keys.records, pageIn(found, query))
  const tokens = records.flatMap((record) => (record === null ? [] : [parseToken(record)]))
  return { total: found.length, tokens }
}

function namesKey(keys: Keys, { owner, repo, activeOnly }: TokenQuery): string {
  return activeOnly ? keys.activeNames(owner, repo) : keys.names(owner, repo)
}

function slugPermAt(place: string): string {
  return place.slice(place.lastIndexOf('\0') + 1)
}

function bySlugPerm(a: StoredToken, b: StoredToken): number {
  return a.slugPerm < b.slugPerm ? -1 : 1
}
