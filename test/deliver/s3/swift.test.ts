import type { LookupFunction } from 'node:net'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFixed } from '../../../src/deliver/s3/credentials/renewed.ts'
import { get } from '../../support/requests.ts'
import { startSwift, STORAGE_DOMAIN, type Swift } from '../../support/swift.ts'
import { artifactAt, deliver, orderFor, refusalOf } from '../orders.ts'
import { KEYS, openBucket } from './buckets.ts'

const PACKAGES = 'packages'
const MODIFIED = new Date('2026-03-04T05:06:07Z')

let swift: Swift

beforeAll(async () => {
  swift = await startSwift()
  await swift.createBucket(PACKAGES)
  await swift.put(PACKAGES, 'tool.bin', 'a tool', { modified: MODIFIED })
  await swift.put(PACKAGES, 'below/a prefix/tool.bin', 'another tool')
}, 120_000)

afterAll(() => swift?.[Symbol.asyncDispose]())

const MARKS = [...'+ ()\'!*~%#?&=@:;,$[]{}|^`"\\<>äß例🎁aZ09.-_']
const segment = fc
  .string({ unit: fc.constantFrom(...MARKS), minLength: 1, maxLength: 12 })
  .filter((text) => text !== '.' && text !== '..')
const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'))

test('keys of any characters are found, by a signed request and by a link', async () => {
  await using bucket = openBucket(swift.endpoint)
  let number = 0
  await fc.assert(
    fc.asyncProperty(key, async (name) => {
      const path = `odd/${++number}/${name}`
      await swift.put(PACKAGES, path, path)
      expect((await deliver(bucket.deliverer, orderFor(path))).content.toString()).toBe(path)
      const link = await linkFor(bucket.links, path)
      expect(await (await fetch(link)).text()).toBe(path)
    }),
    { numRuns: 25, examples: [[`${MARKS.join('')}/%2F%41/+`]] },
  )
  expect(bucket.failures).toEqual([])
})

test('a bucket may stand in the host name, for a signed request and for a link', async () => {
  const { port } = new URL(swift.endpoint)
  const lookup: LookupFunction = (_, { all }, found) =>
    all === true ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4)
  const endpoint = `http://${STORAGE_DOMAIN}:${port}`
  await using bucket = openBucket(endpoint, { addressing: 'virtual', lookup })
  const before = swift.heard().length
  expect((await deliver(bucket.deliverer, orderFor('below/a prefix/tool.bin'))).content.toString()).toBe(
    'another tool',
  )
  expect(swift.heard().slice(before)).toMatch(/^GET \/below\/a%20prefix\/tool\.bin /)
  const { host, pathname, search } = new URL(await linkFor(bucket.links, 'tool.bin'))
  expect(host).toBe(`packages.${STORAGE_DOMAIN}:${port}`)
  const given = await get(swift.endpoint + pathname + search, { headers: { Host: host } })
  expect([given.status, given.body.toString()]).toEqual([200, 'a tool'])
})

async function linkFor(links: ReturnType<typeof openBucket>['links'], path: string): Promise<string> {
  const answer = await deliver(links, orderFor(path, { mayBeSentTo: () => true }))
  expect(answer.status).toBe(302)
  return answer.header('location') ?? ''
}

test('what a repository is lies below its prefix, and nothing else', async () => {
  await using bucket = openBucket(swift.endpoint, { prefix: 'below/a prefix/' })
  expect((await deliver(bucket.deliverer, orderFor('tool.bin'))).content.toString()).toBe('another tool')
  expect(await refusalOf(bucket.deliverer, orderFor('below/a prefix/tool.bin'))).toBe('not_found')
})

const mistakes: [string, Parameters<typeof openBucket>[1], RegExp][] = [
  [
    'a wrong secret access key',
    { credentials: createFixed({ ...KEYS, secretAccessKey: 'hunter2' }) },
    /403 SignatureDoesNotMatch: the secret access key is wrong/,
  ],
  [
    'an unknown access key id',
    { credentials: createFixed({ ...KEYS, accessKeyId: 'test:nobody' }) },
    /403 SignatureDoesNotMatch/,
  ],
  ['another region', { region: 'eu-central-1' }, /400 AuthorizationHeaderMalformed: the region is another/],
  ['a bucket that is not there', { bucket: 'elsewhere' }, /404 NoSuchBucket: there is no such bucket/],
  ['a clock that is off', { clock: () => Date.now() - 3_600_000 }, /403 RequestTimeTooSkewed: the clock/],
]
test.each(mistakes)('%s is a failure that the operator is told of, and no absence', async (_, how, told) => {
  await using bucket = openBucket(swift.endpoint, how)
  for (const method of ['GET', 'HEAD'] as const) {
    expect(await refusalOf(bucket.deliverer, orderFor('tool.bin', { method }))).toBe('upstream_failed')
    expect(await refusalOf(bucket.deliverer, orderFor('nothing.bin', { method }))).toBe('upstream_failed')
  }
  expect(bucket.failures).toHaveLength(4)
  for (const failure of bucket.failures) expect(failure).toMatch(told)
  expect(bucket.failures.join()).not.toContain('hunter2')
})

test('nothing of the client reaches the storage but a range, a condition, its name and what it decodes', async () => {
  await using bucket = openBucket(swift.endpoint)
  const before = swift.heard().length
  const headers = {
    accept: 'text/html',
    'accept-encoding': 'gzip',
    'cache-control': 'no-cache',
    'if-none-match': '"other"',
    'if-range': '"5"',
    range: 'bytes=0-1',
    'user-agent': 'client/1',
    'x-amz-acl': 'public-read',
  }
  await deliver(bucket.deliverer, orderFor('tool.bin', { headers, query: 'acl&versionId=1' }))
  const heard = swift.heard().slice(before)
  const lines = heard.trim().split('\r\n')
  expect(lines[0]).toBe('GET /packages/tool.bin HTTP/1.1')
  const names = lines.filter((line) => line.includes(': ')).map((line) => line.slice(0, line.indexOf(':')))
  expect(new Set(names)).toEqual(
    new Set([
      'accept-encoding',
      'authorization',
      'connection',
      'host',
      'if-none-match',
      'range',
      'user-agent',
      'x-amz-content-sha256',
      'x-amz-date',
    ]),
  )
})

test('the storage’s own affairs stay with it', async () => {
  await using bucket = openBucket(swift.endpoint)
  const { headers } = await deliver(bucket.deliverer, orderFor('tool.bin'))
  const names = headers.filter((_, index) => index % 2 === 0)
  expect(names.filter((name) => name.startsWith('x-'))).toEqual([])
})

test('a document whose type the storage does not know has that of its format', async () => {
  await swift.put(PACKAGES, 'left-pad', '{}', { contentType: 'binary/octet-stream' })
  await using bucket = openBucket(swift.endpoint)
  const artifact = artifactAt('left-pad', { format: 'npm', kind: 'metadata', name: 'left-pad' })
  const answer = await deliver(bucket.deliverer, orderFor('', { artifact }))
  expect(answer.header('content-type')).toBe('application/json')
})

test('a link gives the file to whoever has it, in parts too, until it expires, and no other', async () => {
  await using bucket = openBucket(swift.endpoint, { lifetimeMs: 60_000 })
  const link = await linkFor(bucket.links, 'tool.bin')
  expect(link).toMatch(/[?&]x-postern-id=id1(?:&|$)/)
  expect(await (await fetch(link)).text()).toBe('a tool')
  expect(await (await fetch(link, { headers: { range: 'bytes=2-5' } })).text()).toBe('tool')
  expect((await fetch(link.replace('tool.bin', 'left-pad'))).status).toBe(403)
  expect((await fetch(link.replace('x-postern-id=id1', 'x-postern-id=id2'))).status).toBe(403)
  await using late = openBucket(swift.endpoint, { clock: () => Date.now() - 61_000 })
  expect((await fetch(await linkFor(late.links, 'tool.bin'))).status).toBe(403)
})

test('a link says how much it hands over, of which day, and that nobody is to keep it', async () => {
  await using bucket = openBucket(swift.endpoint)
  const answer = await deliver(bucket.links, orderFor('tool.bin', { mayBeSentTo: () => true }))
  expect(answer).toMatchObject({
    extent: { start: 0, end: 6, size: 6 },
    body: null,
    handedOver: { id: 'id1' },
  })
  expect(answer.header('last-modified')).toBe(MODIFIED.toUTCString())
  expect(answer.header('cache-control')).toBe('no-store')
  expect(answer.header('referrer-policy')).toBe('no-referrer')
})

test('there is no link to what is not there, has not changed, or is refused', async () => {
  await using bucket = openBucket(swift.endpoint)
  const mayBeSentTo = (): boolean => true
  expect(await refusalOf(bucket.links, orderFor('nothing.bin', { mayBeSentTo }))).toBe('not_found')
  const conditions = { 'if-modified-since': MODIFIED.toUTCString() }
  const known = await deliver(bucket.links, orderFor('tool.bin', { mayBeSentTo, headers: conditions }))
  expect(known.status).toBe(304)
  const failing = await deliver(
    bucket.links,
    orderFor('tool.bin', { mayBeSentTo, headers: { 'if-match': '"other"' } }),
  )
  expect(failing.status).toBe(412)
})

test('HEAD, parts, documents, empty files, and clients that may not be sent on are streamed', async () => {
  await swift.put(PACKAGES, 'empty.bin', '')
  await using bucket = openBucket(swift.endpoint)
  const mayBeSentTo = (): boolean => true
  const orders = [
    orderFor('tool.bin', { mayBeSentTo, method: 'HEAD' }),
    orderFor('tool.bin', { mayBeSentTo, headers: { range: 'bytes=0-1' } }),
    orderFor('', { mayBeSentTo, artifact: artifactAt('tool.bin', { kind: 'metadata' }) }),
    orderFor('empty.bin', { mayBeSentTo }),
    orderFor('tool.bin'),
  ]
  const statuses = []
  for (const order of orders) statuses.push((await deliver(bucket.links, order)).status)
  expect(statuses).toEqual([200, 206, 200, 200, 200])
})
