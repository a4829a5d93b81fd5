import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCrudeServer, type CrudeServer } from '../support/crude-server.ts'
import { startGate, type Gate } from '../support/gate.ts'
import { get, type Answer } from '../support/requests.ts'

const SWIFT = 'acme/swift'
const JSON_TYPE = 'application/vnd.swift.registry.v1+json'
const ZIP_TYPE = 'application/vnd.swift.registry.v1+zip'
const ARCHIVE = 'PK, and all the rest'
const RELEASE = 'acme/widget/1.0.0'

let registry: CrudeServer
let gate: Gate

beforeAll(async () => {
  // Reads in Accept what is wanted of a release. Of one it has nothing but the archive.
  registry = await startCrudeServer((socket, head) => {
    const isArchive =
      /\.zip HTTP|\/2\.0\.0 HTTP/.test(head) || /^accept:.*(?:zip|application\/\*)/im.test(head)
    const [type, body] = isArchive ? ['application/zip', ARCHIVE] : [JSON_TYPE, '{"version":"1.0.0"}']
    socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`)
    socket.write(head.startsWith('HEAD') ? '' : body)
  })
  gate = await startGate({
    config: { repositories: { [SWIFT]: { format: 'swift', upstream: `${registry.url}/` } } },
  })
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await registry?.[Symbol.asyncDispose]()
})

test('what costs nothing is no archive, whatever a client says that it accepts', async () => {
  const token = await gate.createToken(SWIFT, { limit_num_downloads: 1 })
  const ask = (path: string, accept: string): Promise<Answer> =>
    get(`${gate.url}/${token.token}/${SWIFT}/${path}`, { headers: { Accept: accept } })
  const accepted = [ZIP_TYPE, `${ZIP_TYPE}, ${JSON_TYPE};q=0.1`, 'application/*', 'APPLICATION/ZIP', '*/*']
  for (const accept of accepted) {
    const { status, body } = await ask(RELEASE, accept)
    expect([accept, status, body.toString()]).toEqual([accept, 200, '{"version":"1.0.0"}'])
  }
  expect((await ask('acme/widget/2.0.0', JSON_TYPE)).status).toBe(404)
  expect((await gate.readToken(SWIFT, token.slug_perm)).downloads).toBe(0)
  expect((await ask(`${RELEASE}.zip`, ZIP_TYPE)).body.toString()).toBe(ARCHIVE)
  expect((await ask(`${RELEASE}.zip`, ZIP_TYPE)).headers['x-error-code']).toBe('downloads_used_up')
})
