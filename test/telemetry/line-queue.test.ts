import { expect, test, vi } from 'vitest'
import { createLineQueue, type LogDestination } from '../../src/telemetry/line-queue.ts'

/** A destination that answers when it is told to. */
function create(maxBytes = 100) {
  const writes: string[] = []
  const answers: Parameters<LogDestination>[1][] = []
  const destination: LogDestination = (bytes, done) => {
    writes.push(Buffer.from(bytes).toString())
    answers.push(done)
  }
  const answer = (code?: string): void => {
    const error = code === undefined ? null : Object.assign(new Error(code), { code })
    answers.shift()?.(error, Buffer.byteLength(writes.at(-1) ?? ''))
  }
  const queue = createLineQueue({ destination, maxBytes, lostLine: (lines) => `lost ${lines}\n` })
  return { queue, writes, answers, answer }
}

test('writes once at a time, what comes meanwhile with the next write', () => {
  const { queue, writes, answer } = create()
  for (const line of ['a\n', 'b\n', 'c\n']) queue.push(line)
  expect(writes).toEqual(['a\n'])
  answer()
  expect(writes).toEqual(['a\n', 'b\nc\n'])
})

test('goes on after a partial write', () => {
  const { queue, writes, answers } = create()
  queue.push('äbc\n')
  answers.shift()?.(null, 2)
  expect(writes).toEqual(['äbc\n', 'bc\n'])
})

test('keeps no more than its bound, and tells how many lines were lost before the next one', () => {
  const { queue, writes, answer } = create(10)
  for (const line of ['first\n', '12345678\n', 'x\n', 'lost line\n']) queue.push(line)
  answer()
  queue.push('next\n')
  answer()
  expect(writes).toEqual(['first\n', '12345678\n', 'lost 2\nnext\n'])
})

test('writes nothing more once nobody reads', async () => {
  const { queue, writes, answer } = create()
  queue.push('a\n')
  queue.push('b\n')
  answer('EPIPE')
  queue.push('c\n')
  expect(writes).toEqual(['a\n'])
  expect(await queue.flush(1000)).toBe(false)
})

test('a full disk loses what was being written; later lines are tried again', async () => {
  const { queue, writes, answer } = create()
  queue.push('a\n')
  answer('ENOSPC')
  expect(await queue.flush(1000)).toBe(false)
  queue.push('b\n')
  answer()
  expect(writes).toEqual(['a\n', 'lost 1\nb\n'])
  expect(await queue.flush(1000)).toBe(true)
})

test('tries again after a moment where the destination is busy', async () => {
  vi.useFakeTimers()
  try {
    const { queue, writes, answer } = create()
    queue.push('a\n')
    answer('EAGAIN')
    expect(writes).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(50)
    expect(writes).toEqual(['a\n', 'a\n'])
  } finally {
    vi.useRealTimers()
  }
})

test('flush waits until all is written', async () => {
  const { queue, answer } = create()
  queue.push('a\n')
  queue.push('b\n')
  const flushed = queue.flush(10_000)
  answer()
  answer()
  expect(await flushed).toBe(true)
})

test('flush gives up on a reader that is stuck', async () => {
  const { queue } = create()
  queue.push('a\n')
  expect(await queue.flush(1)).toBe(false)
})
