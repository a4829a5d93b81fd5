import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startWorkers } from '../../src/app/workers.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { createPlaces } from '../../src/config/places.ts'
import type { Config } from '../../src/config/types.ts'
import { actWorker, pause, quiet, type ActedWorker, portOf } from './crew.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function readConfig(text: string): Config {
  const source = `{repositories: {a/b: {format: raw, upstream: 'http://127.0.0.1:1/'}}, ${text}}`
  const parsed = parseConfig(source, createPlaces('/nowhere/postern.yaml'), {})
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes))
  return parsed.config
}

function start(count: number, config = readConfig('listen: 127.0.0.1:0')) {
  const all: ActedWorker[] = []
  const ends: number[] = []
  const workers = startWorkers({
    count,
    config,
    version: '1.2.3',
    start: (assignment) => {
      const worker = actWorker(assignment)
      all.push(worker)
      return worker
    },
    monotonic: Date.now,
    pause,
    log: quiet,
    onEnd: ({ slot }) => ends.push(slot),
  })
  workers.catch(() => undefined)
  const at = (index: number): ActedWorker => {
    const worker = all.at(index)
    if (worker === undefined) throw new Error(`no worker ${index} was started`)
    return worker
  }
  /** Lets everything happen that waits for no clock. */
  const settle = () => vi.advanceTimersByTimeAsync(1)
  return { workers, all, at, ends, settle }
}

async function startServing(count: number) {
  const started = start(count)
  started.at(0).serve(4711)
  const workers = await started.workers
  for (const worker of started.all.slice(1)) worker.serve()
  await started.settle()
  return { ...started, workers }
}

test('one begins, and the others listen where it does', async () => {
  const { workers, all, at } = start(3)
  expect(all).toHaveLength(1)
  at(0).serve(4711)
  expect((await workers).address).toEqual({ host: '127.0.0.1', port: 4711 })
  expect(all.map(({ slot, assignment }) => [slot, portOf(assignment.config.listen)])).toEqual([
    [1, 0],
    [2, 4711],
    [3, 4711],
  ])
})

test('a first worker that says why it can’t serve ends the start', async () => {
  const { workers, all, at } = start(3)
  at(0).fail('EADDRINUSE')
  await expect(workers).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await vi.runAllTimersAsync()
  expect(all).toHaveLength(1)
})

test('five that die without a word end the start', async () => {
  const { workers, all, at } = start(3)
  for (let i = 0; i < 5; i++) {
    at(-1).die()
    await vi.advanceTimersByTimeAsync(2_000)
  }
  await expect(workers).rejects.toThrow('ended')
  expect(all).toHaveLength(5)
})

test('one that dies is replaced at once, at the same address, and the end of it is told', async () => {
  const { workers, all, at, ends, settle } = await startServing(2)
  await vi.advanceTimersByTimeAsync(60_000)
  at(1).die()
  await settle()
  expect(workers.serving().map(({ slot }) => slot)).toEqual([1])
  expect(ends).toEqual([2])
  expect(all).toHaveLength(3)
  expect(at(2).assignment).toMatchObject({ slot: 2, config: { listen: { port: 4711 } } })
  at(2).serve()
  await settle()
  expect(workers.serving()).toHaveLength(2)
  expect(workers.restarts()).toBe(1)
})

test('it goes on as long as one serves, however often another dies at its start', async () => {
  const { workers, all, at } = await startServing(2)
  const failed = vi.fn<() => void>()
  void workers.failed.then(failed)
  at(1).die()
  for (let i = 0; i < 20; i++) {
    await vi.advanceTimersByTimeAsync(5_000)
    at(-1).die()
  }
  await vi.advanceTimersByTimeAsync(1)
  expect(failed).not.toHaveBeenCalled()
  expect(all.length).toBeGreaterThan(20)
})

test('when none serves and those that are started die again and again, it is over', async () => {
  const { workers, at, all } = await startServing(2)
  const failed = vi.fn<() => void>()
  void workers.failed.then(failed)
  at(0).die()
  at(1).die()
  for (let i = 0; i < 12; i++) {
    await vi.advanceTimersByTimeAsync(5_000)
    for (const worker of all) worker.die()
  }
  expect(failed).toHaveBeenCalledOnce()
})

test('a configuration reaches those that run and those to come, without moving them', async () => {
  const { workers, all, at, settle } = await startServing(2)
  await workers.reload(readConfig('listen: 127.0.0.1:0, drain_timeout: 7s'))
  expect(all.map(({ heard }) => heard)).toEqual([['reload'], ['reload']])
  at(0).die()
  await settle()
  expect(at(-1).assignment.config).toMatchObject({ drainTimeoutMs: 7_000, listen: { port: 4711 } })
})

test('files are forgotten when every worker that serves says so', async () => {
  const { workers, at } = await startServing(2)
  const everything = { repository: undefined, path: undefined }
  await expect(workers.purge(everything)).rejects.toThrow('Worker 1 did not say')
  for (const index of [0, 1]) at(index).answer(3)
  expect(await workers.purge(everything)).toBe(6)
})

test('draining asks each to end, waits for the last, and replaces none', async () => {
  const { workers, all, at } = await startServing(2)
  const drained = vi.fn<() => void>()
  void workers.drain(30_000).then(drained)
  expect(all.map(({ heard }) => heard)).toEqual([['drain'], ['drain']])
  at(0).die('exit code 0')
  await vi.advanceTimersByTimeAsync(20_000)
  expect(drained).not.toHaveBeenCalled()
  at(1).die('exit code 0')
  await vi.advanceTimersByTimeAsync(1)
  expect(drained).toHaveBeenCalledOnce()
  expect(all).toHaveLength(2)
})

test('one that does not end in time is killed', async () => {
  const { workers, at } = await startServing(2)
  const drained = workers.drain(30_000)
  at(0).die('exit code 0')
  await vi.advanceTimersByTimeAsync(36_000)
  await drained
  expect(at(0).heard).toEqual(['drain'])
  expect(at(1).heard).toEqual(['drain', 'kill'])
})
