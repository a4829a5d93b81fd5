import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Deliverer, DeliveryOrder } from '../../src/deliver/contract.ts'
import { temporaryDirectory, waitFor, type TemporaryDirectory } from '../support/processes.ts'
import {
  artifactAt,
  deliver,
  leavingClient,
  openBody,
  orderFor,
  refusalOf,
  stalledClient,
  type Delivered,
  take,
} from './orders.ts'
import { BIG, buildTree, HELLO, MODIFIED, ODD_NAMES } from './tree.ts'

/** A deliverer of the files below a folder, with its storage. */
export interface Judged {
  readonly deliverer: Deliverer
  readonly stop: () => Promise<void>
}

/** Judges an implementation of src/deliver/contract.ts. `setup` serves the folder `root`, with few connections if it has any. */
export function describeDeliverer(name: string, setup: (root: string) => Promise<Judged>): void {
  describe(`deliverer: ${name}`, () => {
    let directory: TemporaryDirectory
    let judged: Judged
    beforeAll(async () => {
      directory = await temporaryDirectory('tree')
      await buildTree(directory.path)
      judged = await setup(directory.path)
    })
    afterAll(async () => {
      await judged.stop()
      await directory.remove()
    })
    const get = (path: string, headers: Record<string, string> = {}): Promise<Delivered> =>
      deliver(judged.deliverer, orderFor(path, { headers }))
    const open = (order: DeliveryOrder) => judged.deliverer.open(order)

    describeWhole(get, open)
    describeAbsence((order) => refusalOf(judged.deliverer, order))
    describeRanges(get)
    describeConditions(get, open)
    describeBodies(() => judged.deliverer)
  })
}

type Get = (path: string, headers?: Record<string, string>) => Promise<Delivered>
type Open = Deliverer['open']

function describeWhole(get: Get, open: Open): void {
  test('gives a whole file with its length and validators', async () => {
    const answer = await get('hello.txt')
    expect(answer.status).toBe(200)
    expect(answer.content.toString()).toBe(HELLO)
    expect(answer.header('content-length')).toBe(String(HELLO.length))
    expect(answer.header('last-modified')).toBe(MODIFIED.toUTCString())
    expect(answer.header('etag')).toMatch(/^"[^"]+"$/)
    expect(answer.header('accept-ranges')).toBe('bytes')
    expect(answer.extent).toEqual({ start: 0, end: HELLO.length, size: HELLO.length })
    expect(answer.sent).toEqual({ bytes: HELLO.length, complete: true, upstreamFailed: false })
  })

  test('gives every byte of a file larger than any buffer', async () => {
    const answer = await get('big.bin')
    expect(answer.content.equals(BIG)).toBe(true)
    expect(answer.sent).toEqual({ bytes: BIG.length, complete: true, upstreamFailed: false })
  })

  test('gives an empty file', async () => {
    const answer = await get('empty.bin')
    expect(answer).toMatchObject({ status: 200, extent: { start: 0, end: 0, size: 0 } })
    expect(answer.header('content-length')).toBe('0')
    expect(answer.sent).toEqual({ bytes: 0, complete: true, upstreamFailed: false })
  })

  test.each(ODD_NAMES)('finds a file named %j', async (name) => {
    expect((await get(`odd/${name}`)).content.toString()).toBe(`content of ${name}`)
  })

  test('answers HEAD with the headers of the whole file and no body, also when a range is asked', async () => {
    const answer = await open(orderFor('big.bin', { method: 'HEAD', headers: { range: 'bytes=0-9' } }))
    expect(answer).toMatchObject({ ok: true, status: 200, body: null, extent: { end: BIG.length } })
    expect(answer.ok && answer.headers).toContain(String(BIG.length))
  })

  test('answers a folder with its index.json where the artifact is metadata', async () => {
    const artifact = artifactAt('@acme/widget', { format: 'npm', kind: 'metadata' })
    const answer = await open(orderFor('', { artifact, method: 'HEAD' }))
    expect(answer).toMatchObject({ ok: true, status: 200, extent: { size: 23 } })
    expect(answer.ok && answer.headers).toContain('application/json')
  })
}

function describeAbsence(refused: (order: DeliveryOrder) => Promise<string>): void {
  const absent = {
    'a file that is not there': 'nothing.txt',
    'a folder that is not there': 'nothing/at/all.txt',
    'a name below a file': 'hello.txt/x',
    'a file as if it were a folder': 'hello.txt/',
    'a name too long for a file system': 'x'.repeat(300),
    'a name in other letters': 'HELLO.TXT',
    'a folder without an index': 'deep/',
    'the root': '',
  }
  test.each(Object.entries(absent))('refuses %s as not found', async (_, path) => {
    expect(await refused(orderFor(path, { artifact: artifactAt(path, { kind: 'listing' }) }))).toBe(
      'not_found',
    )
    expect(await refused(orderFor(path, { method: 'HEAD' }))).toBe('not_found')
  })
}

function describeRanges(get: Get): void {
  const size = HELLO.length
  const satisfiable: [string, number, number][] = [
    ['bytes=0-4', 0, 5],
    ['bytes=0-0', 0, 1],
    ['bytes=7-', 7, size],
    ['bytes=-3', size - 3, size],
    ['bytes=-1000', 0, size],
    ['bytes=5-1000', 5, size],
    [`bytes=${size - 1}-`, size - 1, size],
  ]
  test.each(satisfiable)('gives the part %s', async (range, start, end) => {
    const answer = await get('hello.txt', { range })
    expect(answer).toMatchObject({ status: 206, extent: { start, end, size } })
    expect(answer.content.toString()).toBe(HELLO.slice(start, end))
    expect(answer.header('content-range')).toBe(`bytes ${start}-${end - 1}/${size}`)
    expect(answer.header('content-length')).toBe(String(end - start))
    expect(answer.sent?.bytes).toBe(end - start)
  })

  test.each([`bytes=${size}-`, 'bytes=1000-2000', 'bytes=-0'])('answers 416 to %s', async (range) => {
    const answer = await get('hello.txt', { range })
    expect(answer).toMatchObject({ status: 416, body: null })
    expect(answer.header('content-range')).toBe(`bytes */${size}`)
    expect(answer.header('content-length')).toBe('0')
  })

  const ignored = [
    'bytes=0-1,3-4',
    'bytes=0-0, -1',
    'bytes=5-2',
    'bytes=-',
    'bytes=',
    'bytes=a-b',
    'bytes=--5',
    'bytes=0x0-0x5',
    'lines=0-5',
  ]
  test.each(ignored)('answers %j with the whole file', async (range) => {
    const answer = await get('hello.txt', { range })
    expect(answer).toMatchObject({ status: 200, extent: { start: 0, end: size, size } })
    expect(answer.content.toString()).toBe(HELLO)
  })

  test('gives the part when If-Range names the current ETag or date', async () => {
    const etag = (await get('hello.txt')).header('etag') ?? ''
    for (const condition of [etag, MODIFIED.toUTCString()]) {
      const answer = await get('hello.txt', { range: 'bytes=2-3', 'if-range': condition })
      expect(answer).toMatchObject({ status: 206, content: Buffer.from('ll') })
    }
  })

  test('gives the whole file when If-Range names another version', async () => {
    const etag = (await get('hello.txt')).header('etag') ?? ''
    for (const condition of ['"other"', `W/${etag}`, new Date(0).toUTCString()]) {
      const answer = await get('hello.txt', { range: 'bytes=2-3', 'if-range': condition })
      expect(answer.status).toBe(200)
    }
  })
}

function describeConditions(get: Get, open: Open): void {
  test('answers 304 without a body when the client has the current version', async () => {
    const etag = (await get('hello.txt')).header('etag') ?? ''
    const conditions = [
      { 'if-none-match': etag },
      { 'if-none-match': `W/${etag}` },
      { 'if-none-match': `"a", ${etag}, "b"` },
      { 'if-none-match': '*' },
      { 'if-modified-since': MODIFIED.toUTCString() },
    ]
    for (const headers of conditions) {
      const answer = await get('hello.txt', headers)
      expect(answer).toMatchObject({ status: 304, body: null })
      expect(answer.header('etag')).toBe(etag)
      const head = await open(orderFor('hello.txt', { method: 'HEAD', headers }))
      expect(head).toMatchObject({ status: 304, body: null })
    }
  })

  test('gives the file when the client has another version or its condition means nothing', async () => {
    const etag = (await get('hello.txt')).header('etag') ?? ''
    const conditions: Record<string, string>[] = [
      { 'if-none-match': '"other"' },
      { 'if-none-match': '"other"', 'if-modified-since': MODIFIED.toUTCString() },
      { 'if-modified-since': new Date(0).toUTCString() },
      { 'if-modified-since': 'yesterday' },
      { 'if-match': etag },
      { 'if-unmodified-since': MODIFIED.toUTCString() },
    ]
    for (const headers of conditions) expect(await get('hello.txt', headers)).toMatchObject({ status: 200 })
  })

  test('answers 412 without a body when a precondition fails', async () => {
    for (const headers of [
      { 'if-match': '"other"' },
      { 'if-unmodified-since': new Date(0).toUTCString() },
    ] as Record<string, string>[]) {
      const answer = await get('hello.txt', headers)
      expect(answer).toMatchObject({ status: 412, body: null })
      expect(answer.header('content-length')).toBe('0')
    }
  })
}

function describeBodies(deliverer: () => Deliverer): void {
  test('delivers many files at once', async () => {
    const all = Array.from({ length: 60 }, () => deliver(deliverer(), orderFor('big.bin')))
    for (const { content } of await Promise.all(all)) expect(content.equals(BIG)).toBe(true)
  })

  test.each(['hello.txt', 'big.bin', 'empty.bin'])(
    'can be asked on after many discarded %s',
    async (path) => {
      for (let i = 0; i < 50; i++) (await openBody(deliverer(), orderFor(path))).discard()
      expect((await deliver(deliverer(), orderFor('hello.txt'))).content.toString()).toBe(HELLO)
    },
  )

  test.each(['hello.txt', 'big.bin', 'empty.bin'])(
    'sends nothing of %s to a client that is gone',
    async (path) => {
      const body = await openBody(deliverer(), orderFor(path))
      const client = stalledClient()
      client.destroy()
      expect(await body.send(client)).toEqual({ bytes: 0, complete: false, upstreamFailed: false })
    },
  )

  test('holds back what a client does not take, and lets go when it leaves', async () => {
    const body = await openBody(deliverer(), orderFor('big.bin'))
    const client = stalledClient()
    const sending = body.send(client)
    await waitFor(() => client.writableLength > 0)
    client.destroy()
    const sent = await sending
    expect(sent).toMatchObject({ complete: false, upstreamFailed: false })
    expect(sent.bytes).toBeLessThan(BIG.length / 2)
  })

  test('is told by the connection when the response itself does not tell', async () => {
    const { onGone, leave } = leavingClient()
    const body = await openBody(deliverer(), orderFor('big.bin', { onGone }))
    const sending = body.send(stalledClient())
    leave()
    expect(await sending).toMatchObject({ complete: false, upstreamFailed: false })
  })

  test('sends nothing once the connection has told that the client is gone', async () => {
    const { onGone, leave } = leavingClient()
    const body = await openBody(deliverer(), orderFor('big.bin', { onGone }))
    leave()
    expect(await body.send(stalledClient())).toEqual({ bytes: 0, complete: false, upstreamFailed: false })
  })

  test.each([0, 1, 1_000, BIG.length - 1])('cuts a longer body behind its first %i bytes', async (most) => {
    const body = await openBody(deliverer(), orderFor('big.bin'))
    const { content, sent, isBroken } = await take(body, most)
    expect(sent).toEqual({ bytes: most, complete: false, upstreamFailed: false, reachedLimit: true })
    expect([content.equals(BIG.subarray(0, most)), isBroken]).toEqual([true, true])
  })

  test('does not cut a body that is as long as it may be', async () => {
    const body = await openBody(deliverer(), orderFor('big.bin'))
    const { content, sent } = await take(body, BIG.length)
    expect(sent).toEqual({ bytes: BIG.length, complete: true, upstreamFailed: false })
    expect(content.equals(BIG)).toBe(true)
  })

  test('does not mind being told after the end', async () => {
    const { onGone, leave } = leavingClient()
    const answer = await deliver(deliverer(), orderFor('big.bin', { onGone }))
    leave()
    expect(answer.sent).toEqual({ bytes: BIG.length, complete: true, upstreamFailed: false })
  })
}
