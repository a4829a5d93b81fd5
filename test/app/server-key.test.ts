import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readServerKey } from '../../src/app/server-key.ts'
import { temporaryDirectory } from '../support/processes.ts'

const KEY = 'k'.repeat(43)

test('a missing key is made, readable by its owner only, and found again', async () => {
  await using directory = await temporaryDirectory('key')
  const file = join(directory.path, 'data/postern.db.key')
  expect(readServerKey(file, () => KEY, 'p1')).toBe(KEY)
  expect(readServerKey(file, () => 'another'.repeat(9), 'p2')).toBe(KEY)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(directory.path, 'data'))).toEqual(['postern.db.key'])
})

test('of two processes that make it at once both have the same', async () => {
  await using directory = await temporaryDirectory('key')
  const file = join(directory.path, 'key')
  const other = 'o'.repeat(43)
  const makeMeanwhile = (): string => {
    readServerKey(file, () => other, 'p2')
    return KEY
  }
  expect(readServerKey(file, makeMeanwhile, 'p1')).toBe(other)
})

test('a key that was cut off is refused, not replaced', async () => {
  await using directory = await temporaryDirectory('key')
  const file = join(directory.path, 'key')
  await writeFile(file, 'short\n')
  expect(() => readServerKey(file, () => KEY, 'p1')).toThrow(/too short/)
  expect(await readFile(file, 'utf8')).toBe('short\n')
})

test('a key that can not be read is reported, not replaced', async () => {
  await using directory = await temporaryDirectory('key')
  const file = join(directory.path, 'key')
  await mkdir(file)
  expect(() => readServerKey(file, () => KEY, 'p1')).toThrow(/can't be read/)
})
