import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startFlushing } from '../../src/store/flushing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function start(write: () => Promise<void>) {
  const failures: unknown[] = []
  const flushing = startFlushing({ flushMs: 500, write, onFailure: (error) => failures.push(error) })
  return { ...flushing, failures }
}

test('one write ends before the next begins, and the end waits for both', async () => {
  const seen: string[] = []
  const { close } = start(async () => {
    seen.push('begun')
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    seen.push('ended')
  })
  await vi.advanceTimersByTimeAsync(600)
  const closed = close().then(() => seen.push('closed'))
  await vi.advanceTimersByTimeAsync(5_000)
  await closed
  expect(seen).toEqual(['begun', 'ended', 'begun', 'ended', 'closed'])
})

test('a write that fails is told of and stops nothing', async () => {
  let writes = 0
  const { flush, close, failures } = start(() => Promise.reject(new Error(`write ${++writes}`)))
  await flush()
  await vi.advanceTimersByTimeAsync(500)
  await close()
  expect(failures).toEqual([new Error('write 1'), new Error('write 2'), new Error('write 3')])
})

test('after the end nothing is written', async () => {
  let writes = 0
  const { close } = start(async () => void writes++)
  await close()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(writes).toBe(1)
})
