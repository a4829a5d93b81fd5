import { expect, test } from 'vitest'
import { redirectOutside } from '../../../src/deliver/redirect.ts'
import { imageOf, layerOf } from '../../support/image.ts'
import { startCrudeServer } from '../../support/crude-server.ts'
import { deliver, refusalOf } from '../orders.ts'
import { imageOrder, startRig } from './rig.ts'

const IMAGE = imageOf({ layers: [layerOf('x', 1_000)] })
const [, [digest, layer] = ['', Buffer.alloc(0)]] = [...IMAGE.blobs].slice(1)
const PATH = `tool/blobs/${digest}`

/** A bucket that has one object. */
function startBucket(content: Buffer) {
  return startCrudeServer((socket, head) => {
    const [, from, to] = /^range: bytes=(\d+)-(\d+)/im.exec(head) ?? []
    const part = from === undefined ? content : content.subarray(Number(from), Number(to) + 1)
    const status = from === undefined ? '200 OK' : '206 Partial Content'
    const range = from === undefined ? '' : `content-range: bytes ${from}-${to}/${content.length}\r\n`
    socket.write(`HTTP/1.1 ${status}\r\ncontent-length: ${part.length}\r\n${range}x-amz-id-2: inner\r\n\r\n`)
    socket.write(part)
  })
}

test('a blob that lies elsewhere is fetched there, and the client sees nothing of that', async () => {
  await using rig = await startRig()
  await using bucket = await startBucket(layer)
  rig.server.put('team/tool', IMAGE, '1.0')
  rig.server.behavior.blobsAt = `${bucket.url}/bucket`
  const whole = await deliver(rig.deliverer, imageOrder(PATH))
  expect(whole).toMatchObject({ status: 200, content: layer })
  expect(whole.headers.join(' ')).not.toMatch(/location|x-amz|signature|127\.0\.0\.1/)
  expect(bucket.requests()[0]).toMatch(`GET /bucket/${digest}?signature=storage HTTP/1.1`)
  expect(bucket.requests()[0]).not.toMatch(/authorization|cookie/i)
})

test('a part of such a blob is fetched as a part', async () => {
  await using rig = await startRig()
  await using bucket = await startBucket(layer)
  rig.server.put('team/tool', IMAGE, '1.0')
  rig.server.behavior.blobsAt = bucket.url
  const part = await deliver(rig.deliverer, imageOrder(PATH, { headers: { range: 'bytes=10-19' } }))
  expect(part).toMatchObject({ status: 206, content: layer.subarray(10, 20) })
  expect(part.extent).toEqual({ start: 10, end: 20, size: layer.length })
})

test('who sends on without end is given up', async () => {
  await using rig = await startRig()
  await using other = await startCrudeServer((socket, head) => {
    const [, path = ''] = /^GET (\S+)/.exec(head) ?? []
    socket.write(`HTTP/1.1 302 Found\r\nlocation: ${path}1\r\ncontent-length: 0\r\n\r\n`)
  })
  rig.server.put('team/tool', IMAGE, '1.0')
  rig.server.behavior.blobsAt = other.url
  expect(await refusalOf(rig.deliverer, imageOrder(PATH))).toBe('upstream_failed')
  expect(other.requests()).toHaveLength(3)
  expect(rig.failures.at(-1)).toMatch(/redirects too often/)
})

test('what the other place does not have is not found', async () => {
  await using rig = await startRig()
  await using bucket = await startCrudeServer((socket) =>
    socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n'),
  )
  rig.server.put('team/tool', IMAGE, '1.0')
  rig.server.behavior.blobsAt = bucket.url
  expect(await refusalOf(rig.deliverer, imageOrder(PATH))).toBe('not_found')
})

const BASE = new URL('https://registry.example.com/v2/team/')
const ASKED = new URL('https://registry.example.com/v2/team/tool/blobs/x')

test.each([
  ['https://bucket.example.com/x?y=z', 'https://bucket.example.com/x?y=z'],
  ['//bucket.example.com/x', 'https://bucket.example.com/x'],
  ['/elsewhere/x', 'https://registry.example.com/elsewhere/x'],
  ['other', undefined],
  ['/v2/team/tool/blobs/y', undefined],
  ['http://bucket.example.com/x', 'Error'],
  ['https://user:password@bucket.example.com/x', 'Error'],
  ['ftp://bucket.example.com/x', 'Error'],
  ['file:///etc/passwd', 'Error'],
  ['http://[', undefined],
])('a redirect to %s is followed to %s', (location, expected) => {
  const target = redirectOutside(307, { location }, ASKED, BASE)
  expect(target instanceof Error ? 'Error' : target?.href).toBe(expected)
})

test('other answers send nowhere, whatever they say', () => {
  expect(redirectOutside(200, { location: 'https://bucket.example.com/x' }, ASKED, BASE)).toBeUndefined()
  expect(redirectOutside(304, { location: 'https://bucket.example.com/x' }, ASKED, BASE)).toBeUndefined()
  expect(
    redirectOutside(307, { location: ['https://a.test/', 'https://b.test/'] }, ASKED, BASE),
  ).toBeUndefined()
})
