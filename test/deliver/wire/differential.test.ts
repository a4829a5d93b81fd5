import * as fc from 'fast-check'
import { Pool } from 'undici'
import { expect, test } from 'vitest'
import { createWireClient } from '../../../src/deliver/wire/client.ts'
import { startCrudeServer, type CrudeServer } from '../../support/crude-server.ts'
import { ask, PATIENT } from './asking.ts'
import { writeInPieces } from './pieces.ts'
import { ANSWER, type Answer } from './answers.ts'

/** What came of one answer: it is the same, or it was refused. */
type Outcome = { status: number; headers: Record<string, unknown>; body: string } | 'refused'

async function byWire({ url }: CrudeServer, method: Answer['method']): Promise<Outcome> {
  const client = createWireClient({ ...PATIENT, url: new URL(url) })
  const { end, status, headers, content } = await ask(client, { method, path: '/x', headers: {} })
  await client.close()
  return end === 'whole' && status !== undefined
    ? { status, headers, body: content.toString('latin1') }
    : 'refused'
}

const RUNS = 400

/** The reference. */
async function byUndici({ url }: CrudeServer, method: Answer['method']): Promise<Outcome> {
  const pool = new Pool(url, { connections: 1, pipelining: 1, allowH2: false })
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const chunks: Buffer[] = []
  let head: { status: number; headers: Record<string, unknown> } | undefined
  pool.dispatch(
    { path: '/x', method },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_, status, headers) => {
        if (status >= 200) head = { status, headers: { ...headers } }
      },
      onResponseData: (_, chunk) => void chunks.push(chunk),
      onResponseEnd: () =>
        resolve(head === undefined ? 'refused' : { ...head, body: Buffer.concat(chunks).toString('latin1') }),
      onResponseError: () => resolve('refused'),
    },
  )
  const outcome = await promise
  await pool.destroy()
  return outcome
}

/** What undici lets through and we do not. Each is either a way to be misread further on, or nothing that a storage has a reason to send. */
const STRICTER: readonly RegExp[] = [
  // Another transfer coding than chunked, which for undici's callers it is to see to.
  /^transfer-encoding:(?![ \t]*chunked[ \t]*\r$)/im,
  // Any transfer coding in HTTP/1.0, which has none.
  /^HTTP\/1\.0 [^]*^transfer-encoding:/im,
  // Versions and status codes that there are not.
  /^HTTP\/(?!1\.[01] )/m,
  /^HTTP\/1\.[01] (?![1-5]\d\d[ \r])/m,
  // A control character in a reason phrase, a CR alone.
  /^HTTP\/1[^\r\n]*[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/m,
  /\r(?!\n)/,
]

/** What undici refuses although RFC 9112 §5 allows it: a blank behind a length. */
const LENIENT = /^content-length:[ \t]*\d+[ \t]+\r$/im

function isStricter({ bytes }: Answer): boolean {
  const text = bytes.toString('latin1')
  return STRICTER.some((pattern) => pattern.test(text))
}

/** As RFC 9112 §5 has it: blanks before and behind a value are not part of it. undici leaves a tab behind it. */
function normalize(outcome: Outcome): Outcome {
  if (outcome === 'refused') return outcome
  const trim = (value: unknown): string => String(value).replace(/[\t ]+$/, '')
  const pairs = Object.entries(outcome.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(trim) : trim(value),
  ])
  const headers: Record<string, unknown> = Object.fromEntries(pairs)
  const coding = headers['transfer-encoding']
  return {
    ...outcome,
    headers: coding === undefined ? headers : { ...headers, 'transfer-encoding': 'chunked' },
  }
}

test('reads answers in any pieces as undici does, or refuses them', async () => {
  let current: Answer | undefined
  let accepted = 0
  await using server = await startCrudeServer((socket) => void (current && writeInPieces(socket, current)))
  await fc.assert(
    fc.asyncProperty(ANSWER, async (answer) => {
      current = answer
      const [ours, theirs] = [await byWire(server, answer.method), await byUndici(server, answer.method)]
      if (ours === 'refused' && isStricter(answer)) return
      if (theirs === 'refused' && LENIENT.test(answer.bytes.toString('latin1'))) return
      if (ours !== 'refused') accepted++
      expect(normalize(ours)).toEqual(normalize(theirs))
    }),
    { numRuns: RUNS },
  )
  expect(accepted).toBeGreaterThan(RUNS / 10)
}, 60_000)
