import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admit, conclude, isSpent, type Delivery, type Ledger } from '../../src/policy/ledger.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Noon of some day. */
const NOW = 20_000 * DAY_MS + 12 * HOUR_MS
const SIZE = 1_000
/** An eighth of it. */
const PROBE = 125

const alive = (): boolean => true

/** A ledger with the downloads that it has cost, as a store keeps them. */
function createAccount(isAlive: (id: string) => boolean = alive) {
  let ledger: Ledger | undefined
  let count = 0
  const account = {
    downloads: 0,
    sent: 0,
    ledger: (): Ledger | undefined => ledger,
    start: (delivery: Partial<Delivery> = {}): string => {
      const id = delivery.id ?? `p:${++count}`
      const size = delivery.size === undefined ? SIZE : delivery.size
      const whole = { id, size, start: 0, end: size ?? 0, now: NOW }
      const admitted = admit(ledger, { ...whole, ...delivery }, isAlive)
      ledger = JSON.parse(JSON.stringify(admitted.ledger)) as Ledger
      account.downloads += admitted.cost
      return id
    },
    end: (id: string, sent: number): number => {
      if (ledger === undefined) return 0
      const { ledger: next, refund } = conclude(ledger, id, sent)
      ledger = JSON.parse(JSON.stringify(next)) as Ledger
      account.downloads -= refund
      account.sent += sent
      return refund
    },
    deliver: (delivery: Partial<Delivery>, sent: number): number => {
      const before = account.downloads
      account.end(account.start(delivery), sent)
      return account.downloads - before
    },
  }
  return account
}

/** Parts that make up `[0, SIZE)`, in any order. */
const parts = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: SIZE - 1 }), { maxLength: 30 }),
    fc.infiniteStream(fc.nat()),
  )
  .map(([inner, order]) => {
    const edges = [0, ...inner.toSorted((a, b) => a - b), SIZE]
    const inOrder = edges.slice(1).map((end, index) => ({ start: edges[index] ?? 0, end }))
    return inOrder
      .map((part) => [order.next().value ?? 0, part] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, part]) => part)
  })

describe('splitting a file', () => {
  test('into any ranges, one after another in any order, costs one download', () => {
    const property = fc.property(parts, (ranges) => {
      const account = createAccount()
      for (const range of ranges) account.deliver(range, range.end - range.start)
      expect(account.downloads).toBe(1)
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('into any ranges at once costs one download', () => {
    const property = fc.property(parts, (ranges) => {
      const account = createAccount()
      const started = ranges.map((range) => [account.start(range), range] as const)
      for (const [id, { start, end }] of started) account.end(id, end - start)
      expect(account.downloads).toBe(1)
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('again and again costs one download per copy', () => {
    const property = fc.property(parts, fc.integer({ min: 1, max: 5 }), (ranges, copies) => {
      fc.pre(ranges.every(({ start, end }) => end - start > PROBE))
      const account = createAccount()
      for (let copy = 0; copy < copies; copy++) {
        for (const range of ranges) account.deliver(range, range.end - range.start)
      }
      expect(account.downloads).toBe(copies)
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('into more ranges than are told apart is no way to more than twice the file', () => {
    const account = createAccount()
    const size = 100_000
    for (let copy = 0; copy < 6; copy++) {
      for (const first of [0, 1]) {
        for (let start = first * 500; start < size; start += 1_000) {
          account.deliver({ size, start, end: start + 500 }, 500)
        }
      }
    }
    expect(account.sent).toBe(6 * size)
    expect(account.downloads).toBeGreaterThanOrEqual(3)
  })
})

interface Step {
  readonly kind: 'start' | 'end' | 'wait'
  readonly from: number
  readonly to: number
  readonly which: number
}

const step = fc.record<Step>({
  kind: fc.constantFrom('start', 'start', 'start', 'end', 'end', 'end', 'wait'),
  from: fc.oneof(fc.constant(0), fc.nat(SIZE)),
  to: fc.oneof(fc.constant(SIZE), fc.nat(SIZE)),
  which: fc.nat(50),
})

/** Replays steps, calls `check` after each, and settles what is left. Gives the days on which something began. */
function replay(
  steps: readonly Step[],
  account: ReturnType<typeof createAccount>,
  check: () => void,
): number {
  const open: { readonly id: string; readonly length: number }[] = []
  const days = new Set<number>()
  let now = NOW
  for (const { kind, from, to, which } of steps) {
    if (kind === 'wait') now += which * MINUTE_MS
    if (kind === 'start') {
      const [start, end] = from < to ? [from, to] : [to, from]
      days.add(Math.floor(now / DAY_MS))
      open.push({ id: account.start({ start, end, now }), length: end - start })
    }
    const [ended] = kind === 'end' ? open.splice(which % Math.max(1, open.length), 1) : []
    if (ended !== undefined) account.end(ended.id, Math.min(ended.length, from))
    check()
  }
  for (const { id, length } of open) account.end(id, length)
  return days.size
}

describe('any deliveries', () => {
  test('send less than three times what was paid for, and the free probes of each day', () => {
    const property = fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const account = createAccount()
      const days = replay(steps, account, () => undefined)
      expect(account.sent).toBeLessThanOrEqual(3 * SIZE * account.downloads + PROBE * days)
    })
    fc.assert(property, { numRuns: 1_000 })
  })

  test('never make a number negative, and leave a record that is bounded', () => {
    const property = fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const account = createAccount()
      replay(steps, account, () => {
        const ledger = account.ledger()
        if (ledger === undefined) return
        expect(Math.min(account.downloads, ledger.charges, ledger.probeBytes)).toBeGreaterThanOrEqual(0)
        expect(ledger.charges).toBeLessThanOrEqual(account.downloads)
        expect(ledger.probeBytes).toBeLessThanOrEqual(PROBE)
        expect(ledger.covered.length).toBeLessThanOrEqual(64)
      })
      expect(account.ledger()?.underway ?? []).toEqual([])
      expect(account.downloads).toBeGreaterThanOrEqual(0)
    })
    fc.assert(property, { numRuns: 500 })
  })

  test('of which nothing arrives cost nothing', () => {
    const starts = fc.array(fc.tuple(fc.nat(SIZE), fc.nat(SIZE)), { maxLength: 30 })
    const property = fc.property(starts, (ranges) => {
      const account = createAccount()
      const ids = ranges.map(([a, b]) => account.start({ start: Math.min(a, b), end: Math.max(a, b) }))
      for (const id of ids) account.end(id, 0)
      expect(account.downloads).toBe(0)
    })
    fc.assert(property, { numRuns: 500 })
  })
})

describe('resuming and starting again', () => {
  test('after any cuts costs one download, until twice the size has gone out', () => {
    const attempt = fc.record({ resumes: fc.boolean(), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    const property = fc.property(fc.array(attempt, { minLength: 1, maxLength: 30 }), (attempts) => {
      const account = createAccount()
      let reached = 0
      for (const { resumes, share } of attempts) {
        const start = resumes ? reached : 0
        if (account.sent >= 2 * SIZE || reached === SIZE) break
        const sent = Math.floor((SIZE - start) * share)
        account.deliver({ start }, sent)
        reached = start + sent
        expect(account.downloads).toBeLessThanOrEqual(1)
      }
      expect(account.downloads).toBe(account.sent > PROBE ? 1 : account.downloads)
    })
    fc.assert(property, { numRuns: 1_000 })
  })

  test('costs the same however late the deliveries are settled', () => {
    const lags = fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2))
    const cuts = fc.integer({ min: 1, max: SIZE - 1 })
    const property = fc.property(cuts, fc.boolean(), fc.boolean(), lags, (cut, resumes, isAgain, late) => {
      const account = createAccount()
      const whole = { start: 0, sent: SIZE }
      const second = resumes ? { start: cut, sent: SIZE - cut } : whole
      const all = [{ start: 0, sent: cut }, second, ...(isAgain ? [whole] : [])]
      const open: { readonly id: string; readonly sent: number; readonly until: number }[] = []
      const settle = (turn: number): void => {
        for (const { id, sent } of open.filter(({ until }) => until === turn)) account.end(id, sent)
      }
      for (const [turn, { start, sent }] of all.entries()) {
        settle(turn)
        open.push({ id: account.start({ start }), sent, until: turn + 1 + (late[turn] ?? 0) })
      }
      for (let turn = all.length; turn < 2 * all.length + 1; turn++) settle(turn)
      expect(account.ledger()?.underway).toEqual([])
      expect(account.downloads).toBe(isAgain ? 2 : 1)
    })
    fc.assert(property, { numRuns: 1_000 })
  })

  test('is covered for an hour after the charge, not longer', () => {
    const account = createAccount()
    account.deliver({}, 300)
    expect(account.deliver({ start: 300, now: NOW + HOUR_MS - 1 }, 100)).toBe(0)
    expect(account.deliver({ start: 400, now: NOW + HOUR_MS }, 600)).toBe(1)
  })

  test('is covered for an hour after the newest charge', () => {
    const account = createAccount()
    for (let cut = 0; cut < 3; cut++) account.deliver({}, 990)
    const second = NOW + 50 * MINUTE_MS
    expect(account.deliver({ now: second }, 300)).toBe(1)
    expect(account.deliver({ start: 300, now: NOW + HOUR_MS }, 700)).toBe(0)
  })
})

describe('copies at once', () => {
  test('are paid for each, also when they are all but complete', () => {
    const account = createAccount()
    const ids = Array.from({ length: 10 }, () => account.start())
    expect(account.downloads).toBe(10)
    for (const id of ids) account.end(id, SIZE - 1)
    expect(account.downloads).toBe(5)
  })

  test.each([
    ['before the other is complete', [500, SIZE]],
    ['after the other is complete', [SIZE, 500]],
  ])('are one download when one is cut %s', (_when, [first = 0, second = 0]) => {
    const account = createAccount()
    const [a, b] = [account.start(), account.start()]
    expect(account.downloads).toBe(2)
    account.end(a, first)
    account.end(b, second)
    expect(account.downloads).toBe(1)
    expect(account.deliver({ start: 500 }, 500)).toBe(1)
  })

  test('give back all when both fail', () => {
    const account = createAccount()
    const [a, b] = [account.start(), account.start()]
    account.end(a, 0)
    account.end(b, 0)
    expect(account.downloads).toBe(0)
    expect(isSpent(account.ledger() ?? fail(), NOW)).toBe(true)
  })
})

describe('a delivery that is settled', () => {
  test('a second time, or was never admitted, changes nothing', () => {
    const account = createAccount()
    account.deliver({ id: 'p:x' }, 500)
    const ledger = account.ledger() ?? fail()
    expect(conclude(ledger, 'p:x', 0)).toEqual({ ledger, refund: 0 })
    expect(conclude(ledger, 'p:x', 0).ledger).toBe(ledger)
    expect(conclude(ledger, 'never', 500).ledger).toBe(ledger)
  })

  test.each<[string, Partial<Delivery>]>([
    ['its hour is over', { now: NOW + HOUR_MS }],
    ['its file was replaced', { size: SIZE + 1, end: SIZE + 1 }],
    ['the upstream no longer tells the size', { size: null }],
  ])('when %s is known to the record, and touches the new download not at all', (_why, next) => {
    const account = createAccount()
    const late = account.start()
    const current = account.start(next)
    expect(account.downloads).toBe(2)
    const before = account.ledger() ?? fail()
    expect(account.end(late, 0)).toBe(0)
    const underway = before.underway.filter(({ id }) => id === current)
    expect(account.ledger()).toEqual({ ...before, underway })
  })

  test('with more bytes than it asked for covers no others', () => {
    const account = createAccount()
    account.deliver({ start: 0, end: 200 }, SIZE)
    expect(account.ledger()?.covered).toEqual([[0, 200]])
  })
})

describe('a process that died', () => {
  test('no longer stands in the way, and its charge stays', () => {
    const account = createAccount((id) => !id.startsWith('dead:'))
    account.start({ id: 'dead:1' })
    expect(account.downloads).toBe(1)
    account.deliver({}, SIZE)
    expect(account.downloads).toBe(1)
    expect(account.deliver({}, SIZE)).toBe(1)
  })
})

describe('probes', () => {
  test('are free until they add up to an eighth of the file', () => {
    const account = createAccount()
    expect(account.deliver({ start: SIZE - 100 }, 100)).toBe(0)
    expect(account.deliver({ start: SIZE - 25 }, 25)).toBe(0)
    expect(account.deliver({ start: SIZE - 1 }, 1)).toBe(1)
  })

  test('are free until they add up to 128 KiB', () => {
    const size = 1e9
    const account = createAccount()
    expect(account.deliver({ size, end: 128 * 1024 }, 128 * 1024)).toBe(0)
    expect(account.deliver({ size, end: 1 }, 1)).toBe(1)
  })

  test('begin anew with the day (UTC)', () => {
    const account = createAccount()
    const midnight = (Math.floor(NOW / DAY_MS) + 1) * DAY_MS
    expect(account.deliver({ end: PROBE, now: midnight - 1 }, PROBE)).toBe(0)
    expect(account.deliver({ end: PROBE, now: midnight }, PROBE)).toBe(0)
    expect(account.deliver({ end: PROBE, now: midnight }, PROBE)).toBe(1)
  })

  test('of the day before that are cut give nothing back to the new day', () => {
    const account = createAccount()
    const tomorrow = NOW + DAY_MS
    const overnight = account.start({ end: PROBE })
    expect(account.deliver({ end: PROBE, now: tomorrow }, PROBE)).toBe(0)
    account.end(overnight, 0)
    expect(account.deliver({ end: PROBE, now: tomorrow }, PROBE)).toBe(1)
  })

  test('of many at once are free as far as they would be one after another', () => {
    const account = createAccount()
    const ids = Array.from({ length: 5 }, () => account.start({ end: 30 }))
    expect(account.downloads).toBe(1)
    for (const id of ids) account.end(id, 30)
    expect(account.downloads).toBe(1)
  })

  test('are free beside a download that covers no more', () => {
    const account = createAccount()
    account.deliver({}, 990)
    account.deliver({}, 990)
    expect(account.deliver({ start: 900 }, 100)).toBe(0)
    expect(account.deliver({ start: 800 }, 200)).toBe(1)
  })

  test('are no help to a file of unknown size', () => {
    const account = createAccount()
    expect(account.deliver({ size: null, start: 0, end: 1 }, 1)).toBe(1)
  })

  test('never make up a whole file, however small', () => {
    for (let size = 1; size < 40; size++) {
      const account = createAccount()
      for (let start = 0; start < size; start++) account.deliver({ size, start, end: start + 1 }, 1)
      expect(account.downloads).toBe(1)
    }
  })
})

describe('odd files', () => {
  test('an empty one costs a download each time', () => {
    const account = createAccount()
    expect(account.deliver({ size: 0 }, 0)).toBe(1)
    expect(account.deliver({ size: 0 }, 0)).toBe(1)
  })

  test('one of unknown size costs a download each time that something is sent', () => {
    const account = createAccount()
    expect(account.deliver({ size: null }, 0)).toBe(0)
    expect(account.deliver({ size: null }, 5)).toBe(1)
    expect(account.deliver({ size: null }, 5)).toBe(1)
  })
})

describe('a record', () => {
  test('is spent when nothing of it would matter later', () => {
    const account = createAccount()
    const id = account.start()
    const spentAt = (now: number): boolean => isSpent(account.ledger() ?? fail(), now)
    expect(spentAt(NOW + DAY_MS)).toBe(false)
    account.end(id, 500)
    expect(spentAt(NOW)).toBe(false)
    expect(spentAt(NOW + HOUR_MS)).toBe(true)
    account.deliver({ start: 500 }, 500)
    expect(spentAt(NOW)).toBe(true)
  })

  test('is kept while its probes matter', () => {
    const account = createAccount()
    account.deliver({ end: 1 }, 1)
    expect(isSpent(account.ledger() ?? fail(), NOW)).toBe(false)
    expect(isSpent(account.ledger() ?? fail(), NOW + DAY_MS)).toBe(true)
  })
})

function fail(): never {
  throw new Error('there is no record')
}
