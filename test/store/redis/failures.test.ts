import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { StoreError, type DeliveryRequest, type Store } from '../../../src/store/contract.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import { startRelay, type Relay } from '../../support/relay.ts'
import { startStopwatch } from '../../support/stopwatch.ts'
import { freePort } from '../../support/processes.ts'
import {
  countersOf,
  deliver,
  granted,
  newDelivery,
  newKey,
  newName,
  newToken,
  NOW,
  SIZE,
} from '../conformance/fixtures.ts'
import { openStore, serverAt } from './open.ts'

let server: RedisServer
let relay: Relay
let store: Store
let prefix: string

beforeAll(async () => {
  const settings = {
    save: '""',
    appendonly: 'yes',
    'busy-reply-threshold': '50',
    'key-load-delay': '2000',
    'loading-process-events-interval-bytes': '1024',
  }
  server = await startRedis({ settings })
  relay = await startRelay(server.port)
})
afterAll(async () => {
  await relay[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})
beforeEach(async () => {
  prefix = `postern-${newName()}`
  store = await openStore(serverAt(relay.port), { prefix, heartbeatMs: 100 })
})
afterEach(async () => {
  relay.resume()
  await store.close()
})

/** How a call failed, and after how many ms. */
async function failureOf(
  call: Promise<unknown>,
): Promise<{ readonly error: StoreError; readonly ms: number }> {
  using watch = startStopwatch()
  const error = await call.then(
    (result) => new Error(`succeeded: ${JSON.stringify(result)}`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof StoreError)) throw error
  return { error, ms: watch.ms() }
}

function noReservation(): never {
  throw new Error('no reservation is named')
}

/** Resolves when the store answers again. */
async function untilBack(): Promise<void> {
  await expect
    .poll(() => store.usage.reserve(newDelivery()).catch(String))
    .toMatchObject({
      granted: true,
    })
}

describe('a server that is gone', () => {
  test('is told of at once, and found again by itself', async () => {
    await server.stop('SIGKILL')
    await expect.poll(() => failureOf(store.ping()).then(() => true)).toBe(true)
    const { error, ms } = await failureOf(store.usage.reserve(newDelivery()))
    expect(error.code).toBe('unavailable')
    expect(ms).toBeLessThan(600)
    await server.restart()
    await untilBack()
  })

  test('is told of in the words of the connection, also by deliveries', async () => {
    const reservation = await granted(store, newDelivery())
    relay.refuse()
    await expect
      .poll(() => failureOf(store.ping()).then(({ error }) => error.message))
      .toMatch(/ECONN|EPIPE|ended/)
    const calls = [store.usage.reserve(newDelivery()), store.usage.settle(reservation, SIZE, NOW)]
    const messages = (await Promise.all(calls.map(failureOf))).map(({ error }) => error.message)
    for (const message of messages) expect(message).toMatch(/ECONN|EPIPE|ended/)
  })

  test('at the start is an error that names it', async () => {
    const port = await freePort()
    await expect(openStore(serverAt(port))).rejects.toMatchObject({
      name: 'StoreError',
      code: 'unavailable',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    })
  })

  test('while a call is under way fails the call', async () => {
    relay.holdAnswers()
    const failure = failureOf(store.usage.reserve(newDelivery()))
    relay.breakConnections()
    expect((await failure).ms).toBeLessThan(600)
    relay.resume()
    await untilBack()
  })
})

describe('a server that is slow', () => {
  test.each<[string, (slow: Store) => Promise<unknown>]>([
    ['ping', (slow) => slow.ping()],
    ['usage.reserve', ({ usage }) => usage.reserve(newDelivery())],
    ['usage.read', ({ usage }) => usage.read([{ token: 't', periodStart: null }])],
    ['usage.reset', ({ usage }) => usage.reset('t', NOW)],
    ['tokens.find', ({ tokens }) => tokens.find('d')],
    ['tokens.read', ({ tokens }) => tokens.read('acme', 'deb', 't')],
    ['tokens.create', ({ tokens }) => tokens.create(newToken())],
    ['keys.count', ({ keys }) => keys.count()],
    ['keys.find', ({ keys }) => keys.find('d')],
  ])('fails %s within the deadline', async (_name, call) => {
    relay.delayAnswers(5_000)
    const { error, ms } = await failureOf(call(store))
    expect(error.code).toBe('unavailable')
    expect(ms).toBeLessThan(900)
  })

  test('charged all the same: what nobody got is given back', async () => {
    const request = newDelivery({ limitDownloads: 1 })
    relay.holdAnswers()
    await failureOf(store.usage.reserve(request))
    const other = await openStore(serverAt(server.port), { prefix })
    expect((await countersOf(other, request.token))[0]).toBe(1)
    relay.resume()
    await expect.poll(() => countersOf(other, request.token)).toEqual([0, 0, 0])
    await other.close()
  })

  test('names the charge of which no answer came, for whoever wants to give it back', async () => {
    const request = newDelivery({ limitDownloads: 1 })
    relay.holdAnswers()
    const { error } = await failureOf(store.usage.reserve(request))
    const { token, client, artifact } = request
    expect(error.unanswered).toMatchObject({ token, client, artifact })
    const other = await openStore(serverAt(server.port), { prefix })
    expect((await countersOf(other, request.token))[0]).toBe(1)
    const reservation = { epoch: 0, reservedBytes: 0, ...(error.unanswered ?? noReservation()) }
    await other.usage.settle(reservation, 0, NOW)
    expect(await countersOf(other, request.token)).toEqual([0, 0, 0])
    relay.resume()
    await untilBack()
    expect(await countersOf(other, request.token)).toEqual([0, 0, 0])
    await other.close()
  })

  test('names none when nothing was sent', async () => {
    relay.refuse()
    await expect.poll(() => failureOf(store.ping()).then(() => true)).toBe(true)
    expect((await failureOf(store.usage.reserve(newDelivery()))).error.unanswered).toBeUndefined()
  })

  test('keeps no place for what nobody got', async () => {
    const request = newDelivery({ limitConcurrency: 1 })
    relay.holdAnswers()
    await failureOf(store.usage.reserve(request))
    relay.resume()
    const next = { ...request, artifact: newName() }
    await expect.poll(() => store.usage.reserve(next).catch(String)).toMatchObject({ granted: true })
  })
})

describe('deliveries that are settled as they are charged', () => {
  const ready = (fields: Partial<DeliveryRequest> = {}): DeliveryRequest =>
    newDelivery({ isReady: true, ...fields })

  test('are given back, those of a call that were charged and no others, when nobody got the answer', async () => {
    const one = ready({ limitDownloads: 2, limitBytes: 5 * SIZE })
    const used = ready({ limitDownloads: 1 })
    const index = ready({ kind: 'free', limitBytes: SIZE })
    // Joins a download that was begun, and is charged like any other.
    const begun = ready({ limitBytes: 5 * SIZE })
    await granted(store, used)
    await store.usage.settle(await granted(store, { ...begun, isReady: false }), 10, NOW)
    relay.holdAnswers()
    const calls = [one, used, one, index, one, begun].map((request) => store.usage.reserve(request))
    await Promise.all(calls.map(failureOf))
    const other = await openStore(serverAt(server.port), { prefix })
    const all = async (): Promise<unknown> =>
      Promise.all([one, used, index, begun].map(({ token }) => countersOf(other, token)))
    expect(await all()).toEqual([
      [2, 1, 2 * SIZE],
      [1, 1, SIZE],
      [0, 0, SIZE],
      [1, 1, SIZE + 10],
    ])
    relay.resume()
    const expected = [
      [0, 0, 0],
      [1, 1, SIZE],
      [0, 0, 0],
      [1, 1, 10],
    ]
    await expect.poll(all).toEqual(expected)
    await untilBack()
    expect(await all()).toEqual(expected)
    await other.close()
  })

  test('are given back once, also when that answer is lost, too', async () => {
    const request = ready({ limitDownloads: 3 })
    await granted(store, request)
    relay.holdAnswers()
    await failureOf(store.usage.reserve(request))
    const other = await openStore(serverAt(server.port), { prefix })
    const counters = (): Promise<unknown> => countersOf(other, request.token)
    expect(await counters()).toEqual([2, 1, 2 * SIZE])
    relay.resume()
    // In time, but on their way long enough to get lost.
    relay.delayAnswers(400)
    await expect.poll(counters, { interval: 10 }).toEqual([1, 1, SIZE])
    relay.breakConnections()
    relay.resume()
    await untilBack()
    await store.close()
    expect(await counters()).toEqual([1, 1, SIZE])
    await other.close()
  })

  test('are taken back once, also when that answer is lost', async () => {
    const request = ready({ limitDownloads: 3 })
    await granted(store, request)
    const lost = await granted(store, request)
    relay.holdAnswers()
    await failureOf(store.usage.settle(lost, 0, NOW))
    relay.resume()
    await expect.poll(() => store.usage.settle(lost, 0, NOW).then(() => true, String)).toBe(true)
    await untilBack()
    expect(await countersOf(store, request.token)).toEqual([1, 1, SIZE])
  })

  test('keep no place when nobody got the answer', async () => {
    const request = ready({ limitConcurrency: 1 })
    // Goes in the same call, and leaves a trace.
    const other = ready()
    relay.holdAnswers()
    await Promise.all([request, other].map((each) => failureOf(store.usage.reserve(each))))
    relay.resume()
    const next = { ...request, artifact: newName() }
    await expect.poll(() => store.usage.reserve(next).catch(String)).toMatchObject({ granted: true })
  })

  test('are taken back once, also when the store did it before the caller tries again', async () => {
    const request = ready({ limitDownloads: 5 })
    await granted(store, request)
    const lost = await granted(store, request)
    relay.refuse()
    await failureOf(store.usage.settle(lost, 0, NOW))
    const other = await openStore(serverAt(server.port), { prefix })
    relay.resume()
    await expect.poll(() => countersOf(other, request.token)).toEqual([1, 1, SIZE])
    await other.close()
    // Takes along what nobody will ask for again.
    for (let index = 0; index < 3; index++) await granted(store, request)
    expect(await store.usage.settle(lost, 0, NOW)).toBe(0)
    expect(await countersOf(store, request.token)).toEqual([4, 1, 4 * SIZE])
  })

  test('leave no traces once their answers came', async () => {
    const request = ready()
    for (let index = 0; index < 20; index++) {
      const reservation = await granted(store, request)
      if (index % 2 === 0) await store.usage.settle(reservation, 0, NOW)
    }
    const [key = ''] = (await server.command('KEYS', `${prefix}:*:traces:*`)).split('\n')
    // What the last call has to do with: itself, and what it was told to forget.
    expect(Number(await server.command('HLEN', key))).toBeLessThanOrEqual(2)
    expect(await countersOf(store, request.token)).toEqual([10, 1, 10 * SIZE])
  })

  test('are not charged when there is something else where traces belong', async () => {
    const first = await openStore(serverAt(server.port), { prefix, processId: 'first' })
    const request = ready()
    const key = `${prefix}:{tokens}:traces:first`
    for (const charged of [0, 1]) {
      await server.command('SET', key, 'x')
      await failureOf(first.usage.reserve(request))
      await server.command('DEL', key)
      expect(await countersOf(store, request.token)).toEqual([charged, charged, charged * SIZE])
      expect(await granted(first, request)).toMatchObject({ downloads: charged + 1 })
    }
    await first.close()
  })
})

describe('a delivery that ends while the server is away', () => {
  test('is settled when it is back', async () => {
    const reservation = await granted(store, newDelivery({ limitBytes: SIZE }))
    relay.refuse()
    await failureOf(store.usage.settle(reservation, 17, NOW))
    relay.resume()
    await expect.poll(() => countersOf(store, reservation.token).catch(String)).toEqual([1, 1, 17])
  })

  test('is settled once, also when its caller tries again', async () => {
    const reservation = await granted(store, newDelivery())
    relay.holdAnswers()
    await failureOf(store.usage.settle(reservation, SIZE, NOW))
    relay.resume()
    await expect.poll(() => store.usage.settle(reservation, SIZE, NOW).then(() => true, String)).toBe(true)
    await untilBack()
    expect(await countersOf(store, reservation.token)).toEqual([1, 1, SIZE])
  })
})

describe('traffic that guards no limit', () => {
  const delta = { downloads: 1, bytes: 10, clients: new Map([['a', 1]]), lastUsedAt: NOW }

  test('is added once, also when the answer is lost', async () => {
    const token = newName()
    relay.holdAnswers()
    await store.usage.record([{ ...delta, token }])
    relay.resume()
    await expect.poll(() => store.usage.record([{ ...delta, token }]).then(() => true, String)).toBe(true)
    expect(await countersOf(store, token)).toEqual([2, 1, 20])
  })

  test('is added later, once, when its connection broke', async () => {
    const token = newName()
    relay.holdAnswers()
    const recording = store.usage.record([{ ...delta, token }])
    relay.breakConnections()
    await recording
    relay.resume()
    await expect.poll(() => countersOf(store, token).catch(String)).toEqual([1, 1, 10])
  })

  test('is refused as a whole when nothing of it can have been added', async () => {
    const token = newName()
    relay.refuse()
    await expect.poll(() => failureOf(store.ping()).then(() => true)).toBe(true)
    await failureOf(store.usage.record([{ ...delta, token }]))
    relay.resume()
    await untilBack()
    expect(await countersOf(store, token)).toEqual([0, 0, 0])
  })

  test('of a batch is added once, also when answers are lost and others go on with it', async () => {
    const tokens = Array.from({ length: 450 }, newName)
    const deltas = tokens.map((token) => ({ ...delta, token }))
    const batch = { id: newName(), at: Date.now() }
    relay.holdAnswers()
    await failureOf(store.usage.record(deltas, batch))
    const other = await openStore(serverAt(server.port), { prefix })
    await other.usage.record(deltas, batch)
    relay.resume()
    await untilBack()
    await store.usage.record(deltas, batch)
    const usage = await other.usage.read(tokens.map((token) => ({ token, periodStart: null })))
    expect(new Set(usage.map(({ downloads, bytes }) => `${downloads} ${bytes}`))).toEqual(new Set(['1 10']))
    await other.close()
  })

  test('of the others is added when something is wrong about one token', async () => {
    const [wrong, right] = [newName(), newName()]
    await server.command('LPUSH', `${prefix}:{${wrong}}:usage`, 'x')
    await store.usage.record([wrong, right].map((token) => ({ ...delta, token })))
    expect(await countersOf(store, right)).toEqual([1, 1, 10])
  })
})

describe('a server that takes no writes', () => {
  const cases: readonly [string, string, readonly string[], readonly string[]][] = [
    ['because it is a replica', 'READONLY', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
    [
      'because its memory is full',
      'OOM',
      ['CONFIG', 'SET', 'maxmemory', '1'],
      ['CONFIG', 'SET', 'maxmemory', '0'],
    ],
    [
      'because too few replicas follow it',
      'NOREPLICAS',
      ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
      ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
    ],
  ]
  test.each(cases)(
    '%s is told of, changes nothing, and is used again afterwards',
    async (_why, code, refuse, allow) => {
      const request = newDelivery({ limitDownloads: 2 })
      const running = await granted(store, request)
      await server.command(...refuse)
      // In the words of the server, once the connection stands again that a test before this one broke.
      await expect
        .poll(() =>
          failureOf(store.usage.reserve({ ...request, artifact: newName() })).then(
            ({ error }) => error.message,
          ),
        )
        .toContain(code)
      const failures = [
        await failureOf(store.tokens.create(newToken())),
        await failureOf(store.keys.create(newKey())),
        await failureOf(store.usage.reset(request.token, NOW)),
        await failureOf(store.ping()),
      ]
      for (const { error } of failures) expect(error.code).toBe('unavailable')
      await server.command(...allow)
      await untilBack()
      expect(await countersOf(store, request.token)).toEqual([1, 1, 0])
      await store.usage.settle(running, SIZE, NOW)
      expect(await countersOf(store, request.token)).toEqual([1, 1, SIZE])
    },
  )

  test('nor answers reads is told of, and used again afterwards', async () => {
    await server.command('CONFIG', 'SET', 'replica-serve-stale-data', 'no')
    await server.command('REPLICAOF', '127.0.0.1', '1')
    const { error } = await failureOf(store.usage.reserve(newDelivery()))
    expect(error.code).toBe('unavailable')
    await server.command('REPLICAOF', 'NO', 'ONE')
    await server.command('CONFIG', 'SET', 'replica-serve-stale-data', 'yes')
    await untilBack()
  })

  test('while it loads its data is told of, and used afterwards', async () => {
    for (let index = 0; index < 20; index++) {
      await Promise.all(Array.from({ length: 25 }, () => deliver(store, newDelivery(), 1)))
    }
    await server.command('BGREWRITEAOF')
    await expect
      .poll(() => server.command('INFO', 'persistence'))
      .toMatch(/aof_rewrite_in_progress:0[^]*aof_rewrite_scheduled:0/)
    await server.stop()
    const restarted = server.restart()
    const answers = new Set<string>()
    const isLoaded = restarted.then(() => true)
    while (
      !(await Promise.race([isLoaded, new Promise<false>((resolve) => setTimeout(resolve, 5, false))]))
    ) {
      const answer = await store.usage.reserve(newDelivery()).then(
        () => 'granted',
        (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
      )
      answers.add(answer)
    }
    expect(answers).toContain('unavailable')
    await untilBack()
  })

  test('because a script of somebody else keeps it busy is told of, and used afterwards', async () => {
    const busy = server.command('EVAL', 'while true do end', '0').catch(String)
    await expect.poll(() => server.command('PING')).toContain('BUSY')
    const { ms } = await failureOf(store.usage.reserve(newDelivery()))
    expect(ms).toBeLessThan(900)
    expect(await server.command('SCRIPT', 'KILL')).toBe('OK')
    await busy
    await untilBack()
  })
})

test('an error does not hold what was sent', async () => {
  const token = newToken()
  await server.command('SET', `${prefix}:{tokens}:records`, 'x')
  const { error } = await failureOf(store.tokens.create(token))
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain(token.sealedSecret)
})

describe('scripts that were flushed', () => {
  test('are sent again, and nobody notices', async () => {
    const token = newName()
    await granted(store, newDelivery({ token }))
    await server.command('SCRIPT', 'FLUSH')
    const first = Array.from({ length: 20 }, () => granted(store, newDelivery({ token })))
    await server.command('SCRIPT', 'FLUSH')
    const second = Array.from({ length: 20 }, () => granted(store, newDelivery({ token })))
    await Promise.all([...first, ...second])
    expect((await countersOf(store, token))[0]).toBe(41)
  })
})

describe('something else under a key', () => {
  const keyOf: Readonly<Record<string, (token: string, client: string, artifact: string) => string>> = {
    usage: (token) => `{${token}}:usage`,
    clients: (token) => `{${token}}:clients`,
    ledger: (token, client, artifact) => `{${token}}:ledger:${client} ${artifact}`,
    places: (token) => `{${token}}:places`,
  }
  test.each(Object.keys(keyOf))(
    'of a token (%s) fails its deliveries, which change nothing, and no others',
    async (name) => {
      const request = newDelivery({ limitConcurrency: 5 })
      await deliver(store, { ...request, artifact: newName() }, SIZE)
      const key = `${prefix}:${keyOf[name]?.(request.token, request.client, request.artifact)}`
      await server.command('DEL', key)
      await server.command('XADD', key, '*', 'what', 'stream')
      const [failed, fine] = await Promise.all([
        failureOf(store.usage.reserve(request)),
        granted(store, newDelivery()),
      ])
      expect(failed.error).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('WRONGTYPE'),
      })
      expect(fine.charged).toBe(1)
      await server.command('DEL', key)
      const [downloads] = await countersOf(store, request.token)
      expect(downloads).toBe(name === 'usage' ? 0 : 1)
    },
  )

  test.each(['garbage', '', '7'])('that can not be read (%j) fails the token alone', async (value) => {
    const request = newDelivery({ limitDownloads: 5 })
    const keys = [
      `{${request.token}}:usage`,
      `{${request.token}}:ledger:${request.client} ${request.artifact}`,
    ]
    for (const key of keys) {
      await server.command('SET', `${prefix}:${key}`, value)
      const [failed] = await Promise.all([
        failureOf(store.usage.reserve(request)),
        granted(store, newDelivery()),
      ])
      expect(failed.error.code).toBe('unavailable')
      await server.command('DEL', `${prefix}:${key}`)
    }
  })

  test('of a token fails the settlement of its deliveries, which are settled later, and no others', async () => {
    const [wrong, fine] = [await granted(store, newDelivery()), await granted(store, newDelivery())]
    const key = `${prefix}:{${wrong.token}}:usage`
    await server.command('RENAME', key, `${key}-away`)
    await server.command('XADD', key, '*', 'what', 'stream')
    const [failed] = await Promise.all([
      failureOf(store.usage.settle(wrong, SIZE, NOW)),
      store.usage.settle(fine, SIZE, NOW),
    ])
    expect(failed.error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('WRONGTYPE') })
    expect(await countersOf(store, fine.token)).toEqual([1, 1, SIZE])
    await server.command('RENAME', `${key}-away`, key)
    await store.usage.settle(wrong, SIZE, NOW)
    expect(await countersOf(store, wrong.token)).toEqual([1, 1, SIZE])
  })

  test.each(['names', 'active-names', 'deleted'])(
    'of the lists of tokens (%s) changes nothing',
    async (list) => {
      const token = newToken()
      const key = `${prefix}:{tokens}:${list}${list === 'deleted' ? '' : `:${token.owner}/${token.repo}`}`
      await server.command('SET', key, 'x')
      expect((await failureOf(store.tokens.create(token))).error.code).toBe('unavailable')
      await server.command('DEL', key)
      expect(await store.tokens.find(token.digest)).toEqual([])
      // Nor is its secret taken.
      const another = { ...token, slugPerm: newName() }
      await store.tokens.create(another)
      expect(await store.tokens.find(token.digest)).toEqual([another])
    },
  )
})
