import { request as requestPlain, type IncomingMessage } from 'node:http'
import { constants } from 'node:http2'
import { request as requestTls } from 'node:https'
import { sharedAuthority } from '../../support/certificates.ts'
import type { GateToken } from '../../support/gate.ts'
import { openSession } from '../../support/http2.ts'
import { waitFor } from '../../support/processes.ts'
import { get, type Answer } from '../../support/requests.ts'
import { countersOf, LARGE_DEMO, PLAIN_DEMO, type Counters } from './figures.ts'
import { STABLE, type RunningFront } from './front.ts'
import { takeBeginning } from './starve.ts'

/** `drop` ends the connection, `reset` no more than the stream of HTTP/2. */
export type Leave = 'drop' | 'reset'

const LEAST = 1_000_000

interface Cut {
  /** Of the file, in bytes. */
  readonly size: number
  /** Bytes that the customer got, at least. */
  readonly received: number
  /** What was charged in the end. */
  readonly charged: Counters
}

interface Resumed extends Cut {
  /** Bytes that were charged of the first part. */
  readonly sent: number
  readonly rest: Answer
  /** What the log of the gate has of both. */
  readonly lines: readonly object[]
}

/** A customer leaves in the middle of a large file, and comes back for the rest when it is known what was sent. */
export async function cutAndResume(front: RunningFront, leave: Leave): Promise<Resumed> {
  const { token, file, size } = await prepare(front, LARGE_DEMO)
  const received = await readSome(file, leave)
  const sent = await settledBelow(front, token, size)
  const rest = await get(file, { headers: { Range: `bytes=${received}-` } })
  await waitFor(() => linesOf(front, token).length === 2, { what: 'the line of the rest' })
  const charged = await countersOf(front, STABLE, token)
  return { size, received, sent, rest, lines: linesOf(front, token), charged }
}

/** A customer takes all of a package but its last byte: the windows of HTTP/2 let whoever wants to. */
export async function takeAllButTheEnd(front: RunningFront): Promise<Cut> {
  const { token, file, size } = await prepare(front, PLAIN_DEMO)
  const received = await takeBeginning(file, size - 1)
  await waitFor(() => linesOf(front, token).length === 1, { what: 'the end of the delivery to be known' })
  return { size, received, charged: await countersOf(front, STABLE, token) }
}

async function prepare(
  front: RunningFront,
  path: string,
): Promise<{ readonly token: GateToken; readonly file: string; readonly size: number }> {
  const limits = { limit_num_downloads: 1, limit_bandwidth: 1_000_000_000, limit_bandwidth_unit: 'Byte' }
  const token = await front.gate.createToken(STABLE, limits)
  const file = `${front.look}/${token.token}/${STABLE}/${path}`
  const size = Number((await get(file, { method: 'HEAD' })).headers['content-length'])
  return { token, file, size }
}

/** What the log of the gate has of the deliveries to a token. */
function linesOf({ gate }: RunningFront, { slug_perm }: GateToken): readonly object[] {
  const lines = gate.output().split('\n')
  return lines
    .filter((line) => line.includes('"GET"') && line.includes(slug_perm) && line.endsWith('}'))
    .map((line) => JSON.parse(line) as object)
}

/** The bytes that are charged when they are fewer than were reserved. */
async function settledBelow(front: RunningFront, token: GateToken, bytes: number): Promise<number> {
  const read = async (): Promise<number> => (await countersOf(front, STABLE, token)).bandwidth
  await waitFor(async () => (await read()) < bytes, { what: 'the end of the delivery to be known' })
  return read()
}

/** Reads a good part of a body, leaves, and gives the bytes that came. */
function readSome(url: string, leave: Leave): Promise<number> {
  return url.startsWith('h2:') ? readSomeByHttp2(url, leave) : readSomeByHttp1(url)
}

function readSomeByHttp1(url: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let received = 0
  const take = (response: IncomingMessage): void => {
    response.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (received >= LEAST) response.destroy()
    })
    response.on('error', () => undefined)
    response.once('close', () => resolve(received))
  }
  const asked = url.startsWith('https:')
    ? requestTls(url, { agent: false, servername: 'localhost', ca: sharedAuthority() }, take)
    : requestPlain(url, { agent: false }, take)
  asked.on('error', reject).end()
  return promise
}

function readSomeByHttp2(url: string, leave: Leave): Promise<number> {
  const [, origin = '', path = ''] = /^(h2:\/\/[^/]+)(.*)$/.exec(url) ?? []
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const session = openSession(origin)
  const stream = session.request({ ':path': path })
  let received = 0
  stream.on('data', (chunk: Buffer) => {
    if (received >= LEAST) return
    received += chunk.length
    if (received < LEAST) return
    if (leave === 'reset') stream.close(constants.NGHTTP2_CANCEL)
    else session.destroy()
  })
  stream.on('error', reject)
  stream.once('close', () => {
    // The connection goes on when a stream was reset, for a moment at least.
    if (leave === 'reset') session.close()
    resolve(received)
  })
  stream.end()
  return promise
}
