import { describe, expect, test } from 'vitest'
import {
  StoreError,
  type DeliveryRequest,
  type Exhausted,
  type Reservation,
  type UsageDelta,
} from '../../../src/store/contract.ts'
import type { StoreState } from '../../../src/store/health.ts'
import type { Entry } from '../../../src/store/journal/entry.ts'
import { createKnownCounters } from '../../../src/store/journal/known-counters.ts'
import { createStandIn } from '../../../src/store/journal/stand-in.ts'
import { DAY_MS, HOUR_MS, newDelivery, NOW, SIZE } from '../conformance/fixtures.ts'

const GONE = new StoreError('unavailable', 'the store is gone')

/** A stand-in before a store and a journal that do as the test says. */
function setUp() {
  const state = {
    health: 'up' as StoreState,
    suspicions: 0,
    now: 0,
    isFull: false,
    answer: undefined as Reservation | Exhausted | undefined,
    givenBack: 0,
  }
  const asked: string[] = []
  const written: (readonly [string, Entry])[] = []
  const kept: UsageDelta[] = []
  const deliveries: DeliveryRequest[] = []
  const call = async <Answer>(name: string, answer: Answer): Promise<NonNullable<Answer>> => {
    asked.push(name)
    if (state.health !== 'up' || answer === undefined || answer === null) throw GONE
    return answer
  }
  const standIn = createStandIn({
    usage: {
      reserve: (_request) => call('reserve', state.answer),
      settle: async () => {
        await call('settle', state.answer)
        return state.givenBack
      },
      record: async () => void (await call('record', state.answer)),
    },
    journal: {
      append: async (entries, kind) => {
        if (state.isFull && entries.length > 0) throw new StoreError('unavailable', 'full')
        written.push(...entries.map((entry) => [kind, entry] as const))
      },
      waiting: () => ({ entries: written.length, bytes: 0, oldestAt: undefined }),
    },
    health: { state: () => state.health, suspect: () => void state.suspicions++ },
    known: createKnownCounters(100),
    monotonic: () => state.now,
    keep: (delta) => kept.push(delta),
    onDelivery: (request) => deliveries.push(request),
  })
  return { standIn, state, asked, written, kept, deliveries }
}

type Setup = ReturnType<typeof setUp>

async function granted({ standIn }: Setup, request: DeliveryRequest): Promise<Reservation> {
  const answer = await standIn.reserve(request)
  if (!answer.granted) throw new Error(`refused: ${answer.limit}`)
  return answer
}

function answerTo(request: DeliveryRequest, fields: Partial<Reservation> = {}): Reservation {
  const { token, client, artifact } = request
  const counters = { downloads: 1, clients: 1, bytes: 0, charged: 1, reservedBytes: 0 }
  return { granted: true, id: 'p:1', token, client, artifact, epoch: 3, ...counters, ...fields }
}

const usageOf = ({ written }: Setup): readonly (readonly [string, number, number])[] =>
  written.flatMap(([kind, entry]) =>
    entry.kind === 'usage' ? [[kind, entry.delta.downloads, entry.delta.bytes] as const] : [],
  )

describe('a store that answers', () => {
  test('is the one who decides, and the journal stays empty', async () => {
    const setup = setUp()
    const request = newDelivery({ limitDownloads: 1 })
    setup.state.answer = answerTo(request)
    const answer = await setup.standIn.reserve(request)
    expect(answer).toBe(setup.state.answer)
    await setup.standIn.settle(answerTo(request), SIZE, NOW)
    expect(setup.asked).toEqual(['reserve', 'settle'])
    setup.state.answer = { granted: false, limit: 'downloads', used: 1 }
    expect(await setup.standIn.reserve(request)).toBe(setup.state.answer)
    expect([setup.written, setup.deliveries]).toEqual([[], []])
  })

  test('and fails otherwise than by being away is not stood in for', async () => {
    const broken = createStandInThatThrows(new StoreError('conflict', 'no'))
    await expect(broken.reserve(newDelivery())).rejects.toMatchObject({ code: 'conflict' })
    await expect(broken.settle(answerTo(newDelivery()), 1, NOW)).rejects.toMatchObject({ code: 'conflict' })
    await expect(broken.record([])).rejects.toMatchObject({ code: 'conflict' })
  })
})

function createStandInThatThrows(error: unknown) {
  const fail = async (): Promise<never> => {
    throw error
  }
  return createStandIn({
    usage: { reserve: fail, settle: fail, record: fail },
    journal: { append: fail, waiting: () => ({ entries: 0, bytes: 0, oldestAt: undefined }) },
    health: { state: () => 'up', suspect: () => undefined },
    known: createKnownCounters(1),
    monotonic: () => 0,
    keep: fail,
    onDelivery: fail,
  })
}

describe('a store that is away', () => {
  test('is not asked: the charge is in the journal before the first byte, the rest when it ends', async () => {
    const setup = setUp()
    setup.state.health = 'down'
    const answer = await granted(setup, newDelivery({ limitDownloads: 5, limitBytes: 10 * SIZE }))
    expect(answer).toMatchObject({ charged: 1, reservedBytes: SIZE })
    expect(usageOf(setup)).toEqual([['charge', 1, SIZE]])
    await setup.standIn.settle(answer, 17, NOW)
    expect(usageOf(setup)).toEqual([
      ['charge', 1, SIZE],
      ['rest', 0, 17 - SIZE],
    ])
    await setup.standIn.settle(answer, 17, NOW)
    expect(setup.written).toHaveLength(2)
    expect([setup.asked, setup.deliveries.length]).toEqual([[], 1])
  })

  test('gives back what was not delivered, of the moment when it began', async () => {
    const setup = setUp()
    setup.state.health = 'down'
    const request = newDelivery({ limitDownloads: 5, periodStart: NOW - DAY_MS })
    const answer = await granted(setup, request)
    await setup.standIn.settle(answer, 0, NOW + HOUR_MS)
    const [, last] = setup.written.at(-1) ?? []
    expect(last).toMatchObject({
      kind: 'usage',
      delta: { downloads: -1, lastUsedAt: NOW, periodStart: NOW - DAY_MS },
    })
    expect(last?.kind === 'usage' && [...last.delta.clients]).toEqual([[request.client, -1]])
  })

  test('is stood in for by the rules of downloads: resumed ones and probes cost nothing', async () => {
    const setup = setUp()
    setup.state.health = 'down'
    const request = newDelivery({ limitDownloads: 1 })
    const first = await granted(setup, request)
    await setup.standIn.settle(first, SIZE / 2, NOW)
    const resumed = await granted(setup, { ...request, start: SIZE / 2 })
    expect(resumed.charged).toBe(0)
    await setup.standIn.settle(resumed, SIZE / 2, NOW)
    expect(await setup.standIn.reserve(request)).toMatchObject({
      granted: false,
      limit: 'downloads',
      used: 1,
    })
  })

  test('keeps charging nothing when the journal is full, and forgets what it would have charged', async () => {
    const setup = setUp()
    setup.state.health = 'down'
    const request = newDelivery({ limitDownloads: 1 })
    setup.state.isFull = true
    await expect(setup.standIn.reserve(request)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'full',
    })
    setup.state.isFull = false
    const answer = await granted(setup, request)
    setup.state.isFull = true
    await setup.standIn.settle(answer, 40, NOW)
    expect(setup.kept).toMatchObject([{ downloads: 0, bytes: 40 }])
  })

  test('is told of traffic and ends later, and neither is lost without a word', async () => {
    const setup = setUp()
    setup.state.health = 'down'
    const delta = { token: 't', downloads: 1, bytes: 5, clients: new Map([['c', 1]]), lastUsedAt: NOW }
    await setup.standIn.record([delta])
    const reservation = answerTo(newDelivery())
    await setup.standIn.settle(reservation, 9, NOW)
    const { id, token, client, artifact, epoch, reservedBytes } = reservation
    expect(setup.written.map(([, entry]) => entry)).toEqual([
      { kind: 'usage', delta },
      {
        kind: 'end',
        reservation: { id, token, client, artifact, epoch, reservedBytes },
        sentBytes: 9,
        at: NOW,
      },
    ])
    setup.state.isFull = true
    await expect(setup.standIn.record([delta])).rejects.toThrow('full')
    await expect(setup.standIn.settle(reservation, 9, NOW)).rejects.toThrow('full')
  })

  test('and has something waiting for it gets traffic behind that, never before', async () => {
    const setup = setUp()
    setup.state.health = 'down'
    const answer = await granted(setup, newDelivery({ limitDownloads: 5 }))
    setup.state.health = 'up'
    await setup.standIn.settle(answer, 0, NOW)
    expect(usageOf(setup)).toEqual([
      ['charge', 1, 0],
      ['rest', -1, 0],
    ])
  })
})

describe('downloads that are given back', () => {
  test('are those that the store tells', async () => {
    const setup = setUp()
    const request = newDelivery({ limitDownloads: 5 })
    Object.assign(setup.state, { answer: answerTo(request), givenBack: 1 })
    expect(await setup.standIn.settle(answerTo(request), 0, NOW)).toBe(1)
  })

  test('are known at once where this process counts, also of what was charged by the store and is taken back', async () => {
    const setup = setUp()
    setup.state.health = 'down'
    const answer = await granted(setup, newDelivery({ limitDownloads: 5 }))
    expect(await setup.standIn.settle(answer, 0, NOW)).toBe(1)
    expect(await setup.standIn.settle(answer, 0, NOW)).toBe(0)
    const sent = await granted(setup, newDelivery({ limitDownloads: 5 }))
    expect(await setup.standIn.settle(sent, SIZE, NOW)).toBe(0)
    const settled = answerTo(newDelivery(), { isSettled: true, reservedBytes: SIZE })
    expect(await setup.standIn.settle(settled, SIZE, NOW)).toBe(0)
    expect(await setup.standIn.settle(settled, 0, NOW)).toBe(1)
  })

  test('are not known of what the store is told later', async () => {
    const setup = setUp()
    setup.state.health = 'down'
    expect(await setup.standIn.settle(answerTo(newDelivery()), 0, NOW)).toBe(0)
  })
})

describe('a delivery that is settled as it is charged', () => {
  const ready = newDelivery({ limitDownloads: 5, isReady: true })

  test('is in the journal with all its bytes, and says so', async () => {
    const setup = setUp()
    setup.state.health = 'down'
    const answer = await granted(setup, ready)
    expect(answer).toMatchObject({ isSettled: true, reservedBytes: SIZE })
    await setup.standIn.settle(answer, SIZE, NOW)
    expect(usageOf(setup)).toEqual([['charge', 1, SIZE]])
  })

  test('is taken back once when not one byte of it was sent', async () => {
    const setup = setUp()
    setup.state.health = 'down'
    const answer = await granted(setup, ready)
    for (const sent of [1, 0, 0]) await setup.standIn.settle(answer, sent, NOW)
    expect(usageOf(setup)).toEqual([
      ['charge', 1, SIZE],
      ['rest', -1, -SIZE],
    ])
    expect((await granted(setup, ready)).downloads).toBe(1)
  })

  test('and was charged by the store is taken back by the store or by the journal, never by both', async () => {
    const setup = setUp()
    const fields = { isSettled: true, reservedBytes: SIZE } as const
    const [here, there] = [answerTo(ready, fields), answerTo(ready, fields)]
    await expect(setup.standIn.settle(there, 0, NOW)).rejects.toBe(GONE)
    setup.state.health = 'down'
    await expect(setup.standIn.settle(there, 0, NOW)).rejects.toBe(GONE)
    expect(setup.asked).toEqual(['settle', 'settle'])
    await setup.standIn.settle(here, 0, NOW)
    expect(usageOf(setup)).toEqual([['rest', -1, -SIZE]])
    expect(setup.asked).toHaveLength(2)
  })
})

describe('a call that fails', () => {
  test('is stood in for, raises a suspicion, and spares the token the next ones for a second', async () => {
    const setup = setUp()
    const [request, other] = [newDelivery({ limitDownloads: 9 }), newDelivery({ limitDownloads: 9 })]
    await granted(setup, request)
    await granted(setup, { ...request, artifact: 'b' })
    await granted(setup, other)
    expect(setup.asked).toEqual(['reserve', 'reserve'])
    expect(setup.state.suspicions).toBe(2)
    setup.state.now = 1_000
    setup.state.answer = answerTo(request)
    expect(await setup.standIn.reserve(request)).toBe(setup.state.answer)
  })

  test('and was perhaps carried out is given back in the same breath as it is charged', async () => {
    const request = newDelivery({ limitDownloads: 9 })
    const { token, client, artifact } = request
    const unanswered = { id: '7.p:1', token, client, artifact }
    const written: Entry[] = []
    const standIn = createStandIn({
      usage: {
        reserve: () => Promise.reject(new StoreError('unavailable', 'no answer', { unanswered })),
        settle: async () => 0,
        record: async () => undefined,
      },
      journal: {
        append: async (entries) => void written.push(...entries),
        waiting: () => ({ entries: written.length, bytes: 0, oldestAt: undefined }),
      },
      health: { state: () => 'up', suspect: () => undefined },
      known: createKnownCounters(1),
      monotonic: () => 0,
      keep: () => undefined,
      onDelivery: () => undefined,
    })
    await standIn.reserve(request)
    expect(written).toMatchObject([
      { kind: 'usage', delta: { token, downloads: 1 } },
      { kind: 'end', reservation: unanswered, sentBytes: 0 },
    ])
  })
})

describe('limits, while the store is away', () => {
  test.each([
    ['downloads', { limitDownloads: 8 }, { downloads: 6 }],
    ['bytes', { limitBytes: 8 * SIZE }, { bytes: 6 * SIZE }],
  ] as const)('go on from the %s that the store told last', async (limit, limits, counters) => {
    const setup = setUp()
    const request = newDelivery(limits)
    setup.state.answer = answerTo(request, counters)
    await setup.standIn.reserve(request)
    setup.state.health = 'down'
    for (const artifact of ['a', 'b']) await granted(setup, { ...request, artifact })
    const answer = await setup.standIn.reserve({ ...request, artifact: 'c' })
    expect(answer).toMatchObject({ granted: false, limit })
  })

  test('stay used up that the store said were used up', async () => {
    const setup = setUp()
    const request = newDelivery({ limitDownloads: 8 })
    setup.state.answer = { granted: false, limit: 'downloads', used: 8 }
    await setup.standIn.reserve(request)
    setup.state.health = 'down'
    expect(await setup.standIn.reserve(request)).toMatchObject({ granted: false, used: 8 })
  })

  test('begin anew with the next period of the token', async () => {
    const setup = setUp()
    const request = newDelivery({ limitDownloads: 1, periodStart: NOW - HOUR_MS })
    setup.state.answer = answerTo(request)
    await setup.standIn.reserve(request)
    setup.state.health = 'down'
    expect(await setup.standIn.reserve(request)).toMatchObject({ granted: false })
    await granted(setup, { ...request, now: NOW + HOUR_MS, periodStart: NOW })
    expect(await setup.standIn.reserve({ ...request, periodStart: NOW })).toMatchObject({ granted: false })
  })

  test.each([
    ['clients', { limitClients: 2 }],
    ['concurrency', { limitConcurrency: 2 }],
    ['rate', { limitRate: 2 }],
  ] as const)('of %s are kept by this process alone, from nothing on', async (limit, limits) => {
    const setup = setUp()
    setup.state.health = 'down'
    const { token } = newDelivery()
    for (let index = 0; index < 2; index++) await granted(setup, newDelivery({ token, ...limits }))
    expect(await setup.standIn.reserve(newDelivery({ token, ...limits }))).toMatchObject({
      granted: false,
      limit,
    })
  })

  test('are not begun anew by a second outage', async () => {
    const setup = setUp()
    const request = newDelivery({ limitDownloads: 3 })
    setup.state.health = 'down'
    for (const artifact of ['a', 'b', 'c']) await granted(setup, { ...request, artifact })
    setup.standIn.endOutage()
    expect(await setup.standIn.reserve({ ...request, artifact: 'd' })).toMatchObject({
      granted: false,
      used: 3,
    })
  })

  test('of unknown sizes reserve all that is left', async () => {
    const setup = setUp()
    setup.state.health = 'down'
    const request = newDelivery({ size: null, limitBytes: 500 })
    const answer = await granted(setup, request)
    expect(answer.reservedBytes).toBe(500)
    await setup.standIn.settle(answer, 20, NOW)
    expect(await granted(setup, { ...request, artifact: 'b' })).toMatchObject({ reservedBytes: 480 })
  })
})
