import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFileList } from '../../src/deliver/list-files.ts'
import { temporaryDirectory } from '../support/processes.ts'

async function folderOf(paths: readonly string[]) {
  const folder = await temporaryDirectory('listed')
  for (const path of paths) {
    await mkdir(join(folder.path, path, '..'), { recursive: true })
    await writeFile(join(folder.path, path), path)
  }
  return folder
}

test('names each regular file below the folder and when it was changed, and no link', async () => {
  await using folder = await folderOf(['a.txt', 'deep/er/b.txt', 'deep/c.txt'])
  await symlink('/etc/passwd', join(folder.path, 'passwd'))
  await symlink('/etc', join(folder.path, 'etc'))
  await utimes(join(folder.path, 'a.txt'), 1_700_000_000, 1_700_000_000.9)
  const list = createFileList({ directory: folder.path, mostFiles: 100, keepMs: 0, monotonic: () => 0 })
  const listing = await list()
  expect(listing?.isWhole).toBe(true)
  expect(listing?.files.map(({ path }) => path).toSorted()).toEqual(['a.txt', 'deep/c.txt', 'deep/er/b.txt'])
  expect(listing?.files.find(({ path }) => path === 'a.txt')?.modifiedAt).toBe(1_700_000_000_000)
})

test('says that there is more than it looked at', async () => {
  await using folder = await folderOf(['1', '2', '3', '4'])
  const list = createFileList({ directory: folder.path, mostFiles: 3, keepMs: 0, monotonic: () => 0 })
  const listing = await list()
  expect([listing?.files.length, listing?.isWhole]).toEqual([3, false])
})

test('walks once for all that ask within a while, and again after it', async () => {
  await using folder = await folderOf(['1'])
  let now = 0
  const list = createFileList({ directory: folder.path, mostFiles: 9, keepMs: 10, monotonic: () => now })
  const [first, second] = await Promise.all([list(), list()])
  expect(first).toBe(second)
  await writeFile(join(folder.path, '2'), '2')
  now = 10
  expect((await list())?.files).toHaveLength(1)
  now = 11
  expect((await list())?.files).toHaveLength(2)
})

test('a folder that is gone names nothing, and does not fail', async () => {
  const list = createFileList({ directory: '/nowhere/at/all', mostFiles: 9, keepMs: 0, monotonic: () => 0 })
  expect(await list()).toBeUndefined()
})
