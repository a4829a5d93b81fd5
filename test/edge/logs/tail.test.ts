import { appendFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPositions } from '../../../src/edge/logs/positions.ts'
import type { LogReader } from '../../../src/edge/logs/reader.ts'
import { startTail } from '../../../src/edge/logs/tail.ts'
import { temporaryDirectory, waitFor, type TemporaryDirectory } from '../../support/processes.ts'

let directory: TemporaryDirectory
let file: string
let lines: string[]
let failures: unknown[]
let reader: LogReader | undefined
let refuse: boolean

beforeEach(async () => {
  directory = await temporaryDirectory('tail')
  file = join(directory.path, 'postern.log')
  lines = []
  failures = []
  refuse = false
})

afterEach(async () => {
  await stop()
  await directory.remove()
})

async function start(): Promise<void> {
  reader = startTail({
    file,
    positions: await openPositions(join(directory.path, 'state/front-logs.json')),
    pollMs: 2,
    pause: (ms) => pause(ms),
    onLines: async (found) => {
      if (refuse) throw new Error('the store is away')
      lines.push(...found)
    },
    onFailure: (error) => failures.push(error),
  })
}

async function stop(): Promise<void> {
  await reader?.close()
  reader = undefined
}

/** The lines, when there are so many. */
async function read(count: number): Promise<readonly string[]> {
  await waitFor(() => lines.length >= count, { what: `${count} lines`, timeoutMs: 5_000 }).catch(
    () => undefined,
  )
  return lines
}

test('reads what is there, and what comes', async () => {
  await writeFile(file, 'one\ntwo\n')
  await start()
  expect(await read(2)).toEqual(['one', 'two'])
  await appendFile(file, 'three\n')
  expect(await read(3)).toEqual(['one', 'two', 'three'])
})

test('waits for a file that is not there yet', async () => {
  await start()
  await writeFile(file, 'one\n')
  expect(await read(1)).toEqual(['one'])
})

test('reads a line when it has its end', async () => {
  await writeFile(file, 'one\ntw')
  await start()
  expect(await read(1)).toEqual(['one'])
  await appendFile(file, 'o\nthree\n')
  expect(await read(3)).toEqual(['one', 'two', 'three'])
})

test('goes on where it stopped', async () => {
  await writeFile(file, 'one\ntwo\nthr')
  await start()
  expect(await read(2)).toEqual(['one', 'two'])
  await stop()
  await appendFile(file, 'ee\nfour\n')
  await start()
  expect(await read(4)).toEqual(['one', 'two', 'three', 'four'])
})

test('reads a renamed file to its end, and then the new one', async () => {
  await writeFile(file, 'one\n')
  await start()
  expect(await read(1)).toEqual(['one'])
  await rename(file, `${file}.1`)
  await appendFile(`${file}.1`, 'late\n')
  await writeFile(file, 'new\n')
  expect(await read(3)).toEqual(['one', 'late', 'new'])
})

test('finds the file that was renamed while nobody read', async () => {
  await writeFile(file, 'one\n')
  await start()
  expect(await read(1)).toEqual(['one'])
  await stop()
  await appendFile(file, 'two\n')
  await rename(file, `${file}.1`)
  await writeFile(file, 'three\n')
  await start()
  expect(await read(3)).toEqual(['one', 'two', 'three'])
})

test('reads the new file when the old one is gone', async () => {
  await writeFile(file, 'one\n')
  await start()
  expect(await read(1)).toEqual(['one'])
  await stop()
  await rm(file)
  await writeFile(join(directory.path, 'other'), 'keeps the number of the file from being given again')
  await writeFile(file, 'two, which is longer than what was there\n')
  await start()
  expect(await read(2)).toEqual(['one', 'two, which is longer than what was there'])
})

test('reads a file that was emptied from its start', async () => {
  await writeFile(file, 'one\ntwo\n')
  await start()
  expect(await read(2)).toEqual(['one', 'two'])
  await truncate(file)
  await pause(50)
  await appendFile(file, 'new\n')
  expect(await read(3)).toEqual(['one', 'two', 'new'])
})

test('reads lines again that could not be settled', async () => {
  refuse = true
  await writeFile(file, 'one\ntw')
  await start()
  await waitFor(() => failures.length > 2, { what: 'failures' })
  await appendFile(file, 'o\n')
  refuse = false
  expect(await read(2)).toEqual(['one', 'two'])
})

test('passes over a line without end, and goes on behind it', async () => {
  await writeFile(file, `${'x'.repeat(600_000)}\none\n`)
  await start()
  await waitFor(() => lines.includes('one'), { what: 'the next line' })
  expect(lines.at(-1)).toBe('one')
})

test('what is remembered is as good as nothing when it can not be read', async () => {
  await writeFile(file, 'one\n')
  await writeFile(join(directory.path, 'state'), 'a file where a folder should be')
  await rm(join(directory.path, 'state'))
  await start()
  expect(await read(1)).toEqual(['one'])
  await stop()
  await writeFile(join(directory.path, 'state/front-logs.json'), '{"broken')
  await start()
  expect(await read(2)).toEqual(['one', 'one'])
})
