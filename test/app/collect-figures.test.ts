import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { collectFigures } from '../../src/app/collect-figures.ts'
import type { WorkerProcess } from '../../src/app/worker-process.ts'
import { createAggregate, type MetricsSnapshot } from '../../src/telemetry/aggregate.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const snapshot = (value: number): MetricsSnapshot => [
  { name: 'postern_things_total', help: 'Things.', type: 'counter', values: [{ labels: {}, value }] },
]

type Ask = (what: string, asked: unknown, timeoutMs: number) => Promise<MetricsSnapshot | undefined>

/** A worker that answers with these counts, one after the other; null: not at all. */
function createWorker(slot: number, ...counts: readonly (number | null)[]) {
  const left = [...counts]
  const ask = vi.fn<Ask>(async (_what, _asked, timeoutMs) => {
    const count = left.shift() ?? null
    if (count !== null) return snapshot(count)
    await new Promise((resolve) => setTimeout(resolve, timeoutMs))
    return undefined
  })
  return { slot, ask: ask as unknown as WorkerProcess['ask'], asked: ask }
}

function create(...workers: readonly ReturnType<typeof createWorker>[]) {
  const aggregate = createAggregate({
    maxCustomers: 1,
    workers: () => ({ wanted: 2, serving: 2, restarts: 0 }),
  })
  return collectFigures({
    aggregate,
    workers: () => workers,
    own: async () => snapshot(1),
    monotonic: Date.now,
  })
}

async function thingsIn(figures: ReturnType<typeof create>): Promise<string | undefined> {
  return /postern_things_total (\d+)/.exec((await figures.read()).body)?.[1]
}

test('reading asks every worker', async () => {
  const figures = create(createWorker(1, 10), createWorker(2, 100))
  expect(await thingsIn(figures)).toBe('111')
})

test('a worker that does not answer holds the reader up for half a second, and stands there with what it told last', async () => {
  const figures = create(createWorker(1, 10, 20), createWorker(2, 100, null))
  expect(await thingsIn(figures)).toBe('111')
  const startedAt = Date.now()
  const reading = thingsIn(figures)
  await vi.advanceTimersByTimeAsync(500)
  expect(await reading).toBe('121')
  expect(Date.now() - startedAt).toBe(500)
})

test('readers who come at the same time share one round of questions', async () => {
  const worker = createWorker(1, 10, 20)
  const figures = create(worker)
  expect(await Promise.all([thingsIn(figures), thingsIn(figures)])).toEqual(['11', '11'])
  expect(worker.asked).toHaveBeenCalledOnce()
})

test('workers are asked every two seconds, too, until the end', async () => {
  const worker = createWorker(1, 1, 2, 3, 4, 5)
  const figures = create(worker)
  await vi.advanceTimersByTimeAsync(6_500)
  expect(worker.asked).toHaveBeenCalledTimes(3)
  figures.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(worker.asked).toHaveBeenCalledTimes(3)
})

test('they are asked more seldom when answering takes long', async () => {
  const worker = createWorker(1, null, null, null)
  create(worker)
  await vi.advanceTimersByTimeAsync(40_000)
  expect(worker.asked).toHaveBeenCalledOnce()
})
