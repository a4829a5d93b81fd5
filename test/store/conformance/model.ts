import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Reservation, Store } from '../../../src/store/contract.ts'
import { createBooks, type Books } from './books.ts'
import { MINUTE_MS, newName, NOW, useTwoStores, type OpenStore } from './fixtures.ts'

/** One step; numbers choose among few things, so that steps meet. */
type Step =
  | {
      readonly do: 'reserve'
      readonly token: number
      readonly client: number
      readonly file: number
      readonly from: number
      readonly to: number
    }
  | { readonly do: 'settle' | 'settle again'; readonly which: number; readonly share: number }
  | { readonly do: 'reset'; readonly token: number }
  | { readonly do: 'wait'; readonly minutes: number }

const FILES = [8, 17, 40]
const TOKENS = [
  { limitDownloads: 3, limitClients: null },
  { limitDownloads: null, limitClients: 1 },
  { limitDownloads: 6, limitClients: 2 },
]

const share = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }))
const reserving = fc.record({
  do: fc.constant('reserve' as const),
  token: fc.nat(2),
  client: fc.nat(2),
  file: fc.nat(2),
  from: share,
  to: share,
})
const settling = fc.record({ do: fc.constant('settle' as const), which: fc.nat(20), share })
const resettling = fc.record({ do: fc.constant('settle again' as const), which: fc.nat(20), share })
const resetting = fc.record({ do: fc.constant('reset' as const), token: fc.nat(2) })
const waiting = fc.record({ do: fc.constant('wait' as const), minutes: fc.oneof(fc.nat(45), fc.nat(1_500)) })
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: reserving, weight: 10 },
  { arbitrary: settling, weight: 8 },
  { arbitrary: resettling, weight: 1 },
  { arbitrary: resetting, weight: 1 },
  { arbitrary: waiting, weight: 2 },
)

export function describeModel(open: OpenStore): void {
  const stores = useTwoStores(open)

  test('any deliveries are answered and counted as the rules say, and no limit is exceeded', async () => {
    const { one, other } = stores()
    const property = fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      await replay(steps, [one, other])
    })
    await expect(fc.assert(property, { numRuns: 150 })).resolves.toBeUndefined()
  }, 120_000)
}

/** Does the same with the stores, in turn, and with the books, and compares after each step. */
async function replay(steps: readonly Step[], stores: readonly [Store, Store]): Promise<void> {
  const run = newName()
  const books = createBooks()
  const open: Reservation[] = []
  const settled: Reservation[] = []
  let now = NOW
  for (const [index, each] of steps.entries()) {
    const store = stores[index % 2 ? 0 : 1]
    if (each.do === 'wait') now += each.minutes * MINUTE_MS
    if (each.do === 'reserve') await reserve(store, books, run, each, now, open)
    if (each.do === 'reset') {
      const token = `${run}-${each.token}`
      await store.usage.reset(token, now)
      books.reset(token)
    }
    if (each.do === 'settle') {
      const [reservation] = open.splice(each.which % Math.max(1, open.length), 1)
      if (reservation === undefined) continue
      const sent = Math.floor(books.lengthOf(reservation.id) * each.share)
      await store.usage.settle(reservation, sent, now)
      books.settle(reservation.id, sent)
      settled.push(reservation)
    }
    if (each.do === 'settle again') {
      const reservation = settled[each.which % Math.max(1, settled.length)]
      if (reservation !== undefined) await store.usage.settle(reservation, each.which, now)
    }
    await compare(store, books, run)
  }
}

async function reserve(
  store: Store,
  books: Books,
  run: string,
  choice: Extract<Step, { do: 'reserve' }>,
  now: number,
  open: Reservation[],
): Promise<void> {
  const size = FILES[choice.file] ?? 1
  const edges = [Math.floor(choice.from * size), Math.floor(choice.to * size)].toSorted((a, b) => a - b)
  const [start = 0, end = size] = edges[0] === edges[1] ? [0, size] : edges
  const limits = TOKENS[choice.token] ?? { limitDownloads: null, limitClients: null }
  const request = {
    token: `${run}-${choice.token}`,
    client: `client-${choice.client}`,
    artifact: `file-${choice.file}`,
    size,
    start,
    end,
    now,
    ...limits,
  }
  const answer = await store.usage.reserve(request)
  const expected = books.reserve(answer.granted ? answer.id : 'refused', request)
  expect(answer).toMatchObject(expected)
  if (answer.granted) open.push(answer)
}

async function compare(store: Store, books: Books, run: string): Promise<void> {
  const tokens = TOKENS.map((_, index) => `${run}-${index}`)
  const usage = await store.usage.read(tokens.map((token) => ({ token, periodStart: null })))
  expect(usage.map(({ epoch, downloads, clients, bytes }) => ({ epoch, downloads, clients, bytes }))).toEqual(
    tokens.map((token) => books.read(token)),
  )
  for (const [index, { limitDownloads, limitClients }] of TOKENS.entries()) {
    expect(usage[index]?.downloads).toBeLessThanOrEqual(limitDownloads ?? Infinity)
    expect(usage[index]?.clients).toBeLessThanOrEqual(limitClients ?? Infinity)
  }
}
