import { LRUCache } from 'lru-cache'
import { isPlausibleSecret } from '../policy/secret.ts'
import type { Token, UsedSecret } from '../policy/types.ts'
import { isUnavailable, StoreError, type StoredToken, type TokenStore } from './contract.ts'
import { createTokenMemory, type RecallOptions, type TokenMemory } from './token-memory.ts'

/**
 * How a look-up was answered; `miss`: the store was asked, perhaps for several callers at once; `recalled`: it could not be asked, and what
 * it had said last was believed.
 */
export type Lookup = 'hit' | 'miss' | 'negative' | 'implausible' | 'recalled'

export interface TokenCacheOptions {
  readonly tokens: Pick<TokenStore, 'find' | 'watch'>
  readonly digest: (secret: string) => string
  readonly compile: (stored: StoredToken, secret: UsedSecret) => Token
  /** Secrets whose tokens are kept; the least recently used go first. */
  readonly maxEntries: number
  /** How long tokens are believed when the store tells of no change: the net below `watch`. */
  readonly ttlMs: number
  /** How long a secret is believed to be unknown. */
  readonly negativeTtlMs: number
  /** Milliseconds above zero that only grow; lru-cache's own monotonic clock when absent. */
  readonly clock?: () => number
  readonly onLookup?: (result: Lookup) => void
  /** Tokens are believed for a while when the store can't be asked, by those who say `findOrRecall`. */
  readonly recall?: RecallOptions | undefined
}

/** Tokens by secret, ready to judge requests. Keeps digests, and no secrets but those that are in use. */
export interface TokenCache {
  /**
   * All tokens with this secret, now or before its last change, oldest first, [] for none; without a promise when they are known. Rejects with a `StoreError`
   * when the store fails. Once the store told of a change, no call that comes later is answered with what was true before.
   */
  readonly find: (secret: string) => readonly Token[] | Promise<readonly Token[]>
  /**
   * The same; but where the store can't be asked, what it said last, unless that is longer ago than `recall` allows, or the store told of a
   * change since. Without `recall` just `find`.
   */
  readonly findOrRecall: (secret: string) => readonly Token[] | Promise<readonly Token[]>
  /** Forgets everything and stops following the store. Later calls ask the store each time. */
  readonly close: () => void
}

/** Unknown secrets that are kept: apart from the tokens, so that guessing neither evicts them nor fills the memory. */
const MOST_UNKNOWN = 10_000
const NONE: readonly Token[] = []

export function createTokenCache(options: TokenCacheOptions): TokenCache {
  const { tokens, digest: digestOf, onLookup } = options
  const entries = createEntries(options)
  const memory = createTokenMemory(options)
  const loads = createLoads(options, entries, memory)
  const recent = createRecent()
  const unwatch = tokens.watch((digest) => {
    entries.forget(digest)
    loads.disown(digest)
    memory.forget(digest)
  })
  const answer = <Answer>(result: Lookup, found: Answer): Answer => {
    onLookup?.(result)
    return found
  }
  const ask = (digest: string): Promise<readonly Token[]> => answer('miss', loads.join(digest))
  const askOrRecall = (digest: string): readonly Token[] | Promise<readonly Token[]> => {
    const known = memory.isCutOff() ? memory.recall(digest) : undefined
    if (known !== undefined) return answer('recalled', known)
    return ask(digest).catch((error: unknown) => {
      const remembered = isUnavailable(error) ? memory.recall(digest) : undefined
      if (remembered === undefined) throw error
      return answer('recalled', remembered)
    })
  }
  const findBy =
    (askStore: typeof askOrRecall): TokenCache['find'] =>
    (secret) => {
      const known = recent.get(secret)
      if (known === undefined && !isPlausibleSecret(secret)) return answer('implausible', NONE)
      const digest = known ?? digestOf(secret)
      const cached = entries.read(digest)
      if (cached === undefined) return askStore(digest)
      if (cached.length === 0) return answer('negative', cached)
      if (known === undefined) recent.add(secret, digest)
      return answer('hit', cached)
    }
  return {
    find: findBy(ask),
    findOrRecall: findBy(askOrRecall),
    close: () => {
      unwatch()
      loads.close()
      entries.forget(undefined)
      recent.clear()
      memory.close()
    },
  }
}

/** Secrets whose digests are remembered: so many, and up to as many again that are older. */
const MOST_RECENT = 8_000

/** Digests of secrets that are in use: clients ask often, and with their secret each time. */
function createRecent() {
  let digests = new Map<string, string>()
  /** Is forgotten, but for what was asked for again, when `digests` is full. */
  let older = new Map<string, string>()
  const add = (secret: string, digest: string): void => {
    if (digests.size >= MOST_RECENT) [older, digests] = [digests, new Map()]
    digests.set(secret, digest)
  }
  return {
    get: (secret: string): string | undefined => {
      const known = digests.get(secret)
      if (known !== undefined) return known
      const old = older.get(secret)
      if (old !== undefined) add(secret, old)
      return old
    },
    add,
    clear: (): void => {
      digests.clear()
      older.clear()
    },
  }
}

interface Entries {
  readonly read: (digest: string) => readonly Token[] | undefined
  /** `start`: when the store was asked. Entries age from then on, because the answer may be that old. */
  readonly keep: (digest: string, found: readonly Token[], start: number) => void
  /** undefined: everything. */
  readonly forget: (digest: string | undefined) => void
  readonly now: () => number
}

function createEntries({ maxEntries, ttlMs, negativeTtlMs, clock }: TokenCacheOptions): Entries {
  const timing = { ttlResolution: 0, ...(clock && { perf: { now: clock } }) }
  const known = new LRUCache<string, readonly Token[]>({ max: maxEntries, ttl: ttlMs, ...timing })
  const unknown = new LRUCache<string, typeof NONE>({ max: MOST_UNKNOWN, ttl: negativeTtlMs, ...timing })
  return {
    read: (digest) => known.get(digest) ?? unknown.get(digest),
    keep: (digest, found, start) => {
      if (found.length > 0) known.set(digest, found, { start })
      else unknown.set(digest, NONE, { start })
    },
    forget: (digest) => {
      for (const entries of [known, unknown]) {
        if (digest === undefined) entries.clear()
        else entries.delete(digest)
      }
    },
    now: () => known.perf.now(),
  }
}

interface Loads {
  /** The look-up of this digest that is under way, or a new one. */
  readonly join: (digest: string) => Promise<readonly Token[]>
  /** Nobody else joins what is under way, and its result is not kept. undefined: of all digests. */
  readonly disown: (digest: string | undefined) => void
  /** From now on nothing is kept. */
  readonly close: () => void
}

/** A load is in the map as long as its result may be kept and joined. */
function createLoads(
  { tokens, compile }: TokenCacheOptions,
  entries: Entries,
  memory: Pick<TokenMemory, 'confirm' | 'noteFailure'>,
): Loads {
  const loads = new Map<string, Promise<readonly Token[]>>()
  let isClosed = false

  const load = async (digest: string): Promise<readonly Token[]> => {
    try {
      return (await tokens.find(digest)).map((token) => compile(token, usedSecret(token, digest)))
    } catch (error) {
      throw asStoreError(error)
    }
  }
  const start = (digest: string): Promise<readonly Token[]> => {
    const startedAt = entries.now()
    const isOwned = (): boolean => loads.get(digest) === result
    const result = load(digest).then(
      (found) => {
        if (isOwned() && !isClosed) {
          entries.keep(digest, found, startedAt)
          memory.confirm(digest, found, startedAt)
        }
        if (isOwned()) loads.delete(digest)
        return found
      },
      (error: unknown) => {
        if (isOwned()) loads.delete(digest)
        if (isUnavailable(error)) memory.noteFailure()
        throw error
      },
    )
    loads.set(digest, result)
    return result
  }
  const disown = (digest: string | undefined): void => {
    if (digest === undefined) loads.clear()
    else loads.delete(digest)
  }
  return {
    join: (digest) => loads.get(digest) ?? start(digest),
    disown,
    close: () => {
      isClosed = true
      disown(undefined)
    },
  }
}

/** Of a token that was found by its previous digest, it is the previous secret that is used. */
function usedSecret(token: StoredToken, digest: string): UsedSecret {
  return { digest, validUntil: token.digest === digest ? null : (token.previousValidUntil ?? 0) }
}

function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreError('unavailable', `The token could not be read: ${reason}`, { cause: error })
}
