import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepFilled } from '../../src/app/keep-filled.ts'
import { pause } from './crew.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Runs something that ends after so many milliseconds each time, and writes down when it began. */
function start(livesMs: readonly number[], fails = false) {
  const starts: number[] = []
  const failures: number[] = []
  const stopping = new AbortController()
  const began = Date.now()
  let replaced = 0
  const run = async (): Promise<string | undefined> => {
    starts.push(Date.now() - began)
    const life = livesMs[starts.length - 1]
    if (life === undefined) stopping.abort()
    else await new Promise((resolve) => setTimeout(resolve, life))
    return fails ? 'why' : undefined
  }
  const ended = keepFilled(run, {
    monotonic: Date.now,
    pause,
    signal: stopping.signal,
    onFailure: (_why, inARow) => failures.push(inARow),
    onReplace: () => replaced++,
  })
  return { starts, failures, stopping, ended, replaced: () => replaced }
}

test('what ended after a long life is replaced at once', async () => {
  const { starts, ended, replaced } = start([60_000, 60_000])
  await vi.runAllTimersAsync()
  await ended
  expect(starts).toEqual([0, 60_000, 120_000])
  expect(replaced()).toBe(2)
})

test('what ends quickly again and again waits longer and longer, five seconds at most', async () => {
  const { starts, ended } = start(Array.from({ length: 10 }, () => 0))
  await vi.runAllTimersAsync()
  await ended
  const waits = starts.slice(1).map((at, i) => at - (starts[i] ?? 0))
  expect(waits.map((ms) => Math.round(ms / 50) * 50)).toEqual([
    0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000,
  ])
})

test('a long life ends the waiting', async () => {
  const { starts, ended } = start([0, 0, 0, 60_000, 0])
  await vi.runAllTimersAsync()
  await ended
  const [, , , fourth = 0, fifth = 0, sixth = 0] = starts
  expect(fifth - fourth).toBe(60_000)
  expect(sixth - fifth).toBeLessThan(50)
})

test('failures are counted in a row', async () => {
  const { failures, ended } = start([0, 0, 0], true)
  await vi.runAllTimersAsync()
  await ended
  expect(failures).toEqual([1, 2, 3])
})

test('nothing is started after the end was asked for, not even after a wait', async () => {
  const { starts, stopping, ended } = start(Array.from({ length: 20 }, () => 0))
  await vi.advanceTimersByTimeAsync(1_000)
  const before = starts.length
  stopping.abort()
  await ended
  await vi.runAllTimersAsync()
  expect(starts).toHaveLength(before)
})
