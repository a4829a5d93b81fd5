import { compileToken } from '../policy/records.ts'
import { describe, expect, test } from 'vitest'
import { generateSecret } from '../../src/policy/secret.ts'
import type { Token } from '../../src/policy/types.ts'
import { StoreError, type StoredToken, type TokenStore } from '../../src/store/contract.ts'
import { createTokenCache, type Lookup, type TokenCacheOptions } from '../../src/store/token-cache.ts'
import { newToken } from './conformance/fixtures.ts'

const SECRET = 'secret-of-acme'

/** A question to the store that the test answers. */
interface Question {
  readonly digest: string
  readonly answer: (...tokens: readonly StoredToken[]) => void
  readonly fail: (error: unknown) => void
}

/** A store whose answers come when the test gives them. */
function createFakeTokens() {
  const questions: Question[] = []
  const listeners = new Set<(digest: string | undefined) => void>()
  const tokens: Pick<TokenStore, 'find' | 'watch'> = {
    find: (digest) => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly StoredToken[]>()
      questions.push({ digest, answer: (...found) => resolve(found), fail: reject })
      return promise
    },
    watch: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const change = (digest: string | undefined): void => listeners.forEach((listener) => listener(digest))
  const question = (index: number): Question => questions[index] ?? fail(`the store was asked ${index} times`)
  return { tokens, listeners, change, question, asked: () => questions.length }
}

function setUp(options: Partial<TokenCacheOptions> = {}) {
  const store = createFakeTokens()
  const lookups: Lookup[] = []
  const digested: string[] = []
  let now = 1
  const cache = createTokenCache({
    tokens: store.tokens,
    digest: (secret) => {
      digested.push(secret)
      return `digest of ${secret}`
    },
    compile: compileToken,
    maxEntries: 100,
    ttlMs: 10_000,
    negativeTtlMs: 5_000,
    clock: () => now,
    onLookup: (result) => lookups.push(result),
    ...options,
  })
  const find = async (secret: string = SECRET): Promise<readonly string[]> =>
    (await cache.find(secret)).map(({ record }) => record.slugPerm)
  /** Makes the cache know the tokens of a secret. */
  const teach = async (secret: string, ...tokens: readonly StoredToken[]): Promise<void> => {
    const finding = cache.find(secret)
    store.question(store.asked() - 1).answer(...tokens)
    await finding
  }
  const wait = (ms: number): void => {
    now += ms
  }
  return { ...store, cache, find, teach, lookups, digested, wait }
}

describe('a secret', () => {
  test('that is not plausible is answered without a digest or a look-up', () => {
    const { cache, asked, digested, lookups } = setUp()
    const generated = generateSecret(() => 7)
    const mistyped = `${generated.slice(0, 10)}x${generated.slice(11)}`
    expect(['', 'short', mistyped, '../../etc'].map((secret) => cache.find(secret))).toEqual([[], [], [], []])
    expect([asked(), digested]).toEqual([0, []])
    expect(lookups).toEqual(['implausible', 'implausible', 'implausible', 'implausible'])
  })

  test('is looked up once and then answered without a promise', async () => {
    const { cache, teach, asked, lookups } = setUp()
    const token = newToken()
    await teach(SECRET, token)
    const found = cache.find(SECRET)
    expect(found).toMatchObject([{ record: { slugPerm: token.slugPerm } }])
    expect(cache.find(SECRET)).toBe(found)
    expect(asked()).toBe(1)
    expect(lookups).toEqual(['miss', 'hit', 'hit'])
  })

  test('is digested anew only where very many others were in use since', async () => {
    const { cache, teach, digested } = setUp({ maxEntries: 30_000 })
    const use = (secret: string): readonly Token[] | Promise<readonly Token[]> => cache.find(secret)
    const others = Array.from({ length: 20_000 }, (_, i) => `other-secret-${i}`)
    for (const secret of [SECRET, ...others]) await teach(secret, newToken())
    digested.length = 0
    for (const secret of [SECRET, SECRET, ...others.slice(0, 7_000), SECRET]) use(secret)
    expect(digested.filter((secret) => secret === SECRET)).toHaveLength(1)
    for (const secret of [...others, SECRET]) use(secret)
    expect(digested.filter((secret) => secret === SECRET)).toHaveLength(2)
  })

  test('of several repositories gives all tokens in the order of the store', async () => {
    const { find, teach } = setUp()
    const [first, second] = [newToken(), newToken()]
    await teach(SECRET, first, second)
    expect(await find()).toEqual([first.slugPerm, second.slugPerm])
  })

  test('that nobody knows is answered without a promise for a while', async () => {
    const { cache, teach, asked, lookups, wait } = setUp()
    await teach(SECRET)
    wait(4_999)
    expect(cache.find(SECRET)).toEqual([])
    expect(lookups).toEqual(['miss', 'negative'])
    wait(2)
    expect(cache.find(SECRET)).toBeInstanceOf(Promise)
    expect(asked()).toBe(2)
  })

  test('is looked up again when its time is over, counted from when the store was asked', async () => {
    const { cache, question, wait } = setUp()
    const finding = cache.find(SECRET)
    wait(6_000)
    question(0).answer(newToken())
    await finding
    wait(4_000)
    expect(cache.find(SECRET)).not.toBeInstanceOf(Promise)
    wait(1)
    expect(cache.find(SECRET)).toBeInstanceOf(Promise)
  })

  test('is not kept as text', async () => {
    const asked: string[] = []
    const find: TokenStore['find'] = async (digest) => {
      asked.push(digest)
      return []
    }
    const cache = createTokenCache({
      tokens: { find, watch: () => () => undefined },
      digest: () => 'digest',
      compile: compileToken,
      maxEntries: 1,
      ttlMs: 1,
      negativeTtlMs: 1,
    })
    expect(await cache.find(SECRET)).toEqual([])
    expect(asked).toEqual(['digest'])
  })
})

describe('callers at once', () => {
  test('share one look-up', async () => {
    const { find, question, asked, lookups } = setUp()
    const token = newToken()
    const findings = Array.from({ length: 50 }, () => find())
    question(0).answer(token)
    expect(await Promise.all(findings)).toEqual(Array.from({ length: 50 }, () => [token.slugPerm]))
    expect(asked()).toBe(1)
    expect(lookups).toEqual(Array.from({ length: 50 }, () => 'miss'))
  })

  test('of different secrets do not wait for each other', async () => {
    const { find, question } = setUp()
    const token = newToken()
    const slow = find()
    const quick = find('another-secret')
    question(1).answer(token)
    expect(await quick).toEqual([token.slugPerm])
    question(0).answer()
    expect(await slow).toEqual([])
  })

  test('all learn that the store failed, and the next one asks again', async () => {
    const { find, question, asked, teach } = setUp()
    const findings = Array.from({ length: 3 }, () => find())
    const failure = new StoreError('unavailable', 'the store is gone')
    question(0).fail(failure)
    const outcomes = await Promise.allSettled(findings)
    expect(outcomes).toEqual(Array.from({ length: 3 }, () => ({ status: 'rejected', reason: failure })))
    expect(asked()).toBe(1)
    await teach(SECRET, newToken())
    expect(asked()).toBe(2)
  })

  test.each<[string, Partial<TokenCacheOptions>]>([
    [
      'the store breaks its word',
      { tokens: { find: () => fail('no promise'), watch: () => () => undefined } },
    ],
    ['a token can not be compiled', { compile: () => fail('no token') }],
  ])('get a StoreError also when %s', async (_what, options) => {
    const { cache, question, asked } = setUp(options)
    const finding = cache.find(SECRET)
    if (asked() > 0) question(0).answer(newToken())
    await expect(finding).rejects.toMatchObject({ name: 'StoreError', code: 'unavailable' })
  })
})

describe('a change', () => {
  test('drops the tokens of its digest, and no others', async () => {
    const { cache, teach, change } = setUp()
    await teach(SECRET, newToken())
    await teach('another-secret', newToken())
    change(`digest of ${SECRET}`)
    expect(cache.find('another-secret')).not.toBeInstanceOf(Promise)
    expect(cache.find(SECRET)).toBeInstanceOf(Promise)
  })

  test('makes an unknown secret known at once', async () => {
    const { find, teach, change } = setUp()
    const token = newToken()
    await teach(SECRET)
    change(`digest of ${SECRET}`)
    await teach(SECRET, token)
    expect(await find()).toEqual([token.slugPerm])
  })

  test('that may have been missed drops everything', async () => {
    const { cache, teach, change } = setUp()
    await teach(SECRET, newToken())
    await teach('another-secret')
    change(undefined)
    expect(cache.find(SECRET)).toBeInstanceOf(Promise)
    expect(cache.find('another-secret')).toBeInstanceOf(Promise)
  })

  describe.each([
    ['of the digest', `digest of ${SECRET}`],
    ['of everything', undefined],
  ])('%s during a look-up', (_what, digest) => {
    test('lets those who asked before have its result, which is not kept', async () => {
      const { cache, find, question, change } = setUp()
      const old = newToken()
      const before = find()
      change(digest)
      question(0).answer(old)
      expect(await before).toEqual([old.slugPerm])
      expect(cache.find(SECRET)).toBeInstanceOf(Promise)
    })

    test('makes those who ask after it begin another', async () => {
      const { find, question, change, asked } = setUp()
      const [old, current] = [newToken(), newToken()]
      const before = find()
      change(digest)
      const after = [find(), find()]
      expect(asked()).toBe(2)
      question(1).answer(current)
      expect(await Promise.all(after)).toEqual([[current.slugPerm], [current.slugPerm]])
      question(0).answer(old)
      expect(await before).toEqual([old.slugPerm])
      expect(await find()).toEqual([current.slugPerm])
      expect(asked()).toBe(2)
    })

    test('does not let the older result that comes first be taken for the newer', async () => {
      const { find, question, change, asked } = setUp()
      const [old, current] = [newToken(), newToken()]
      const before = find()
      change(digest)
      const after = find()
      question(0).answer(old)
      await before
      const later = find()
      expect(asked()).toBe(2)
      question(1).answer(current)
      expect(await Promise.all([after, later])).toEqual([[current.slugPerm], [current.slugPerm]])
    })

    test('does not let a failure of the older one disturb the newer', async () => {
      const { find, question, change, asked } = setUp()
      const current = newToken()
      const before = find()
      change(digest)
      const after = find()
      question(0).fail(new StoreError('unavailable', 'gone'))
      await expect(before).rejects.toBeInstanceOf(StoreError)
      const later = find()
      expect(asked()).toBe(2)
      question(1).answer(current)
      expect(await Promise.all([after, later])).toEqual([[current.slugPerm], [current.slugPerm]])
    })
  })

  test('of another digest during a look-up does not disturb it', async () => {
    const { cache, find, question, change } = setUp()
    const finding = find()
    change('digest of another-secret')
    question(0).answer(newToken())
    await finding
    expect(cache.find(SECRET)).not.toBeInstanceOf(Promise)
  })
})

describe('a flood', () => {
  test('of unknown secrets evicts no token', async () => {
    const { cache, teach } = setUp({ maxEntries: 5 })
    for (let index = 0; index < 5; index++) await teach(`customer-${index}`, newToken())
    for (let index = 0; index < 20_000; index++) await teach(`guessed-${index}`)
    for (let index = 0; index < 5; index++) {
      expect(cache.find(`customer-${index}`)).not.toBeInstanceOf(Promise)
    }
  })

  test('of unknown secrets is not remembered without end', async () => {
    const { cache, teach } = setUp()
    for (let index = 0; index < 20_000; index++) await teach(`guessed-${index}`)
    expect(cache.find('guessed-19999')).toEqual([])
    expect(cache.find('guessed-0')).toBeInstanceOf(Promise)
  })

  test('of known secrets keeps those used last', async () => {
    const { cache, teach } = setUp({ maxEntries: 3 })
    for (const name of ['a', 'b', 'c']) await teach(`customer-${name}`, newToken())
    void cache.find('customer-a')
    await teach('customer-d', newToken())
    expect(cache.find('customer-a')).not.toBeInstanceOf(Promise)
    expect(cache.find('customer-b')).toBeInstanceOf(Promise)
  })
})

describe('a closed cache', () => {
  test('follows the store no longer', () => {
    const { cache, listeners } = setUp()
    expect(listeners.size).toBe(1)
    cache.close()
    expect(listeners.size).toBe(0)
  })

  test('keeps nothing, because nobody would tell of a change', async () => {
    const { cache, find, question, asked, teach } = setUp()
    await teach(SECRET, newToken())
    const underway = find('another-secret')
    cache.close()
    question(1).answer(newToken())
    await underway
    await teach('another-secret', newToken())
    await teach('another-secret', newToken())
    expect(asked()).toBe(4)
  })
})

function fail(what: string): never {
  throw new Error(what)
}

describe('the secret by which a token was found', () => {
  async function secretsOf(token: StoredToken): Promise<unknown[]> {
    const { cache, question } = setUp()
    const finding = cache.find(SECRET)
    question(0).answer(token)
    return (await finding).map(({ secret }) => secret)
  }
  const digest = `digest of ${SECRET}`

  test('is its current one, which has no end', async () => {
    expect(await secretsOf(newToken({ digest }))).toEqual([{ digest, validUntil: null }])
  })

  test('is its previous one, which has one', async () => {
    const token = newToken({ previousDigest: digest, previousValidUntil: 700 })
    expect(await secretsOf(token)).toEqual([{ digest, validUntil: 700 }])
  })

  test('has ended when nothing says how long it works', async () => {
    expect(await secretsOf(newToken({ previousDigest: digest }))).toEqual([{ digest, validUntil: 0 }])
    expect(await secretsOf(newToken())).toEqual([{ digest, validUntil: 0 }])
  })
})

describe('what is recalled', () => {
  const GONE = new StoreError('unavailable', 'the store is gone')

  function setUpRecall() {
    const state = { isDown: false, failures: 0 }
    const recall = {
      believeForMs: 60_000,
      isStoreDown: () => state.isDown,
      onFailure: () => void state.failures++,
    }
    const setup = setUp({ recall })
    const { cache, question, asked } = setup
    /** Looks up a secret that is not cached while the store fails. */
    const findWhileGone = async (secret: string = SECRET): Promise<readonly string[] | unknown> => {
      const before = asked()
      const finding = cache.findOrRecall(secret)
      if (asked() > before) question(before).fail(GONE)
      const names = async (): Promise<readonly string[]> =>
        (await finding).map(({ record }) => record.slugPerm)
      return names().catch((error: unknown) => error)
    }
    return { ...setup, state, findWhileGone }
  }

  test('is what the store said last, when it can not be asked, and for those who want it', async () => {
    const { cache, teach, question, asked, findWhileGone, lookups, wait, state } = setUpRecall()
    const token = newToken()
    await teach(SECRET, token)
    wait(10_001)
    expect(await findWhileGone()).toEqual([token.slugPerm])
    expect(lookups.at(-1)).toBe('recalled')
    expect(state.failures).toBe(1)
    const strict = cache.find(SECRET)
    question(asked() - 1).fail(GONE)
    await expect(strict).rejects.toBe(GONE)
  })

  test('needs no question while the store is known to be down, and one as soon as it is not', async () => {
    const { cache, teach, question, asked, findWhileGone, wait, state } = setUpRecall()
    const [old, current] = [newToken(), newToken()]
    await teach(SECRET, old)
    wait(10_001)
    await findWhileGone()
    state.isDown = true
    const before = asked()
    expect(cache.findOrRecall(SECRET)).toMatchObject([{ record: { slugPerm: old.slugPerm } }])
    expect(asked()).toBe(before)
    state.isDown = false
    const truth = cache.findOrRecall(SECRET)
    question(before).answer(current)
    expect(await truth).toMatchObject([{ record: { slugPerm: current.slugPerm } }])
  })

  test('is asked for as long as look-ups succeed, whatever else of the store is down', async () => {
    const { cache, teach, question, asked, wait, state } = setUpRecall()
    const [old, current] = [newToken(), newToken()]
    await teach(SECRET, old)
    wait(10_001)
    state.isDown = true
    const finding = cache.findOrRecall(SECRET)
    question(asked() - 1).answer(current)
    expect(await finding).toMatchObject([{ record: { slugPerm: current.slugPerm } }])
  })

  test('is not believed longer than it may be, counted from when the store was asked', async () => {
    const { teach, findWhileGone, wait } = setUpRecall()
    await teach(SECRET, newToken())
    wait(60_000)
    expect(await findWhileGone()).toHaveLength(1)
    wait(1)
    expect(await findWhileGone()).toBe(GONE)
  })

  test('is nothing for a secret of which the store told a change, also during its look-up', async () => {
    const { cache, teach, question, asked, change, findWhileGone, wait } = setUpRecall()
    await teach(SECRET, newToken())
    change(`digest of ${SECRET}`)
    expect(await findWhileGone()).toBe(GONE)
    const finding = cache.find(SECRET)
    change(`digest of ${SECRET}`)
    question(asked() - 1).answer(newToken())
    await finding
    wait(10_001)
    expect(await findWhileGone()).toBe(GONE)
  })

  test('is nothing for a secret that the store did not know any more', async () => {
    const { teach, findWhileGone, wait } = setUpRecall()
    await teach(SECRET, newToken())
    wait(10_001)
    await teach(SECRET)
    wait(10_001)
    expect(await findWhileGone()).toBe(GONE)
  })

  test('outlives "anything may have changed" as long as the store has not answered since', async () => {
    const { teach, change, findWhileGone } = setUpRecall()
    await teach(SECRET, newToken())
    await teach('another-secret', newToken())
    change(undefined)
    expect(await findWhileGone()).toHaveLength(1)
    change(undefined)
    await teach('a-third-secret', newToken())
    expect(await findWhileGone()).toBe(GONE)
    expect(await findWhileGone('another-secret')).toBe(GONE)
    change(undefined)
    expect(await findWhileGone('a-third-secret')).toHaveLength(1)
  })

  test('is no excuse for a mistake of the store', async () => {
    const { cache, teach, question, asked, wait } = setUpRecall()
    await teach(SECRET, newToken())
    wait(10_001)
    const finding = cache.findOrRecall(SECRET)
    question(asked() - 1).fail(new StoreError('conflict', 'no'))
    await expect(finding).rejects.toMatchObject({ code: 'conflict' })
  })
})
