import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Deliverer, DeliveryOrder } from '../../../src/deliver/contract.ts'
import { createRoom } from '../../../src/deliver/rewrite/room.ts'
import { refuse } from '../../../src/policy/refusal.ts'
import { waitFor } from '../../support/processes.ts'
import { deliver, leavingClient, orderFor, readHeader, refusalOf, stalledClient } from '../orders.ts'
import { answerWith, startCrudeStorage } from '../storages.ts'
import { documentOrder, fixedStorage, GATE, rewritten, STORAGE } from './documents.ts'

const DOCUMENT = `{"dist":{"tarball":"${STORAGE}n/-/n-1.0.0.tgz"}}`
const EXPECTED = `{"dist":{"tarball":"${GATE}n/-/n-1.0.0.tgz"}}`
const JSON_TYPE = ['content-type', 'application/json']

test('asks the storage for the whole document, unencoded, whatever the client has already', async () => {
  const storage = fixedStorage(DOCUMENT)
  const headers = {
    accept: 'application/json',
    'accept-encoding': 'gzip, br',
    'user-agent': 'npm',
    range: 'bytes=0-1',
    'if-range': '"x"',
    'if-match': '"x"',
    'if-modified-since': 'Sun, 06 Nov 1994 08:49:37 GMT',
  }
  await deliver(
    rewritten(storage.deliverer).deliverer,
    documentOrder('n', undefined, { method: 'HEAD', headers }),
  )
  expect(storage.orders[0]).toMatchObject({ method: 'GET' })
  expect(storage.orders[0]?.headers).toEqual({
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'npm',
  })
})

test('passes on what still holds of the storage, and speaks for its own bytes', async () => {
  const kept = ['content-type', 'application/vnd.npm.install-v1+json', 'link', '<x>', 'npm-notice', 'hello']
  const dropped = {
    etag: '"old"',
    'last-modified': 'yesterday',
    'content-md5': 'x',
    digest: 'x',
    'repr-digest': 'x',
    'accept-ranges': 'bytes',
    'content-length': '5',
    'cache-control': 'public, max-age=300',
    expires: 'x',
    vary: 'Accept-Encoding',
    age: '7',
  }
  const { deliverer } = rewritten(
    fixedStorage(DOCUMENT, [...Object.entries(dropped).flat(), ...kept]).deliverer,
  )
  const answer = await deliver(deliverer, documentOrder('n'))
  expect(answer.content.toString()).toBe(EXPECTED)
  expect(answer.headers).toEqual([
    ...kept,
    'etag',
    expect.stringMatching(/^"[\w-]{27}"$/),
    'cache-control',
    'private, no-cache',
    'vary',
    'accept, authorization',
    'content-length',
    String(EXPECTED.length),
  ])
  expect(answer.extent).toEqual({ start: 0, end: EXPECTED.length, size: EXPECTED.length })
  expect(answer.sent).toEqual({ bytes: EXPECTED.length, complete: true, upstreamFailed: false })
})

test('answers HEAD as GET, without the body', async () => {
  const { deliverer } = rewritten(fixedStorage(DOCUMENT).deliverer)
  const get = await deliver(deliverer, documentOrder('n'))
  const head = await deliver(deliverer, documentOrder('n', undefined, { method: 'HEAD' }))
  expect(head.body).toBeNull()
  expect(head.headers).toEqual(get.headers)
})

test('answers 304 to a client that has the same rewritten document, and no other', async () => {
  const { deliverer } = rewritten(fixedStorage(DOCUMENT).deliverer)
  const etag = (await deliver(deliverer, documentOrder('n'))).header('etag') ?? ''
  for (const [tag, status] of [
    [etag, 304],
    [`W/${etag}, "x"`, 304],
    ['"x"', 200],
  ] as const) {
    const order = documentOrder('n', undefined, { headers: { 'if-none-match': tag } })
    expect(await deliver(deliverer, order)).toMatchObject({ status })
  }
  const elsewhere = documentOrder('n', undefined, {
    baseUrl: 'https://dl.example.com/OTHER/acme/npm/',
    headers: { 'if-none-match': etag },
  })
  expect(await deliver(deliverer, elsewhere)).toMatchObject({ status: 200 })
})

test('sends the 304 with the validators and no length', async () => {
  const { deliverer } = rewritten(fixedStorage(DOCUMENT).deliverer)
  const answer = await deliver(
    deliverer,
    documentOrder('n', undefined, { headers: { 'if-none-match': '*' } }),
  )
  expect(answer).toMatchObject({ status: 304, body: null })
  expect(answer.header('content-length')).toBeUndefined()
  expect(answer.header('cache-control')).toBe('private, no-cache')
})

const encodings: [string, (text: string) => Buffer][] = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['GZIP', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['zstd', zstdCompressSync],
  ['identity', Buffer.from],
]
test.each(encodings)('decodes what a storage sends as %s all the same', async (encoding, compress) => {
  const storage = fixedStorage(compress(DOCUMENT), [...JSON_TYPE, 'content-encoding', encoding])
  const answer = await deliver(rewritten(storage.deliverer).deliverer, documentOrder('n'))
  expect(answer.content.toString()).toBe(EXPECTED)
  expect(answer.header('content-encoding')).toBeUndefined()
})

const undecodable: [string, string, Buffer][] = [
  ['an unknown encoding', 'rot13', Buffer.from(DOCUMENT)],
  ['one encoding on top of another', 'gzip, br', brotliCompressSync(gzipSync(DOCUMENT))],
  ['broken data', 'gzip', Buffer.from(DOCUMENT)],
  ['half of the data', 'gzip', gzipSync(DOCUMENT).subarray(0, -9)],
  ['data that grows beyond the limit', 'gzip', gzipSync(Buffer.alloc(1_000_000))],
]
test.each(undecodable)('refuses %s rather than to pass it on', async (_, encoding, content) => {
  const storage = fixedStorage(content, [...JSON_TYPE, 'content-encoding', encoding])
  const { deliverer, failures } = rewritten(storage.deliverer, { limitBytes: 100_000 })
  expect(await refusalOf(deliverer, documentOrder('n'))).toBe('upstream_failed')
  expect(failures).toHaveLength(1)
})

test('refuses a document above the limit unread, and says so to the operator', async () => {
  const storage = fixedStorage(DOCUMENT)
  const { deliverer, failures } = rewritten(storage.deliverer, { limitBytes: DOCUMENT.length - 1 })
  expect(await refusalOf(deliverer, documentOrder('n'))).toBe('upstream_failed')
  expect(storage.discarded()).toBe(1)
  expect(failures).toEqual([expect.stringContaining(`more than ${DOCUMENT.length - 1} bytes`)])
})

test('reads no more than the limit of a document of unknown length, and lets go of the storage', async () => {
  await using storage = await startCrudeStorage((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    const write = (): void => {
      while (socket.writable && socket.write(Buffer.alloc(64 * 1024))) continue
    }
    socket.on('drain', write)
    write()
  })
  const { deliverer, failures } = rewritten(storage.deliverer, { limitBytes: 1_000_000 })
  expect(await refusalOf(deliverer, documentOrder('n'))).toBe('upstream_failed')
  await waitFor(() => storage.server.open() === 0)
  expect(failures).toHaveLength(1)
  expect(storage.failures).toEqual([])
})

test('refuses a document that broke off, which the storage itself has told', async () => {
  await using storage = await startCrudeStorage((socket) => {
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{"dist":{')
  })
  const { deliverer, failures } = rewritten(storage.deliverer)
  expect(await refusalOf(deliverer, documentOrder('n'))).toBe('upstream_failed')
  expect(storage.failures).toHaveLength(1)
  expect(failures).toEqual([])
})

test('lets go of the storage when the client leaves while the document is read', async () => {
  await using storage = await startCrudeStorage(answerWith('200 OK', { 'content-length': '900' }, '{'))
  const { deliverer, failures } = rewritten(storage.deliverer)
  const { onGone, leave } = leavingClient()
  const opening = deliverer.open(documentOrder('n', undefined, { onGone }))
  await waitFor(() => storage.server.requests().length === 1)
  leave()
  expect(await opening).toMatchObject({ ok: false })
  await waitFor(() => storage.server.open() === 0)
  expect([...failures, ...storage.failures]).toEqual([])
})

test('hands a large document over only as fast as the client takes it', async () => {
  const large = `{"readme":"${'x'.repeat(3_000_000)}","tarball":"${STORAGE}n/-/n-1.0.0.tgz"}`
  const { deliverer } = rewritten(fixedStorage(large).deliverer)
  const whole = await deliver(deliverer, documentOrder('n'))
  expect(whole.content.toString()).toBe(large.replace(STORAGE, GATE))
  const opened = await deliverer.open(documentOrder('n'))
  if (!opened.ok || opened.body === null) throw new Error('there is no body')
  const client = stalledClient()
  const sending = opened.body.send(client)
  client.destroy()
  const sent = await sending
  expect(sent).toMatchObject({ complete: false, upstreamFailed: false })
  expect(sent.bytes).toBeLessThan(300_000)
})

test.each([301, 304, 404, 412])('passes the answer %i of the storage through', async (status) => {
  const storage =
    status === 404
      ? { open: async () => refuse('not_found'), close: async () => undefined }
      : fixedStorage('', ['location', `${GATE}n/`], status).deliverer
  const direct = await storage.open(documentOrder('n'))
  expect(await rewritten(storage).deliverer.open(documentOrder('n'))).toEqual(direct)
})

test('leaves tarballs, documents that belong to no package and other formats to the storage', async () => {
  const artifacts: Partial<DeliveryOrder['artifact']>[] = [
    { format: 'npm', kind: 'package', name: 'n', version: '1.0.0' },
    { format: 'npm', kind: 'metadata' },
    { format: 'npm', kind: 'listing', name: 'n' },
    { format: 'deb', kind: 'metadata', name: 'n' },
  ]
  for (const artifact of artifacts) {
    const storage = fixedStorage(DOCUMENT, ['etag', '"theirs"'])
    const { deliverer } = rewritten(storage.deliverer)
    const order = orderFor('n', { headers: { range: 'bytes=0-1' } })
    const whole: DeliveryOrder = { ...order, artifact: { ...order.artifact, ...artifact } }
    const answer = await deliver(deliverer, whole)
    expect(answer.content.toString()).toBe(DOCUMENT)
    expect(storage.orders[0]).toBe(whole)
  }
})

test('closes what it rewrites', async () => {
  let closed = 0
  const inner: Deliverer = { open: fixedStorage('').deliverer.open, close: async () => void closed++ }
  await rewritten(inner).deliverer.close()
  expect(closed).toBe(1)
})

test('rewrites a packument of many megabytes and lets others run in between', async () => {
  const versions = Array.from({ length: 10_000 }, (_, minor) => [
    `1.${minor}.0`,
    { readme: 'x'.repeat(1800), dist: { tarball: `${STORAGE}n/-/n-1.${minor}.0.tgz` } },
  ])
  const document = JSON.stringify({ name: 'n', versions: Object.fromEntries(versions) as object })
  expect(document.length).toBeGreaterThan(18_000_000)
  const { deliverer } = rewritten(fixedStorage(document).deliverer)
  let turns = 0
  let isOver = false
  const countTurns = (): void => {
    turns++
    if (!isOver) setImmediate(countTurns)
  }
  countTurns()
  const opened = await deliverer.open(documentOrder('n'))
  isOver = true
  expect(opened).toMatchObject({ ok: true, status: 200 })
  expect(opened.ok && readHeader(opened)('content-length')).toBe(
    String(document.length + 10_000 * (GATE.length - STORAGE.length)),
  )
  // Others get their turn between slices; how long one takes is the bench's business.
  expect(turns).toBeGreaterThan(10)
})

test('works on no more documents at once than there is room for, and lets go of those whose clients leave', async () => {
  const room = createRoom(2 * DOCUMENT.length)
  const storage = fixedStorage(DOCUMENT)
  const { deliverer } = rewritten(storage.deliverer, { room })
  const [first, second] = await Promise.all([
    room.take(DOCUMENT.length, stays),
    room.take(DOCUMENT.length, stays),
  ])
  const { onGone, leave } = leavingClient()
  const leaving = deliverer.open(documentOrder('n', undefined, { onGone }))
  const staying = deliver(deliverer, documentOrder('n'))
  await waitFor(() => storage.orders.length === 2)
  leave()
  expect(await leaving).toMatchObject({ ok: false })
  expect(storage.discarded()).toBe(1)
  first?.()
  expect((await staying).content.toString()).toBe(EXPECTED)
  second?.()
})

const stays = (): void => undefined
