import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startFolder } from '../../../src/edge/logs/folder.ts'
import { openPositions, type Positions } from '../../../src/edge/logs/positions.ts'
import type { LogReader } from '../../../src/edge/logs/reader.ts'
import { temporaryDirectory, waitFor, type TemporaryDirectory } from '../../support/processes.ts'

let directory: TemporaryDirectory
let folder: string
let lines: string[]
let failures: unknown[]
let positions: Positions
let reader: LogReader

async function start(): Promise<void> {
  positions = await openPositions(join(directory.path, 'state.json'))
  reader = startFolder({
    folder,
    positions,
    pollMs: 5,
    pause: (ms) => pause(ms),
    onLines: async (found) => void lines.push(...found.filter(Boolean)),
    onFailure: (error) => failures.push(error),
  })
}

async function read(count: number): Promise<readonly string[]> {
  await waitFor(() => lines.length >= count, { what: `${count} lines`, timeoutMs: 5_000 }).catch(
    () => undefined,
  )
  return lines.toSorted()
}

beforeEach(async () => {
  directory = await temporaryDirectory('folder')
  folder = join(directory.path, 'logs')
  await mkdir(join(folder, 'a/b'), { recursive: true })
  lines = []
  failures = []
})
afterEach(async () => {
  await reader.close()
  await directory.remove()
})

test('reads files that are there and that come, packed or not, in folders too', async () => {
  await writeFile(join(folder, 'one'), 'one\ntwo\n')
  await start()
  expect(await read(2)).toEqual(['one', 'two'])
  await writeFile(join(folder, 'a/b/three.gz'), gzipSync('three\n'))
  expect(await read(3)).toEqual(['one', 'three', 'two'])
  expect(failures).toEqual([])
})

test('reads a file once, also after a restart, and of one that grows what is new', async () => {
  await writeFile(join(folder, 'one'), 'one\n')
  await start()
  expect(await read(1)).toEqual(['one'])
  await waitFor(() => positions.get(join(folder, 'one')) !== undefined, { what: 'the position' })
  await reader.close()
  await appendFile(join(folder, 'one'), 'two\n')
  await start()
  expect(await read(2)).toEqual(['one', 'two'])
})

test('goes on behind a file that can not be unpacked, and forgets files that are gone', async () => {
  await writeFile(join(folder, 'broken.gz'), 'no gzip')
  await writeFile(join(folder, 'one'), 'one\n')
  await start()
  expect(await read(1)).toEqual(['one'])
  await waitFor(() => failures.length > 0, { what: 'the failure' })
  await rm(join(folder, 'one'))
  await writeFile(join(folder, 'two'), 'two\n')
  expect(await read(2)).toEqual(['one', 'two'])
  await waitFor(() => positions.get(join(folder, 'one')) === undefined, { what: 'the position to go' })
})

test('waits for a folder that was taken away', async () => {
  await start()
  await rm(folder, { recursive: true })
  await waitFor(() => failures.length > 0, { what: 'the failure' })
  await mkdir(folder)
  await writeFile(join(folder, 'one'), 'one\n')
  expect(await read(1)).toEqual(['one'])
})
