import { existsSync, statSync } from 'node:fs'
import { request, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../support/processes.ts'
import { FILES, startAskedGate, TOOL } from './asking.ts'

interface Heard {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
}

function ask(socketPath: string, secret: string, client: string): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const headers = {
      'X-Original-Method': 'GET',
      'X-Original-URI': `/${secret}/${FILES}/${TOOL}`,
      'X-Forwarded-For': client,
    }
    const asked = request({ socketPath, path: '/nginx', headers, agent: false }, (response) => {
      response.resume()
      resolve({ status: response.statusCode, headers: response.headers })
    })
    asked.once('error', reject)
    asked.end()
  })
}

test('a proxy may ask over a socket that its group may open, also after the gate was killed', async () => {
  await using directory = await temporaryDirectory('edge')
  const path = join(directory.path, 'edge.sock')
  await using asked = await startAskedGate({ edge: { listen: `unix:${path}` }, trusted_proxies: [] })
  const token = await asked.gate().createToken(FILES, { limit_networks: ['192.0.2.0/24'] })
  expect(statSync(path).mode & 0o777).toBe(0o660)
  expect((await ask(path, token.token, '192.0.2.7')).headers['x-postern-serve']).toBe('storage')
  expect((await ask(path, token.token, '198.51.100.7')).status).toBe(403)
  await asked.restart('SIGKILL')
  expect((await ask(path, token.token, '192.0.2.7')).status).toBe(200)
  await asked.gate().stop()
  expect(existsSync(path)).toBe(false)
}, 120_000)
