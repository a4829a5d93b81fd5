import { request as requestPlain, type IncomingMessage } from 'node:http'
import { constants } from 'node:http2'
import { request as requestTls } from 'node:https'
import { expect } from 'vitest'
import { sharedAuthority } from '../../support/certificates.ts'
import type { GateToken } from '../../support/gate.ts'
import { openSession } from '../../support/http2.ts'
import { waitFor } from '../../support/processes.ts'
import { get } from '../../support/requests.ts'
import { countersOf, LARGE_DEMO, PLAIN_DEMO } from './figures.ts'
import { STABLE, type RunningFront } from './front.ts'
import { takeBeginning } from './starve.ts'

/** `drop` ends the connection, `reset` no more than the stream of HTTP/2. */
export type Leave = 'drop' | 'reset'

const LEAST = 1_000_000

/** A customer leaves in the middle of a large file and comes back for the rest, which costs what was sent, and one download. */
export async function expectCutIsSettled(front: RunningFront, url: string, leave: Leave): Promise<void> {
  const token = await front.gate.createToken(STABLE, {
    limit_num_downloads: 1,
    limit_bandwidth: 1_000_000_000,
    limit_bandwidth_unit: 'Byte',
  })
  const file = `${url}/${token.token}/${STABLE}/${LARGE_DEMO}`
  const size = Number((await get(file, { method: 'HEAD' })).headers['content-length'])
  const received = await readSome(file, leave)
  const sent = await settledBelow(front, token, size)
  expect(sent).toBeGreaterThanOrEqual(received)
  const rest = await get(file, { headers: { Range: `bytes=${received}-` } })
  expect(rest).toMatchObject({ status: 206, complete: true })
  expect(rest.body).toHaveLength(size - received)
  await waitFor(() => linesOf(front, token).length === 2, { what: 'the line of the rest' })
  expect(linesOf(front, token)).toMatchObject([
    { outcome: 'aborted', bytes: sent, downloads: 1 },
    { outcome: 'delivered', bytes: size - received, downloads: 0 },
  ])
  const bandwidth = sent + size - received
  expect(await countersOf(front, STABLE, token)).toEqual({ downloads: 1, clients: 1, bandwidth })
}

/** A customer takes all of a package but its last byte, which is a download. HTTP/2 lets whoever wants to. */
export async function expectBeginningIsCharged(front: RunningFront): Promise<void> {
  const limits = { limit_num_downloads: 1, limit_bandwidth: 1_000_000, limit_bandwidth_unit: 'Byte' }
  const token = await front.gate.createToken(STABLE, limits)
  const file = `${front.look}/${token.token}/${STABLE}/${PLAIN_DEMO}`
  const size = Number((await get(file, { method: 'HEAD' })).headers['content-length'])
  expect(await takeBeginning(file, size - 1)).toBe(size - 1)
  await waitFor(() => linesOf(front, token).length === 1, { what: 'the end of the delivery to be known' })
  const { bandwidth, ...others } = await countersOf(front, STABLE, token)
  expect(others).toEqual({ downloads: 1, clients: 1 })
  expect(bandwidth).toBeGreaterThanOrEqual(size - 1)
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
