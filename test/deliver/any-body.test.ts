import * as fc from 'fast-check'
import { randomBytes } from 'node:crypto'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Body, Opened } from '../../src/deliver/contract.ts'
import { waitFor } from '../support/processes.ts'
import { orderFor, take } from './orders.ts'
import { startFront } from './front.ts'
import { startCrudeStorage } from './storages.ts'
import { writeInPieces } from './wire/pieces.ts'

/** A file at the storage, and what the gate does with the answer that brings it. */
interface Delivery {
  readonly length: number
  readonly framing: 'length' | 'chunked' | 'until-close'
  readonly cuts: readonly number[]
  readonly wish: 'front' | 'take' | 'whole' | 'discard' | 'leave'
  /** Turns of the event loop until it is decided; undefined: until everything has come that comes by itself. */
  readonly waits: number | undefined
}

/** Around the sizes at which something is done in another way. */
const LENGTH = fc.oneof(
  fc.nat({ max: 200 }),
  fc
    .tuple(fc.constantFrom(8_192, 65_536, 131_072, 524_288), fc.integer({ min: -400, max: 400 }))
    .map(([size, by]) => size + by),
  fc.constantFrom(65_535, 65_536, 65_537, 1_500_000),
)
const DELIVERY: fc.Arbitrary<Delivery> = fc.record({
  length: LENGTH,
  framing: fc.constantFrom('length', 'length', 'chunked', 'until-close'),
  cuts: fc.array(fc.nat(), { maxLength: 4 }),
  wish: fc.constantFrom('front', 'front', 'take', 'whole', 'discard', 'leave'),
  waits: fc.option(fc.nat({ max: 4 }), { nil: undefined }),
})

const CONTENT = randomBytes(2_000_000)
const contentOf = (number: number, { length }: Delivery): Buffer => CONTENT.subarray(number, number + length)

function answerOf(content: Buffer, { framing }: Delivery): Buffer {
  const head = (line: string): Buffer => Buffer.from(`HTTP/1.1 200 OK\r\n${line}\r\n`)
  if (framing === 'length') return Buffer.concat([head(`content-length: ${content.length}\r\n`), content])
  if (framing === 'until-close') return Buffer.concat([head(''), content])
  const chunks: Buffer[] = []
  for (let at = 0, size = 3; at < content.length; at += size, size = (size * 5) % 70_001) {
    const data = content.subarray(at, at + size)
    chunks.push(Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n'))
  }
  return Buffer.concat([head('transfer-encoding: chunked\r\n'), ...chunks, Buffer.from('0\r\n\r\n')])
}

test('gives any body exactly, or lets go of it, and the connection to the next one', async () => {
  const deliveries: Delivery[] = []
  await using storage = await startCrudeStorage(
    (socket, head) => {
      const number = Number(head.split(' ')[1]?.split('/').at(-1))
      const delivery = deliveries[number]
      if (delivery === undefined) return void socket.destroy()
      const bytes = answerOf(contentOf(number, delivery), delivery)
      writeInPieces(socket, { bytes, cuts: delivery.cuts, ends: delivery.framing === 'until-close' })
    },
    { connections: 1 },
  )
  await using front = await startFront(storage.deliverer)

  const get = async (number: number): Promise<Buffer> =>
    Buffer.from(await (await fetch(`${front.url}/${number}`)).arrayBuffer())
  const open = async (number: number): Promise<Body> => {
    const opened = await storage.deliverer.open(orderFor(String(number)))
    return (opened as Opened).body as Body
  }
  /** What is wrong; undefined: nothing. */
  const carryOut = async (number: number, delivery: Delivery): Promise<string | undefined> => {
    const judge = (content: Buffer): string | undefined =>
      content.equals(contentOf(number, delivery)) ? undefined : `answer ${number} has other bytes`
    if (delivery.wish === 'front') return judge(await get(number))
    const body = await open(number)
    if (delivery.waits === undefined) await pause(10)
    else for (let turns = 0; turns < delivery.waits; turns++) await turn()
    if (delivery.wish === 'discard') return void body.discard()
    if (delivery.wish === 'leave') {
      const { sent } = await take(body, Math.floor(delivery.length / 2))
      const isRight = sent.bytes === Math.floor(delivery.length / 2)
      return isRight ? undefined : `of answer ${number} ${sent.bytes} bytes were sent`
    }
    const whole = delivery.wish === 'whole' ? body.whole?.() : undefined
    if (whole !== undefined) return judge(whole)
    const { content, sent } = await take(body)
    expect(sent).toEqual({ bytes: delivery.length, complete: true, upstreamFailed: false })
    return judge(content)
  }

  await fc.assert(
    fc.asyncProperty(fc.array(DELIVERY, { minLength: 1, maxLength: 6 }), async (several) => {
      deliveries.splice(0, deliveries.length, ...several)
      const complaints = await Promise.all(several.map((delivery, number) => carryOut(number, delivery)))
      expect(complaints.filter((each) => each !== undefined)).toEqual([])
      await waitFor(() => storage.server.open() <= 1)
    }),
    { numRuns: 150 },
  )
  expect(storage.failures).toEqual([])
}, 120_000)
