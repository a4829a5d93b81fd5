import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get } from '../support/requests.ts'
import { downloadsOf, FAR_LIMIT } from './entitlements.ts'

/** uv itself is in no registry that the tests can reach: these are the requests that its sources and issues tell of. */

const REPOSITORY = 'acme/py'
const WHEEL = 'packages/acme_lib-1.0-py3-none-any.whl'
const ACCEPT =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('python')
  const repositories = { [REPOSITORY]: { format: 'python', upstream: `${storage.url}/python/` } } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

function basic(secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`token:${secret}`).toString('base64')}` }
}

test('uv is challenged for the credentials that it looks up only then', async () => {
  const url = `${gate.url}/basic/${REPOSITORY}/simple/acme-lib/`
  const { token } = await gate.createToken(REPOSITORY)
  const first = await get(url, { headers: { accept: ACCEPT } })
  expect(first).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': expect.stringMatching(/^Basic realm=/) },
  })
  const second = await get(url, { headers: { accept: ACCEPT, ...basic(token) } })
  expect(second.status).toBe(200)
  expect(second.headers['content-type']).toBe('text/html')
})

test('uv goes on to no other index, which a 404 would make it do', async () => {
  const url = `${gate.url}/basic/${REPOSITORY}/simple/acme-lib/`
  const { token } = await gate.createToken(REPOSITORY, { limit_packages: ['plain-demo'] })
  expect((await get(url, { headers: { accept: ACCEPT, ...basic(token) } })).status).toBe(403)
})

test('uv reads the end of a wheel before it takes the whole, for one download', async () => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  const headers = { 'accept-encoding': 'identity', ...basic(token.token) }
  const url = `${gate.url}/basic/${REPOSITORY}/${WHEEL}`
  const content = await readFile(join(storage.root, 'python', WHEEL))
  const head = await get(url, { method: 'HEAD', headers })
  expect(head).toMatchObject({
    status: 200,
    headers: { 'accept-ranges': 'bytes', 'content-length': String(content.length) },
  })
  const from = content.length - 90
  const end = await get(url, { headers: { ...headers, range: `bytes=${from}-${content.length - 1}` } })
  expect(end).toMatchObject({ status: 206, body: content.subarray(from) })
  expect((await get(url, { headers })).body).toEqual(content)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})
