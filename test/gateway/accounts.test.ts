import { describe, expect, test } from 'vitest'
import { createAccounts, type Account, type AccountsOptions } from '../../src/gateway/accounts.ts'
import type { Delivering } from '../../src/gateway/charge-request.ts'
import { createSecretUses } from '../../src/gateway/secret-uses.ts'
import { createWarn } from '../../src/gateway/warnings.ts'
import type { Artifact, TokenRecord } from '../../src/policy/types.ts'
import type {
  DeliveryRequest,
  Exhausted,
  Reservation,
  SecretUse,
  UsageDelta,
  UsageStore,
} from '../../src/store/contract.ts'
import { createLocalBook } from '../../src/store/journal/local-book.ts'
import { createUsageBuffer } from '../../src/store/usage-buffer.ts'
import { compileToken, newRecord } from '../policy/records.ts'
import { newDelivery } from '../store/conformance/fixtures.ts'

const NOW = Date.UTC(2030, 0, 1, 12)
const DAY_MS = 86_400_000
const ARTIFACT: Artifact = { format: 'raw', kind: 'package', path: 'a.bin', name: 'a.bin', filename: 'a.bin' }

/** Accounts over a store that grants everything unless told otherwise, and what it was asked. */
function setUp() {
  const asked: DeliveryRequest[] = []
  const settled: (readonly [string, number])[] = []
  const givenBack: (readonly [string, number, number])[] = []
  const begun: number[] = []
  const uses: SecretUse[] = []
  const recorded: UsageDelta[] = []
  const state = { now: NOW, refusal: undefined as Exhausted | undefined, failsToBegin: false, refund: 0 }
  const usage: UsageStore = {
    reserve: async (request) => {
      asked.push(request)
      return state.refusal ?? reservationOf(request, asked.length)
    },
    settle: async ({ id }, bytes) => {
      settled.push([id, bytes])
      return state.refund
    },
    record: async (deltas) => void recorded.push(...deltas),
    read: async () => [],
    reset: async () => undefined,
    listClients: async () => ({ total: 0, clients: [] }),
    releaseClient: async () => false,
  }
  const tokens = {
    noteFirstDownload: async (_owner: string, _repo: string, _slugPerm: string, at: number) => {
      if (state.failsToBegin) throw new Error('the store is down')
      begun.push(at)
    },
    noteUse: async (noted: readonly SecretUse[]) => void uses.push(...noted),
  }
  const onFailure = (error: unknown): never => {
    throw error
  }
  const options: AccountsOptions = {
    usage,
    tokens,
    buffer: createUsageBuffer({ usage, flushMs: 3_600_000, maxLedgers: 10, onFailure }),
    secretUses: createSecretUses({ tokens, flushMs: 3_600_000, onFailure }),
    clock: () => state.now,
    retryMs: [],
    pause: async () => undefined,
    onGivenBack: (what, downloads, at) => givenBack.push([what.artifact.path, downloads, at]),
    onFailure,
  }
  return {
    accounts: createAccounts(options),
    options,
    givenBack,
    asked,
    settled,
    begun,
    uses,
    recorded,
    state,
  }
}

function reservationOf(request: DeliveryRequest, number: number): Reservation {
  const { token, client, artifact, kind, start, end, limitBytes } = request
  const charged = kind === 'download' ? 1 : 0
  const reservedBytes = (limitBytes ?? null) === null ? 0 : end - start
  const counters = { downloads: charged, clients: charged, bytes: reservedBytes }
  return {
    granted: true,
    id: `r${number}`,
    token,
    client,
    artifact,
    epoch: 0,
    charged,
    reservedBytes,
    ...counters,
  }
}

function delivering(
  fields: Partial<TokenRecord>,
  kind: Delivering['kind'] = 'download',
  digest = 'current',
): Delivering {
  const token = compileToken(newRecord(fields), { digest, validUntil: null })
  const extent = { start: 10, end: 60, size: 100 }
  return {
    token,
    owner: 'acme',
    repo: 'deb',
    artifact: ARTIFACT,
    client: '192.0.2.1',
    kind,
    extent,
    isReady: false,
  }
}

async function charge(accounts: ReturnType<typeof createAccounts>, what: Delivering): Promise<Account> {
  const account = await accounts.charge(what)
  if ('ok' in account) throw new Error(`refused: ${account.code}`)
  return account
}

describe('the store is asked', () => {
  const LIMITS: readonly (readonly [Partial<TokenRecord>, string])[] = [
    [{}, ''],
    [{ limitDownloads: 1 }, 'download'],
    [{ limitClients: 1 }, 'download'],
    [{ limitConcurrency: 1 }, 'download'],
    [{ limitBandwidth: 1_000 }, 'download index'],
    [{ limitRate: 1 }, 'download index bodiless'],
    [{ clientsWindowMs: 1, networks: ['::/0'], publishedUntil: NOW, validUntil: NOW + DAY_MS }, ''],
  ]
  test.each(LIMITS)('for a token with %j about: %s', async (fields, kinds) => {
    const { accounts, asked } = setUp()
    for (const kind of ['download', 'index', 'bodiless'] as const) {
      await charge(accounts, delivering(fields, kind))
      const isAsked = asked.splice(0).length === 1
      expect([kind, isAsked]).toEqual([kind, kinds.split(' ').includes(kind)])
    }
  })

  test('about a download with all limits', async () => {
    const { accounts, asked } = setUp()
    const limits = {
      limitDownloads: 5,
      limitClients: 4,
      clientsWindowMs: 3,
      limitConcurrency: 2,
      limitRate: 1,
    }
    const fields = { ...limits, limitBandwidth: 7, limitBandwidthUnit: 'Kilobyte' as const }
    await charge(accounts, delivering({ ...fields, resetPeriod: 'Daily', createdAt: NOW - 5 * DAY_MS - 1 }))
    expect(asked).toEqual([
      {
        token: newRecord().slugPerm,
        client: '192.0.2.1',
        artifact: 'acme/deb/a.bin',
        kind: 'download',
        start: 10,
        end: 60,
        size: 100,
        now: NOW,
        isReady: false,
        ...limits,
        limitBytes: 7_000,
        periodStart: NOW - 1,
      },
    ])
  })

  test('about an index with bytes and rate, about an answer without a body with the rate alone', async () => {
    const { accounts, asked } = setUp()
    const fields = { limitDownloads: 5, limitConcurrency: 2, limitBandwidth: 9, limitRate: 1 }
    await charge(accounts, delivering(fields, 'index'))
    await charge(accounts, delivering(fields, 'bodiless'))
    const none = { limitDownloads: null, limitClients: null, limitConcurrency: null }
    expect(asked).toMatchObject([
      { kind: 'free', start: 10, end: 60, ...none, limitBytes: 9, limitRate: 1 },
      { kind: 'free', start: 0, end: 0, ...none, limitBytes: null, limitRate: 1 },
    ])
  })
})

describe('an account', () => {
  test('lets as many bytes go as were reserved, and any number where bytes are not limited', async () => {
    const { accounts } = setUp()
    expect(await charge(accounts, delivering({ limitBandwidth: 1_000 }))).toMatchObject({ mostBytes: 50 })
    expect(await charge(accounts, delivering({ limitDownloads: 5 }))).toMatchObject({ mostBytes: Infinity })
    expect(await charge(accounts, delivering({}))).toMatchObject({ mostBytes: Infinity, charged: 1 })
  })

  test('is settled with what was sent; without a body there is nothing to settle', async () => {
    const { accounts, settled } = setUp()
    const limits = { limitRate: 1, limitBandwidth: 1_000 }
    ;(await charge(accounts, delivering(limits))).settle(42)
    ;(await charge(accounts, delivering(limits, 'index'))).settle(7)
    ;(await charge(accounts, delivering(limits, 'bodiless'))).settle(0)
    await accounts.drain()
    expect(settled).toEqual([
      ['r1', 42],
      ['r2', 7],
    ])
  })

  test('that ends in a later period is counted where it began', async () => {
    const { accounts, recorded, state } = setUp()
    const fields = { resetPeriod: 'Daily', createdAt: NOW - DAY_MS + 1 } as const
    const download = await charge(accounts, delivering(fields))
    const index = await charge(accounts, delivering(fields, 'index'))
    state.now = NOW + 5
    download.settle(50)
    index.settle(8)
    ;(await charge(accounts, delivering(fields))).settle(50)
    await accounts.drain()
    expect(recorded).toMatchObject([
      { periodStart: fields.createdAt, lastUsedAt: NOW, downloads: 1, bytes: 58 },
      { periodStart: fields.createdAt + DAY_MS, lastUsedAt: NOW + 5, downloads: 1, bytes: 50 },
    ])
  })
})

describe('downloads that are given back', () => {
  test('are told, with when they were charged, wherever they are counted', async () => {
    const { accounts, givenBack, state } = setUp()
    const inMemory = await charge(accounts, delivering({}))
    state.refund = 1
    const inStore = await charge(accounts, delivering({ limitDownloads: 5 }))
    state.now = NOW + 7
    inMemory.settle(0)
    inStore.settle(0)
    await accounts.drain()
    expect(givenBack).toEqual([
      ['a.bin', 1, NOW],
      ['a.bin', 1, NOW],
    ])
  })

  test('are not told when there are none, nor of a charge that came to nothing', async () => {
    const { accounts, givenBack, state } = setUp()
    ;(await charge(accounts, delivering({}))).settle(50)
    ;(await charge(accounts, delivering({ limitDownloads: 5 }))).settle(50)
    state.refund = 1
    state.failsToBegin = true
    const waiting = { validFrom: 0, validUntil: DAY_MS, startsOnFirstDownload: true, limitDownloads: 9 }
    await expect(accounts.charge(delivering(waiting))).rejects.toThrow('down')
    await accounts.drain()
    expect(givenBack).toEqual([])
  })
})

describe('a window that starts with the first download', () => {
  const WAITING = { validFrom: 0, validUntil: DAY_MS, startsOnFirstDownload: true }

  test.each([{}, { limitDownloads: 9 }])(
    'is begun by a download that is charged, with %j',
    async (limits) => {
      const { accounts, begun } = setUp()
      await charge(accounts, delivering({ ...WAITING, ...limits }, 'index'))
      await charge(accounts, delivering({ ...WAITING, ...limits }, 'bodiless'))
      expect(begun).toEqual([])
      await charge(accounts, delivering({ ...WAITING, ...limits }))
      expect(begun).toEqual([NOW])
    },
  )

  test('is not begun again, nor is any other', async () => {
    const { accounts, begun } = setUp()
    await charge(accounts, delivering({ ...WAITING, firstDownloadAt: 5 }))
    await charge(accounts, delivering({ ...WAITING, startsOnFirstDownload: false }))
    await charge(accounts, delivering({ ...WAITING, validFrom: null }))
    expect(begun).toEqual([])
  })

  test('is not begun by what is refused', async () => {
    const { accounts, begun, state } = setUp()
    state.refusal = { granted: false, limit: 'downloads', used: 9 }
    expect(await accounts.charge(delivering({ ...WAITING, limitDownloads: 9 }))).toMatchObject({ ok: false })
    expect(begun).toEqual([])
  })

  test('that can not be begun is no download, and costs nothing', async () => {
    const { accounts, settled, state } = setUp()
    state.failsToBegin = true
    await expect(accounts.charge(delivering({ ...WAITING, limitDownloads: 9 }))).rejects.toThrow('down')
    await accounts.drain()
    expect(settled).toEqual([['r1', 0]])
  })
})

describe('the use of a secret', () => {
  test('is noted while two work, the latest of each', async () => {
    const { accounts, uses, state } = setUp()
    const two = { previousValidUntil: NOW + 10 }
    await charge(accounts, delivering(two, 'download', 'current'))
    await charge(accounts, delivering(two, 'index', 'previous'))
    state.now = NOW + 1
    await charge(accounts, delivering(two, 'bodiless', 'previous'))
    await accounts.drain()
    expect(uses.map(({ digest, at }) => [digest, at])).toEqual([
      ['current', NOW],
      ['previous', NOW + 1],
    ])
  })

  test('is not noted when there is one, nor once the other has ended, nor when it was refused', async () => {
    const { accounts, uses, state } = setUp()
    await charge(accounts, delivering({}))
    await charge(accounts, delivering({ previousValidUntil: NOW }))
    state.refusal = { granted: false, limit: 'downloads', used: 9 }
    await accounts.charge(delivering({ previousValidUntil: NOW + 10, limitDownloads: 9 }))
    await accounts.drain()
    expect(uses).toEqual([])
  })
})

describe('a token that asked too often', () => {
  const slow = delivering({ limitRate: 0.5 })

  /** Accounts whose store has just said that the next request fits in `retryAfterMs`. */
  async function refused(retryAfterMs: number) {
    const setup = setUp()
    setup.state.refusal = { granted: false, limit: 'rate', used: 1, retryAfterMs }
    const answer = await setup.accounts.charge(slow)
    const held = (): unknown => setup.accounts.holdBack(slow.token)
    return { ...setup, answer, held }
  }

  test.each([
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [29_500, 30],
    [3_600_000, 30],
  ])('and may ask again in %i ms is told to wait %i seconds', async (ms, seconds) => {
    const { answer, held } = await refused(ms)
    const expected = { code: 'rate_exceeded', facts: { limit: 0.5, retryAfter: seconds } }
    expect(answer).toMatchObject(expected)
    expect(held()).toMatchObject(expected)
  })

  test('is held back until then, and not longer', async () => {
    const { held, state, accounts } = await refused(2_500)
    state.now = NOW + 1_600
    expect(held()).toMatchObject({ facts: { retryAfter: 1 } })
    expect(accounts.holdBack(delivering({ limitRate: 0.5, slugPerm: 'other' }).token)).toBeUndefined()
    state.now = NOW + 2_500
    expect(held()).toBeUndefined()
    state.now = NOW + 2_000
    expect(held()).toBeUndefined()
  })

  test('is asked about anew after half a minute at the latest', async () => {
    const { held, state } = await refused(3_600_000)
    state.now = NOW + 29_999
    expect(held()).toBeDefined()
    state.now = NOW + 30_000
    expect(held()).toBeUndefined()
  })

  test('is let go when its limit changes, and when the clock was set back', async () => {
    const { accounts, held, state } = await refused(20_000)
    expect(accounts.holdBack(delivering({ limitRate: null }).token)).toBeUndefined()
    expect(held()).toBeDefined()
    expect(accounts.holdBack(delivering({ limitRate: 0.6 }).token)).toBeUndefined()
    const other = await refused(20_000)
    other.state.now = NOW - 1
    expect(other.held()).toBeUndefined()
    expect(state.now).toBe(NOW)
  })

  test('is not held back for another limit', async () => {
    const setup = setUp()
    setup.state.refusal = { granted: false, limit: 'concurrency', used: 1 }
    const answer = await setup.accounts.charge(delivering({ limitRate: 5, limitConcurrency: 1 }))
    expect(answer).toMatchObject({
      code: 'concurrency_exceeded',
      facts: { used: 1, limit: 1, retryAfter: 2 },
    })
    expect(setup.accounts.holdBack(delivering({ limitRate: 5 }).token)).toBeUndefined()
  })
})

test('a notice comes again after ten minutes, and not before', async () => {
  const { accounts } = setUp()
  const what = delivering({ validUntil: NOW + DAY_MS })
  const account = await charge(accounts, what)
  const warn = createWarn()
  const { token } = what
  const noticeAt = (now: number): boolean =>
    warn({ token, client: 'c', notice: 'npm-notice', account, now }).includes('npm-notice')
  expect([0, 1, 599_999, 600_000, 600_001].map((ms) => noticeAt(NOW + ms))).toEqual([
    true,
    false,
    false,
    true,
    false,
  ])
})

describe('a repository that goes on without the store', () => {
  const limited = delivering({ limitDownloads: 9 })

  function setUpStandIn() {
    const { accounts: _, ...setup } = setUp()
    const stoodIn: string[] = []
    const answer = { ...reservationOf(newDelivery(), 1), book: createLocalBook(undefined) }
    const accounts = createAccounts({
      ...setup.options,
      standIn: {
        reserve: async ({ artifact }) => {
          stoodIn.push(`reserve ${artifact}`)
          return answer
        },
        settle: async (_answer, bytes) => {
          stoodIn.push(`settle ${bytes}`)
          return 0
        },
      },
    })
    return { ...setup, accounts, stoodIn }
  }

  test("is charged by the stand-in, whose counters are nobody else's", async () => {
    const { accounts, stoodIn, asked } = setUpStandIn()
    const account = await charge(accounts, { ...limited, servesCached: true })
    account.settle(5)
    await accounts.drain()
    expect(stoodIn).toEqual(['reserve acme/deb/a.bin', 'settle 5'])
    expect([asked, account.counters]).toEqual([[], undefined])
  })

  test('is one that the configuration names; of the others only the ends wait', async () => {
    const { accounts, stoodIn, asked, settled } = setUpStandIn()
    const account = await charge(accounts, { ...limited, servesCached: false })
    account.settle(5)
    await accounts.drain()
    expect([asked.length, settled, stoodIn]).toEqual([1, [], ['settle 5']])
    expect(account.counters).toBeDefined()
  })
})
