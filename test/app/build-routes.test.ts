import { createServer } from 'node:http'
import { once } from 'node:events'
import { utimes, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createRouteBuilder, type RouteBuilder } from '../../src/app/build-routes.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/types.ts'
import type { Routes } from '../../src/gateway/routes.ts'
import { deliver, orderFor } from '../deliver/orders.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'

let asked: string[] = []
const server = createServer((request, response) => {
  asked.push(request.url ?? '')
  response.writeHead(200, { 'cache-control': 'max-age=600', 'content-length': 4 }).end('file')
})
let directory: TemporaryDirectory
let url: string
let builder: RouteBuilder
const results: string[] = []

beforeAll(async () => {
  directory = await temporaryDirectory('routes')
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  asked = []
  builder = createRouteBuilder({
    onFailure: (_, error) => {
      throw error
    },
    onCacheResult: (result) => results.push(result),
    clock: Date.now,
    monotonic: () => performance.now(),
    random: Math.random,
    newId: () => 'id',
    serves: true,
    onUpstreamDown: () => undefined,
    onUpstreamUp: () => undefined,
    onFailover: () => undefined,
  })
})
afterEach(() => builder.close())
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await directory.remove()
})

async function configure(fields: object): Promise<Config> {
  const file = join(directory.path, 'postern.yaml')
  await writeFile(file, JSON.stringify(fields))
  const loaded = loadConfig(file, {})
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded.config
}

const raw = (upstream: string, more: object = {}): object => ({ format: 'raw', upstream, ...more })

async function fetchFrom({ repositories }: Routes, ...names: string[]): Promise<void> {
  for (const name of names) {
    const served = repositories.get(name)
    if (served === undefined) throw new Error(`${name} is not served`)
    await deliver(served.deliverer, orderFor('x'))
  }
}

test('a reload keeps in memory what belongs to repositories that stay as they are', async () => {
  const before = {
    'acme/same': raw(`${url}/same`),
    'acme/moved': raw(`${url}/old`),
    'acme/gone': raw(`${url}/gone`),
  }
  await fetchFrom(
    builder.build(await configure({ repositories: before })),
    'acme/same',
    'acme/moved',
    'acme/gone',
  )
  expect(builder.cacheSize().objects).toBe(3)
  const after = { 'acme/same': raw(`${url}/same`), 'acme/moved': raw(`${url}/new`) }
  const routes = builder.build(await configure({ repositories: after, drain_timeout: '1s' }))
  expect(builder.cacheSize().objects).toBe(1)
  await fetchFrom(routes, 'acme/same', 'acme/moved')
  expect(asked).toEqual(['/same/x', '/old/x', '/gone/x', '/new/x'])
})

test('a repository that is gone for a while comes back without its memory', async () => {
  const repositories = { 'acme/a': raw(`${url}/a`), 'acme/b': raw(`${url}/b`) }
  await fetchFrom(builder.build(await configure({ repositories })), 'acme/a')
  builder.build(await configure({ repositories: { 'acme/b': raw(`${url}/b`) } }))
  await fetchFrom(builder.build(await configure({ repositories })), 'acme/a')
  expect(asked).toEqual(['/a/x', '/a/x'])
})

test('other settings of the cache begin with an empty one', async () => {
  const repositories = { 'acme/a': raw(`${url}/a`) }
  await fetchFrom(builder.build(await configure({ repositories })), 'acme/a')
  const routes = builder.build(await configure({ repositories, cache: { max_object_size: '3B' } }))
  expect(builder.cacheSize()).toEqual({ objects: 0, bytes: 0 })
  await fetchFrom(routes, 'acme/a', 'acme/a')
  expect(asked).toHaveLength(3)
})

test('without memory, or for a repository that wants none, the storage is asked each time', async () => {
  const own = { 'acme/a': raw(`${url}/a`, { cache: false }) }
  await fetchFrom(builder.build(await configure({ repositories: own })), 'acme/a', 'acme/a')
  const all = { 'acme/a': raw(`${url}/a`) }
  const config = await configure({ repositories: all, cache: { max_size: '0B' } })
  await fetchFrom(builder.build(config), 'acme/a', 'acme/a')
  expect(asked).toHaveLength(4)
  expect(builder.purge({ repository: undefined, path: undefined })).toBe(0)
})

test('a folder is cached when its repository wants it', async () => {
  await using folder = await temporaryDirectory('folder')
  const file = join(folder.path, 'x')
  await writeFile(file, 'x')
  await utimes(file, new Date(0), new Date(0))
  results.splice(0)
  const repositories = {
    'acme/cold': raw(`file:${folder.path}`),
    'acme/hot': raw(`file:${folder.path}`, { cache: true }),
  }
  const routes = builder.build(await configure({ repositories }))
  await fetchFrom(routes, 'acme/cold', 'acme/cold', 'acme/hot', 'acme/hot')
  expect(results).toEqual(['miss', 'hit'])
})

test('a purge forgets the files of its repository', async () => {
  const repositories = { 'acme/a': raw(`${url}/a`), 'acme/b': raw(`${url}/b`) }
  const routes = builder.build(await configure({ repositories }))
  await fetchFrom(routes, 'acme/a', 'acme/b')
  expect(builder.purge({ repository: 'acme/a', path: undefined })).toBe(1)
  await fetchFrom(routes, 'acme/a', 'acme/b')
  expect(asked).toEqual(['/a/x', '/b/x', '/a/x'])
})
