import { expect, test } from 'vitest'
import type { Credentials } from '../../../../src/deliver/s3/credentials/contract.ts'
import { createRenewed } from '../../../../src/deliver/s3/credentials/renewed.ts'

const MINUTE_MS = 60_000

/** A source whose answers a test gives, and a clock that it moves. */
function setUp() {
  const waiting: PromiseWithResolvers<Credentials>[] = []
  const failures: string[] = []
  const state = { now: 0 }
  const provider = createRenewed({
    fetch: () => {
      const answer = Promise.withResolvers<Credentials>()
      waiting.push(answer)
      return answer.promise
    },
    clock: () => state.now,
    onFailure: (error) => failures.push(error.message),
  })
  const expiring = (accessKeyId: string, afterMs: number): Credentials => ({
    accessKeyId,
    secretAccessKey: 'secret',
    sessionToken: 'session',
    expiresAt: state.now + afterMs,
  })
  /** Answers the fetch that waits, and lets everybody hear of it. */
  const answer = async (with_: Credentials | Error): Promise<void> => {
    const next = waiting.at(-1)
    if (with_ instanceof Error) next?.reject(with_)
    else next?.resolve(with_)
    await next?.promise.catch(() => undefined)
    await Promise.resolve()
    await Promise.resolve()
  }
  const idNow = async (): Promise<string> => (await provider.current()).accessKeyId
  return { provider, state, failures, expiring, answer, idNow, fetches: () => waiting.length }
}

test('many who ask at once wait for one fetch', async () => {
  const { answer, expiring, idNow, fetches } = setUp()
  const asked = [idNow(), idNow(), idNow()]
  await answer(expiring('one', 60 * MINUTE_MS))
  expect(await Promise.all(asked)).toEqual(['one', 'one', 'one'])
  expect(fetches()).toBe(1)
})

test('what is here is given without a promise, and fetched again five minutes before it expires, beside it', async () => {
  const { provider, state, answer, expiring, idNow, fetches } = setUp()
  const first = idNow()
  await answer(expiring('one', 60 * MINUTE_MS))
  await first
  state.now = 54 * MINUTE_MS
  expect(provider.current()).toMatchObject({ accessKeyId: 'one' })
  expect(fetches()).toBe(1)
  state.now = 56 * MINUTE_MS
  expect(provider.current()).toMatchObject({ accessKeyId: 'one' })
  expect(provider.current()).toMatchObject({ accessKeyId: 'one' })
  expect(fetches()).toBe(2)
  await answer(expiring('two', 60 * MINUTE_MS))
  expect(provider.current()).toMatchObject({ accessKeyId: 'two' })
})

test('when they can’t be renewed the old ones are used while they are valid, and the source is not hammered', async () => {
  const { provider, state, failures, answer, expiring, idNow, fetches } = setUp()
  const first = idNow()
  await answer(expiring('one', 60 * MINUTE_MS))
  await first
  state.now = 56 * MINUTE_MS
  expect(provider.current()).toMatchObject({ accessKeyId: 'one' })
  await answer(new Error('away'))
  for (let second = 1; second < 10; second++) {
    state.now += 1000
    expect(provider.current()).toMatchObject({ accessKeyId: 'one' })
  }
  expect([fetches(), failures]).toEqual([2, ['away']])
  state.now += 1000
  expect(provider.current()).toMatchObject({ accessKeyId: 'one' })
  expect(fetches()).toBe(3)
})

test('expired ones are never given: whoever asks waits for others, or hears why there are none', async () => {
  const { state, answer, expiring, idNow, fetches } = setUp()
  const first = idNow()
  await answer(expiring('one', 10 * MINUTE_MS))
  await first
  state.now = 10 * MINUTE_MS
  const second = idNow()
  await Promise.all([expect(second).rejects.toThrow('away'), answer(new Error('away'))])
  await expect(idNow()).rejects.toThrow('away')
  expect(fetches()).toBe(2)
  state.now += 1000
  const third = idNow()
  await answer(expiring('two', 60 * MINUTE_MS))
  expect(await third).toBe('two')
})

test.each([
  ['are about to expire', 2 * MINUTE_MS],
  ['have expired by this clock, for the storage to judge,', -MINUTE_MS],
])(
  'what has just been fetched is used, although they %s, and the source is not hammered',
  async (_, afterMs) => {
    const { provider, state, answer, expiring, idNow, fetches } = setUp()
    const first = idNow()
    await answer(expiring('one', afterMs))
    await first
    for (let second = 0; second < 10; second++) {
      expect(provider.current()).toMatchObject({ accessKeyId: 'one' })
      state.now += 1000
    }
    expect(fetches()).toBe(1)
    const later = idNow()
    expect(fetches()).toBe(2)
    await answer(expiring('two', 60 * MINUTE_MS))
    await later
    expect(provider.current()).toMatchObject({ accessKeyId: 'two' })
  },
)

test('ones that the storage refuses are replaced, unless they have just been fetched', async () => {
  const { provider, state, answer, expiring, idNow, fetches } = setUp()
  const first = idNow()
  const one = expiring('one', 60 * MINUTE_MS)
  await answer(one)
  await first
  provider.renew(one)
  expect(provider.current()).toBe(one)
  state.now += 10_000
  provider.renew(expiring('another', MINUTE_MS))
  expect(provider.current()).toBe(one)
  provider.renew(one)
  const second = idNow()
  await answer(expiring('two', 60 * MINUTE_MS))
  expect([await second, fetches()]).toEqual(['two', 2])
})
