import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, renameSync, symlinkSync } from 'node:fs'
import { appendFile, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFilesDeliverer } from '../../src/deliver/files.ts'
import type { Deliverer } from '../../src/deliver/contract.ts'
import { temporaryDirectory, waitFor, type TemporaryDirectory } from '../support/processes.ts'
import { artifactAt, deliver, openBody, orderFor, refusalOf, stalledClient, take } from './orders.ts'

let directory: TemporaryDirectory
let root: string
let deliverer: Deliverer
const failures: Error[] = []

beforeAll(async () => {
  directory = await temporaryDirectory('files')
  root = join(directory.path, 'root')
  await mkdir(join(root, 'real'), { recursive: true })
  await mkdir(join(directory.path, 'root-beside'))
  await writeFile(join(directory.path, 'secret.txt'), 'secret')
  await writeFile(join(directory.path, 'root-beside', 'secret.txt'), 'secret')
  await writeFile(join(root, 'real', 'file.txt'), 'inside')
  deliverer = createFilesDeliverer({ directory: root, onFailure: (error) => failures.push(error) })
})
afterAll(() => directory.remove())

/** Descriptors of this process, without the one that counts them. */
const openFiles = (): number => readdirSync('/proc/self/fd').length

test('follows links that stay inside the folder', async () => {
  await symlink('real', join(root, 'folder-link'))
  await symlink('real/file.txt', join(root, 'file-link'))
  expect((await deliver(deliverer, orderFor('folder-link/file.txt'))).content.toString()).toBe('inside')
  expect((await deliver(deliverer, orderFor('file-link'))).content.toString()).toBe('inside')
})

test.each([
  '../secret.txt',
  '../../../../../../../../etc/passwd',
  '/etc/passwd',
  '../root-beside/secret.txt',
])('never reads a file by a link to %s', async (target) => {
  const name = `out-${target.replaceAll('/', '_')}`
  await symlink(target, join(root, name))
  expect(await refusalOf(deliverer, orderFor(name))).toBe('not_found')
})

test('never reads a file through a linked folder outside, a loop or a dangling link', async () => {
  await symlink('..', join(root, 'up'))
  await symlink('loop', join(root, 'loop'))
  await symlink('nowhere', join(root, 'dangling'))
  for (const path of ['up/secret.txt', 'up/root-beside/secret.txt', 'loop', 'loop/x', 'dangling']) {
    expect(await refusalOf(deliverer, orderFor(path))).toBe('not_found')
  }
})

test('never reads a file outside, even for a path that no parser would have let through', async () => {
  const paths = [
    '../secret.txt',
    'real/../../secret.txt',
    '../root-beside/secret.txt',
    '..',
    '/../secret.txt',
  ]
  for (const path of paths) {
    const artifact = artifactAt(path, { kind: 'metadata' })
    expect(await refusalOf(deliverer, orderFor('', { artifact }))).toBe('not_found')
  }
})

test('never reads outside while a folder is swapped for a link and back', async () => {
  await mkdir(join(root, 'swapped'))
  await writeFile(join(root, 'swapped', 'secret.txt'), 'inside')
  symlinkSync('../root-beside', join(root, 'link-out'))
  let swapping = true
  const swap = (): void => {
    renameSync(join(root, 'swapped'), join(root, 'aside'))
    renameSync(join(root, 'link-out'), join(root, 'swapped'))
    setImmediate(() => {
      renameSync(join(root, 'swapped'), join(root, 'link-out'))
      renameSync(join(root, 'aside'), join(root, 'swapped'))
      if (swapping) setImmediate(swap)
    })
  }
  swap()
  const seen = new Set<string>()
  const ask = async (): Promise<void> => {
    const opened = await deliverer.open(orderFor('swapped/secret.txt'))
    if (!opened.ok || opened.body === null) return
    seen.add((await take(opened.body)).content.toString())
  }
  for (let i = 0; i < 300; i++) await Promise.all([ask(), ask(), ask(), ask()])
  swapping = false
  expect([...seen]).toEqual(['inside'])
})

test('neither hangs at nor serves pipes, sockets and devices', async () => {
  execFileSync('mkfifo', [join(root, 'pipe')])
  const server = createServer().listen(join(root, 'socket'))
  await once(server, 'listening')
  await symlink('/dev/zero', join(root, 'zero'))
  for (const path of ['pipe', 'socket', 'zero']) {
    expect(await refusalOf(deliverer, orderFor(path))).toBe('not_found')
  }
  server.close()
})

test('serves no pipe as the index of a folder', async () => {
  await mkdir(join(root, 'piped', 'index.json'), { recursive: true })
  const artifact = artifactAt('piped', { kind: 'metadata' })
  expect(await refusalOf(deliverer, orderFor('', { artifact }))).toBe('not_found')
})

test('serves no file of which a name is a part, and no folder by itself', async () => {
  for (const path of ['real', 'real/', 'real/file', 'rea', 'real/file.txt/']) {
    expect(await refusalOf(deliverer, orderFor(path))).toBe('not_found')
  }
})

test('sends what the file had when it was opened, though it grows', async () => {
  const file = join(root, 'growing')
  await writeFile(file, 'begin')
  const body = await openBody(deliverer, orderFor('growing'))
  await appendFile(file, ' and more')
  const { content, sent } = await take(body)
  expect(content.toString()).toBe('begin')
  expect(sent).toEqual({ bytes: 5, complete: true, upstreamFailed: false })
})

test('sends the file that was opened, though another took its place', async () => {
  const file = join(root, 'replaced')
  await writeFile(file, 'one')
  const body = await openBody(deliverer, orderFor('replaced'))
  await writeFile(`${file}.new`, 'two!')
  await rename(`${file}.new`, file)
  expect((await take(body)).content.toString()).toBe('one')
})

test('gives a changed file another ETag, also within the same second', async () => {
  const file = join(root, 'changing')
  const tags = new Set<string | undefined>()
  for (const [content, ms] of [
    ['one', 100],
    ['two', 200],
    ['three', 200],
  ] as const) {
    await writeFile(file, content)
    const time = new Date(1_700_000_000_000 + ms)
    await utimes(file, time, time)
    tags.add((await deliver(deliverer, orderFor('changing'))).header('etag'))
  }
  expect(tags.size).toBe(3)
})

test('fails, and does not say "not found", when the folder itself is gone', async () => {
  const told: string[] = []
  const lost = createFilesDeliverer({
    directory: join(directory.path, 'unmounted'),
    onFailure: ({ message }) => told.push(message),
  })
  expect(await refusalOf(lost, orderFor('file.txt'))).toBe('upstream_failed')
  expect(told[0]).toContain('unmounted')
})

test('closes every file, whatever became of it', async () => {
  await writeFile(join(root, 'big'), Buffer.alloc(1024 * 1024))
  const before = openFiles()
  for (const path of ['big', 'real/file.txt', 'real', 'zero', 'pipe', 'piped']) {
    const opened = await deliverer.open(orderFor(path, { method: 'HEAD' }))
    expect(opened).toBeDefined()
  }
  ;(await openBody(deliverer, orderFor('big'))).discard()
  await deliver(deliverer, orderFor('big'))
  await deliver(deliverer, orderFor('big', { headers: { range: 'bytes=2000000-' } }))
  const client = stalledClient()
  const sending = (await openBody(deliverer, orderFor('big'))).send(client)
  client.destroy()
  await sending
  await waitFor(() => openFiles() <= before)
})

test('tells the type so that no browser runs anything of it', async () => {
  await writeFile(join(root, 'page.html'), '<script>')
  const { header } = await deliver(deliverer, orderFor('page.html'))
  expect(header('content-type')).toBe('application/octet-stream')
  expect(header('x-content-type-options')).toBe('nosniff')
})

test('has not failed in all this', async () => {
  await rm(join(root, 'socket'), { force: true })
  expect(failures).toEqual([])
})
