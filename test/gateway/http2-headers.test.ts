import { once } from 'node:events'
import { connect, createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { RequestHead } from '../../src/gateway/exchange.ts'
import { createHttp2Exchange } from '../../src/gateway/exchange-http2.ts'

/** What the gate is told of a request with these headers. */
async function headOf(headers: Readonly<Record<string, string>>): Promise<RequestHead> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { promise, resolve } = Promise.withResolvers<RequestHead>()
  server.on('stream', (stream: ServerHttp2Stream, given, flags, rawHeaders) => {
    const begun = { stream, headers: given, flags, rawHeaders, peer: '127.0.0.1', flaw: undefined }
    resolve(createHttp2Exchange(begun).request)
    stream.respond({ ':status': 204 }, { endStream: true })
  })
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const stream = session.request(headers).resume()
  await once(stream, 'close')
  session.close()
  server.close()
  return promise
}

test('what is asked for, and where, is told as with HTTP/1, and is no header', async () => {
  const asked = { ':path': '/SECRET/acme/deb/x.deb', ':authority': 'packages.example.com', accept: '*/*' }
  const { target, host, headers, rawHeaders } = await headOf(asked)
  expect(target).toBe('/SECRET/acme/deb/x.deb')
  expect(host).toBe('packages.example.com')
  expect(headers).toEqual({ host: 'packages.example.com', accept: '*/*' })
  expect(JSON.stringify(rawHeaders)).not.toContain('SECRET')
})
