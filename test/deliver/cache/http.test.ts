import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCachingDeliverer } from '../../../src/deliver/cache/caching-deliverer.ts'
import { createObjectStore } from '../../../src/deliver/cache/object-store.ts'
import type { Deliverer } from '../../../src/deliver/contract.ts'
import { createHttpDeliverer } from '../../../src/deliver/http.ts'
import { startNginx } from '../../support/nginx.ts'
import { temporaryDirectory, waitFor } from '../../support/processes.ts'
import { deliver, leavingClient, orderFor, refusalOf } from '../orders.ts'
import { answerWith, optionsFor, startCrudeStorage } from '../storages.ts'

function cached(inner: Deliverer, defaultTtlMs = 60_000): Deliverer {
  return createCachingDeliverer(inner, {
    store: createObjectStore(1_000_000),
    repository: 'acme/files',
    maxObjectBytes: 1_000,
    defaultTtlMs,
    patienceMs: 5_000,
    clock: Date.now,
    monotonic: () => performance.now(),
  })
}

test('an answer with a cookie is not kept, and the cookie is given to nobody', async () => {
  const headers = { 'Content-Length': '4', 'Set-Cookie': 'session=1', 'Cache-Control': 'max-age=600' }
  await using storage = await startCrudeStorage(answerWith('200 OK', headers, 'file'))
  const deliverer = cached(storage.deliverer)
  for (let i = 0; i < 2; i++) {
    expect((await deliver(deliverer, orderFor('a'))).header('set-cookie')).toBeUndefined()
  }
  expect(storage.server.requests()).toHaveLength(2)
})

test('an answer without a length is passed on and not kept', async () => {
  const chunked = answerWith('200 OK', { 'Transfer-Encoding': 'chunked' }, '4\r\nfile\r\n0\r\n\r\n')
  await using storage = await startCrudeStorage(chunked)
  const deliverer = cached(storage.deliverer)
  for (let i = 0; i < 2; i++)
    expect((await deliver(deliverer, orderFor('a'))).content.toString()).toBe('file')
  expect(storage.server.requests()).toHaveLength(2)
})

test('a body that the storage breaks off is refused before its first byte', async () => {
  await using storage = await startCrudeStorage((socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
  })
  expect(await refusalOf(cached(storage.deliverer), orderFor('a'))).toBe('upstream_failed')
  expect(storage.failures).toHaveLength(1)
})

test('the storage’s connection is let go when the last of several clients leaves, and not before', async () => {
  await using storage = await startCrudeStorage((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
  })
  const deliverer = cached(storage.deliverer)
  const clients = Array.from({ length: 3 }, leavingClient)
  const all = clients.map(({ onGone }) => deliverer.open(orderFor('a', { onGone })))
  await waitFor(() => storage.server.requests().length === 1)
  clients[0]?.leave()
  clients[2]?.leave()
  expect(storage.server.open()).toBe(1)
  clients[1]?.leave()
  await waitFor(() => storage.server.open() === 0)
  await Promise.all(all)
  expect(storage.failures).toEqual([])
})

test('a file that changes within the second of its last change, without changing its size, is not missed', async () => {
  await using directory = await temporaryDirectory('second')
  await using nginx = await startNginx({ root: directory.path })
  const http = createHttpDeliverer(optionsFor(`${nginx.url}/`))
  const deliverer = cached(http, 0)
  const now = new Date()
  const publish = async (content: string): Promise<void> => {
    await writeFile(join(directory.path, 'InRelease'), content)
    await utimes(join(directory.path, 'InRelease'), now, now)
  }
  await publish('one')
  expect((await deliver(deliverer, orderFor('InRelease'))).content.toString()).toBe('one')
  await publish('two')
  expect((await deliver(deliverer, orderFor('InRelease'))).content.toString()).toBe('two')
  await deliverer.close()
})

test('nginx is asked with conditions for what it served, and its 304 is enough', async () => {
  await using directory = await temporaryDirectory('conditions')
  const file = join(directory.path, 'a')
  await writeFile(file, 'content')
  await utimes(file, new Date(0), new Date(0))
  await using nginx = await startNginx({ root: directory.path })
  const deliverer = cached(createHttpDeliverer(optionsFor(`${nginx.url}/`)), 0)
  for (let i = 0; i < 3; i++) {
    expect((await deliver(deliverer, orderFor('a'))).content.toString()).toBe('content')
  }
  await expect.poll(async () => (await nginx.requests()).map(({ status }) => status)).toEqual([200, 304, 304])
  await deliverer.close()
})
