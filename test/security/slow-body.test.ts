import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFigures } from '../gateway/crew.ts'
import { sharedAuthority } from '../support/certificates.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { askSession, openSession } from '../support/http2.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'

const AGREED = 'acme/agreed'
const FORM = 'application/x-www-form-urlencoded'

let folder: TemporaryDirectory
let gate: Gate
let token: GateToken

beforeAll(async () => {
  folder = await temporaryDirectory('slow-body')
  await writeFile(join(folder.path, 'eula.txt'), 'You may.\n')
  const eula = { revision: 2, text: join(folder.path, 'eula.txt'), required_of: 'all_tokens' }
  const repositories = { [AGREED]: { format: 'raw' as const, upstream: `file:${folder.path}`, eula } }
  gate = await startGate({ protocol: 'h2', config: { repositories, client: { headers_timeout: '1s' } } })
  token = await gate.createToken(AGREED)
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await folder?.remove()
})

const path = (): string => `/${token.token}/${AGREED}/eula`
const cuts = async (): Promise<number> =>
  (await readFigures(gate)).get('postern_connections_cut_total{reason="slow_request"}') ?? 0

/** Writes on and on, and gives what stops it. */
function dribble(write: () => void): () => void {
  const timer = setInterval(write, 50)
  return () => clearInterval(timer)
}

test('a form that never ends has its stream of HTTP/2 ended, and the others go on', async () => {
  const session = openSession(gate.url)
  const before = await cuts()
  const fields = { ':method': 'POST', ':path': path(), 'content-type': FORM }
  const streams = [1, 2].map(() => session.request(fields, { endStream: false }))
  const closed = streams.map((stream) =>
    once(
      stream.on('error', () => undefined),
      'close',
    ),
  )
  // One says nothing, the other a little all the time.
  const stop = dribble(() => streams[1]?.write('a'))
  await Promise.all(closed)
  stop()
  expect(await cuts()).toBe(before + 2)
  expect((await askSession(session, path())).headers['x-error-code']).toBe('eula_not_accepted')
  session.destroy()
})

test('and its connection of HTTP/1', async () => {
  const before = await cuts()
  const socket = connect({ port: gate.port, host: '127.0.0.1', ca: sharedAuthority() })
  socket.on('error', () => undefined).resume()
  await once(socket, 'secureConnect')
  socket.write(
    `POST ${path()} HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM}\r\nContent-Length: 4000\r\n\r\nrevision=2`,
  )
  const stop = dribble(() => socket.write('a'))
  await once(socket, 'close')
  stop()
  expect(await cuts()).toBe(before + 1)
})
