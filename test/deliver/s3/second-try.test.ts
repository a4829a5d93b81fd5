import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { isUnavailable } from '../../../src/deliver/away.ts'
import type { Answer } from '../../../src/deliver/contract.ts'
import { readReason } from '../../../src/deliver/s3/reason.ts'
import { createSecondTry } from '../../../src/deliver/s3/second-try.ts'
import { startCrudeServer, type CrudeServer } from '../../support/crude-server.ts'
import { waitFor } from '../../support/processes.ts'
import { deliver, leavingClient, orderFor } from '../orders.ts'
import { answerWith } from '../storages.ts'
import { several } from '../upstreams/rig.ts'
import { openBucket } from './buckets.ts'

type Reply = (socket: Socket, head: string) => void

const OK: Reply = (socket, head) =>
  answerWith('200 OK', { 'content-length': '4', etag: '"a"' }, head.startsWith('HEAD ') ? '' : 'body')(socket)

/** As S3 refuses; without a code as a proxy before it might. */
function refusing(status: string, code?: string): Reply {
  const body = code === undefined ? 'busy' : `<Error><Code>${code}</Code><Message>Later</Message></Error>`
  return (socket, head) => {
    const length = { 'content-length': String(body.length) }
    answerWith(status, length, head.startsWith('HEAD ') ? '' : body)(socket)
  }
}

const SLOW_DOWN = refusing('503 Slow Down', 'SlowDown')

/** A storage that gives these answers in turn, the last one for ever. */
function startBucket(...replies: readonly Reply[]): Promise<CrudeServer> {
  return startCrudeServer((socket, head, number) => (replies[number - 1] ?? replies.at(-1))?.(socket, head))
}

const methodsOf = (server: CrudeServer): string[] =>
  server.requests().map((head) => head.slice(0, head.indexOf(' ')))

function refusalIn(answer: Answer) {
  if (answer.ok) throw new Error(`not refused: ${answer.status}`)
  return { code: answer.code, retryAfter: answer.facts.retryAfter, isAway: isUnavailable(answer) }
}

describe('a bucket that can not answer at the moment', () => {
  test.each([
    ['503 Slow Down', 'SlowDown'],
    ['503 Slow Down', 'SlowDownRead'],
    ['503 Service Unavailable', 'ServiceUnavailable'],
    ['500 Internal Server Error', 'InternalError'],
    ['400 Bad Request', 'RequestTimeout'],
  ])('is asked once more: %s %s', async (status, code) => {
    await using server = await startBucket(refusing(status, code), OK)
    await using bucket = openBucket(server.url)
    expect((await deliver(bucket.deliverer, orderFor('x'))).content.toString()).toBe('body')
    expect([methodsOf(server), bucket.failures]).toEqual([['GET', 'GET'], []])
  })

  test('is asked for the same part, signed anew', async () => {
    await using server = await startBucket(
      SLOW_DOWN,
      answerWith('206 Partial Content', { 'content-length': '2', 'content-range': 'bytes 2-3/4' }, 'dy'),
    )
    await using bucket = openBucket(server.url)
    const { status } = await deliver(bucket.deliverer, orderFor('x', { headers: { range: 'bytes=2-3' } }))
    expect(status).toBe(206)
    for (const head of server.requests()) {
      expect(head).toContain('\r\nrange: bytes=2-3')
      expect(head).toContain('AWS4-HMAC-SHA256')
    }
  })

  test('is asked by HEAD again, when GET has told why', async () => {
    await using server = await startBucket(SLOW_DOWN, SLOW_DOWN, OK)
    await using bucket = openBucket(server.url)
    expect((await deliver(bucket.deliverer, orderFor('x', { method: 'HEAD' }))).status).toBe(200)
    expect([methodsOf(server), bucket.failures]).toEqual([['HEAD', 'GET', 'HEAD'], []])
  })

  test('is asked by HEAD again, when GET is answered meanwhile', async () => {
    await using server = await startBucket(refusing('500 Internal Server Error', 'InternalError'), OK)
    await using bucket = openBucket(server.url)
    expect((await deliver(bucket.deliverer, orderFor('x', { method: 'HEAD' }))).status).toBe(200)
    expect([methodsOf(server), bucket.failures]).toEqual([['HEAD', 'GET', 'HEAD'], []])
  })

  test.each([
    ['GET', ['GET', 'GET']],
    ['HEAD', ['HEAD', 'GET', 'HEAD']],
  ] as const)('is not asked a third time by %s; the client may come again', async (method, asked) => {
    await using server = await startBucket(SLOW_DOWN)
    await using bucket = openBucket(server.url)
    expect(refusalIn(await bucket.deliverer.open(orderFor('x', { method })))).toEqual({
      code: 'upstream_failed',
      retryAfter: 5,
      isAway: true,
    })
    expect(methodsOf(server)).toEqual(asked)
    expect(bucket.failures).toEqual(['the storage answered 503 SlowDown: it is asked too often'])
  })

  test('that has not the file when it can answer, has not', async () => {
    await using server = await startBucket(SLOW_DOWN, refusing('404 Not Found', 'NoSuchKey'))
    await using bucket = openBucket(server.url)
    expect(refusalIn(await bucket.deliverer.open(orderFor('x'))).code).toBe('not_found')
    expect(bucket.failures).toEqual([])
  })
})

describe('is asked once only', () => {
  test.each([
    ['503 Service Unavailable', undefined],
    ['502 Bad Gateway', undefined],
    ['403 Forbidden', 'SignatureDoesNotMatch'],
    ['501 Not Implemented', 'NotImplemented'],
  ])('what answers %s %s, and nobody is told to come again soon', async (status, code) => {
    await using server = await startBucket(refusing(status, code))
    await using bucket = openBucket(server.url)
    const { code: refused, retryAfter } = refusalIn(await bucket.deliverer.open(orderFor('x')))
    expect([refused, retryAfter, methodsOf(server)]).toEqual(['upstream_failed', undefined, ['GET']])
  })

  test('what breaks off in the middle of a file', async () => {
    await using server = await startCrudeServer((socket) => {
      answerWith('200 OK', { 'content-length': '10' }, 'body')(socket)
      socket.end()
    })
    await using bucket = openBucket(server.url)
    const { sent } = await deliver(bucket.deliverer, orderFor('x'))
    expect([sent?.upstreamFailed, methodsOf(server)]).toEqual([true, ['GET']])
  })

  test('what has taken all the time that there is', async () => {
    await using server = await startBucket(SLOW_DOWN, OK)
    await using bucket = openBucket(server.url, { patienceMs: 100 })
    expect(refusalIn(await bucket.deliverer.open(orderFor('x'))).code).toBe('upstream_failed')
    expect(methodsOf(server)).toEqual(['GET'])
  })

  test('what nobody waits for any more', async () => {
    const client = leavingClient()
    await using server = await startBucket(SLOW_DOWN, OK)
    // It goes as the pause begins.
    const random = (): number => {
      client.leave()
      return 0
    }
    await using bucket = openBucket(server.url, { random })
    const answer = await bucket.deliverer.open(orderFor('x', { onGone: client.onGone }))
    expect(refusalIn(answer).code).toBe('upstream_failed')
    expect(methodsOf(server)).toEqual(['GET'])
  })
})

test('a second try that is not answered in time is let go of, and the first one counts', async () => {
  await using server = await startBucket(SLOW_DOWN, () => undefined)
  await using bucket = openBucket(server.url, { patienceMs: 1_500 })
  const began = performance.now()
  expect(refusalIn(await bucket.deliverer.open(orderFor('x')))).toMatchObject({ retryAfter: 5, isAway: true })
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(bucket.failures).toEqual(['the storage answered 503 SlowDown: it is asked too often'])
  await waitFor(() => server.open() === 0, { what: 'the connection to be closed' })
})

test('not many wait at once: a bucket that fails all is not asked twice as often', async () => {
  let asked = 0
  const { promise: gone, resolve: answer } = Promise.withResolvers<void>()
  const tryAgain = createSecondTry({
    patienceMs: 60_000,
    hasOthers: false,
    monotonic: () => 0,
    random: () => 0,
  })
  const reason = readReason(503, '<Code>SlowDown</Code>')
  const again = async () => {
    asked += 1
    await gone
    return reason
  }
  const crowd = Array.from({ length: 80 }, () => tryAgain({ reason, at: 0, onGone: () => undefined, again }))
  await waitFor(() => asked === 50)
  answer()
  expect(await Promise.all(crowd)).toEqual(Array.from({ length: 80 }, () => reason))
  expect(asked).toBe(50)
  // They are there for the next ones.
  await tryAgain({ reason, at: 0, onGone: () => undefined, again })
  expect(asked).toBe(51)
})

describe('one of several buckets', () => {
  test('that is not at work is left at once for the next one', async () => {
    await using busy = await startBucket(SLOW_DOWN)
    await using well = await startBucket(OK)
    const [first, second] = [busy, well].map((server) => openBucket(server.url, { hasOthers: true }))
    if (first === undefined || second === undefined) throw new Error('two were opened')
    await using all = several(
      [first, second].map(({ deliverer }) => ({ create: () => deliverer, check: undefined })),
    )
    expect((await deliver(all.deliverer, orderFor('x'))).content.toString()).toBe('body')
    expect([methodsOf(busy), methodsOf(well), all.told]).toEqual([['GET'], ['GET'], ['over 0']])
  })

  test('whose failure does not lead to the next one is asked again', async () => {
    await using failing = await startBucket(refusing('500 Internal Server Error', 'InternalError'), OK)
    await using other = await startBucket(OK)
    const [first, second] = [failing, other].map((server) => openBucket(server.url, { hasOthers: true }))
    if (first === undefined || second === undefined) throw new Error('two were opened')
    await using all = several(
      [first, second].map(({ deliverer }) => ({ create: () => deliverer, check: undefined })),
    )
    expect((await deliver(all.deliverer, orderFor('x'))).content.toString()).toBe('body')
    expect([methodsOf(failing), methodsOf(other), all.told]).toEqual([['GET', 'GET'], [], []])
  })

  test('that are all busy are refused with the time to come again', async () => {
    await using busy = await startBucket(SLOW_DOWN)
    const buckets = [1, 2].map(() => openBucket(busy.url, { hasOthers: true }))
    await using all = several(buckets.map(({ deliverer }) => ({ create: () => deliverer, check: undefined })))
    expect(refusalIn(await all.deliverer.open(orderFor('x')))).toMatchObject({ retryAfter: 5 })
    expect(methodsOf(busy)).toEqual(['GET', 'GET'])
  })
})
