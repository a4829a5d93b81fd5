import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { BATCH_MS, type Batch, type UsageDelta } from '../../../src/store/contract.ts'
import {
  countersOf,
  DAY_MS,
  MINUTE_MS,
  newName,
  NOW,
  usageOf,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

/** More than any store writes in one go. */
const MANY = 450

function newBatch(at: number = Date.now()): Batch {
  return { id: randomUUID(), at }
}

function deltaOf(token: string, fields: Partial<UsageDelta> = {}): UsageDelta {
  return { token, downloads: 1, bytes: 10, clients: new Map([['a', 1]]), lastUsedAt: NOW, ...fields }
}

export function describeBatches(open: OpenStore): void {
  const stores = useTwoStores(open)

  test('a batch counts once, whoever records it how often', async () => {
    const { one, other } = stores()
    const [token, batch] = [newName(), newBatch()]
    await one.usage.record([deltaOf(token)], batch)
    await one.usage.record([deltaOf(token)], batch)
    await other.usage.record([deltaOf(token)], batch)
    expect(await countersOf(one, token)).toEqual([1, 1, 10])
  })

  test('a batch that many record at once counts once', async () => {
    const { one, other } = stores()
    const [token, batch] = [newName(), newBatch()]
    const calls = Array.from({ length: 60 }, (_, index) =>
      (index % 2 ? one : other).usage.record([deltaOf(token)], batch),
    )
    await Promise.all(calls)
    expect(await countersOf(one, token)).toEqual([1, 1, 10])
  })

  test('another batch of the same traffic counts, and so does traffic without one', async () => {
    const { one } = stores()
    const token = newName()
    await one.usage.record([deltaOf(token)], newBatch())
    await one.usage.record([deltaOf(token)], newBatch())
    await one.usage.record([deltaOf(token)])
    await one.usage.record([deltaOf(token)])
    expect(await countersOf(one, token)).toEqual([4, 1, 40])
  })

  test('a large batch counts as a whole, once', async () => {
    const { one, other } = stores()
    const batch = newBatch()
    const tokens = Array.from({ length: MANY }, newName)
    const deltas = tokens.map((token) => deltaOf(token))
    await Promise.all([one.usage.record(deltas, batch), other.usage.record(deltas, batch)])
    const usage = await one.usage.read(tokens.map((token) => ({ token, periodStart: null })))
    expect(new Set(usage.map(({ downloads, clients, bytes }) => `${downloads} ${clients} ${bytes}`))).toEqual(
      new Set(['1 1 10']),
    )
  })

  test('what a batch says of one token is added in its order', async () => {
    const { one } = stores()
    const token = newName()
    const others = Array.from({ length: MANY }, () => deltaOf(newName()))
    const back = deltaOf(token, { downloads: -1, bytes: 0, clients: new Map([['a', -1]]) })
    await one.usage.record([deltaOf(token), ...others, back], newBatch())
    expect(await countersOf(one, token)).toEqual([0, 0, 10])
  })

  test('a batch of nothing is recorded', async () => {
    await expect(stores().one.usage.record([], newBatch())).resolves.toBeUndefined()
  })

  test('what was used before a reset, or in a period that is over, does not count in the next one', async () => {
    const { one } = stores()
    const [wasReset, isScheduled] = [newName(), newName()]
    await one.usage.reset(wasReset, NOW)
    await one.usage.record([deltaOf(isScheduled, { periodStart: NOW })])
    const late = { lastUsedAt: NOW - MINUTE_MS, periodStart: NOW - DAY_MS }
    await one.usage.record([deltaOf(wasReset, late), deltaOf(isScheduled, late)], newBatch())
    expect(await countersOf(one, wasReset)).toEqual([0, 0, 0])
    expect(await usageOf(one, isScheduled, NOW)).toMatchObject({ downloads: 1, bytes: 10 })
  })

  test('a batch is counted until it is thirty days old, and then refused', async () => {
    const { one } = stores()
    const token = newName()
    await one.usage.record([deltaOf(token)], newBatch(Date.now() - BATCH_MS + MINUTE_MS))
    const old = one.usage.record([deltaOf(token)], newBatch(Date.now() - BATCH_MS))
    await expect(old).rejects.toMatchObject({ name: 'StoreError', code: 'expired' })
    expect(await countersOf(one, token)).toEqual([1, 1, 10])
  })
}
