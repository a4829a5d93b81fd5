import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { get, type Answer } from '../support/requests.ts'

const REPOSITORY = 'acme/tools'
const SIZE = 1_000
const MODIFIED = 'Wed, 04 Mar 2026 05:06:07 GMT'

/** What a bucket says of its files; that it verifies signatures, test/clients/s3.test.ts relies on. */
let bucket: Server
let asked: string[] = []
let gate: Gate

beforeAll(async () => {
  bucket = createServer(({ method, url = '', headers }, response) => {
    asked.push(`${method} ${url}`)
    const file = { 'last-modified': MODIFIED, etag: '"1"', 'accept-ranges': 'bytes' }
    if (url.includes('nothing')) {
      const reason = '<Error><Code>NoSuchKey</Code></Error>'
      return void response.writeHead(404, { 'content-length': reason.length }).end(reason)
    }
    if (headers.range !== undefined) {
      const part = { 'content-length': 500, 'content-range': `bytes 0-499/${SIZE}` }
      return void response.writeHead(206, { ...file, ...part }).end('x'.repeat(500))
    }
    response.writeHead(200, { ...file, 'content-length': SIZE }).end('x'.repeat(SIZE))
  })
  bucket.listen(0, '127.0.0.1')
  await once(bucket, 'listening')
  const endpoint = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`
  const credentials = { access_key_id: 'AKIAEXAMPLE', secret_access_key: 'hunter2' }
  const s3 = { endpoint, credentials, public_endpoint: 'https://storage.example.com', link_lifetime: '30s' }
  const upstream = 's3://packages/tools'
  gate = await startGate({
    config: { repositories: { [REPOSITORY]: { format: 'raw', upstream, deliver: 'redirect', s3 } } },
  })
})
beforeEach(() => {
  asked = []
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  bucket.closeAllConnections()
  bucket.close()
})

const ask = ({ token }: GateToken, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
  get(`${gate.url}/${token}/${REPOSITORY}/tool.bin`, { headers, method })

const usageOf = async ({ slug_perm: slugPerm }: GateToken) => {
  const { downloads, clients, bandwidth } = await gate.readToken(REPOSITORY, slugPerm)
  return { downloads, clients, bandwidth }
}

const FAR = { limit_num_downloads: 100, limit_bandwidth: 1_000_000, limit_bandwidth_unit: 'Byte' }

test('a package is answered with a link to the public endpoint that works for as long as is set', async () => {
  const { status, headers, body } = await ask(await gate.createToken(REPOSITORY, FAR))
  expect([status, body.length]).toEqual([302, 0])
  const link = new URL(String(headers['location']))
  expect(link.origin + link.pathname).toBe('https://storage.example.com/packages/tools/tool.bin')
  expect(link.searchParams.get('X-Amz-Expires')).toBe('30')
  expect(link.href).not.toContain('hunter2')
  expect(headers['cache-control']).toContain('no-store')
  expect(asked).toEqual(['HEAD /packages/tools/tool.bin'])
})

test('each link is a download of the whole file, charged before it is given', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  await ask(token)
  expect(await usageOf(token)).toEqual({ downloads: 1, clients: 1, bandwidth: SIZE })
  await ask(token)
  expect(await usageOf(token)).toEqual({ downloads: 2, clients: 1, bandwidth: 2 * SIZE })
})

test.each([
  ['without limits', {}],
  ['with limits', FAR],
])('of a token %s the counters and the history agree', async (_, fields) => {
  const token = await gate.createToken(REPOSITORY, fields)
  await ask(token)
  await ask(token)
  const used = { downloads: 2, clients: 1, bandwidth: 2 * SIZE }
  await expect.poll(() => usageOf(token)).toEqual(used)
  const path = `/downloads/${REPOSITORY}/?token=${token.slug_perm}`
  const logged = async (): Promise<unknown> => (await gate.admin('GET', path)).body
  await expect.poll(logged).toMatchObject([
    { status: 302, bytes: SIZE, downloads: 1 },
    { status: 302, bytes: SIZE, downloads: 1 },
  ])
})

test('HEAD is answered from the storage’s own, and costs nothing', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  const { status, headers } = await ask(token, {}, 'HEAD')
  expect([status, headers['content-length'], headers['location']]).toEqual([200, String(SIZE), undefined])
  expect((await usageOf(token)).downloads).toBe(0)
})

test('a client that has the file is told so, and a part comes through the gate', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  expect((await ask(token, { 'if-none-match': '"1"' })).status).toBe(304)
  expect((await usageOf(token)).downloads).toBe(0)
  const part = await ask(token, { range: 'bytes=0-499' })
  expect([part.status, part.body.length]).toEqual([206, 500])
  expect(await usageOf(token)).toEqual({ downloads: 1, clients: 1, bandwidth: 500 })
})

test('what is resumed here after a link is another download, for the link was charged as the whole file', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  await ask(token)
  await ask(token, { range: 'bytes=0-499' })
  expect(await usageOf(token)).toEqual({ downloads: 2, clients: 1, bandwidth: SIZE + 500 })
})

test('what is used up, too large or published too late gets no link', async () => {
  const refused = [
    { limit_num_downloads: 0 },
    { limit_bandwidth: SIZE - 1, limit_bandwidth_unit: 'Byte' },
    { limit_published_until: '2026-03-04T05:06:06Z' },
  ]
  for (const fields of refused) {
    const { status, headers } = await ask(await gate.createToken(REPOSITORY, fields))
    expect([status, headers['location']]).toEqual([403, undefined])
  }
  const until = { limit_published_until: '2026-03-04T05:06:07Z' }
  expect((await ask(await gate.createToken(REPOSITORY, until))).status).toBe(302)
})

test('what is not there is not found', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  expect((await get(`${gate.url}/${token.token}/${REPOSITORY}/nothing.bin`)).status).toBe(404)
  expect((await usageOf(token)).downloads).toBe(0)
})

test('a token whose downloads at once are limited is served through the gate, which sees them end', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_concurrency: 1 })
  const { status, body } = await ask(token)
  expect([status, body.length]).toEqual([200, SIZE])
})

test('the log and the figures say what was handed over, and by which link', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  const before = gate.output().length
  const { headers } = await ask(token)
  const id = new URL(String(headers['location'])).searchParams.get('x-postern-id')
  await expect.poll(() => gate.output().slice(before)).toContain(`"handed_over":"${id}"`)
  const line =
    gate
      .output()
      .slice(before)
      .split('\n')
      .find((each) => each.includes(String(id))) ?? '{}'
  expect(JSON.parse(line)).toMatchObject({ outcome: 'handed_over', status: 302, bytes: SIZE, downloads: 1 })
  expect(gate.output()).not.toMatch(/hunter2|X-Amz-/)
  const figures = await fetch(`${gate.adminUrl}/metrics`, { headers: { 'x-api-key': gate.adminKey } })
  expect(await figures.text()).toMatch(
    /postern_requests_total\{repository="acme\/tools",outcome="handed_over"\} \d/,
  )
})

test('an explanation asks the bucket, and charges nothing', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  const explained = async (path: string): Promise<unknown> => {
    const target = `/${token.token}/${REPOSITORY}/${path}`
    return (await gate.admin('POST', '/explain/', { method: 'GET', target })).body
  }
  expect(await explained('tool.bin')).toMatchObject({
    allowed: true,
    steps: expect.arrayContaining([{ step: 'storage', ok: true, result: `answers 200, ${SIZE} bytes` }]),
  })
  expect(await explained('nothing.bin')).toMatchObject({ allowed: false, answer: { status: 404 } })
  expect((await usageOf(token)).downloads).toBe(0)
})
