import { once } from 'node:events'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'

let folder: TemporaryDirectory
let path: string
let count = 0

beforeAll(async () => {
  folder = await temporaryDirectory('unix')
})
afterAll(async () => folder?.remove())
beforeEach(() => {
  path = join(folder.path, `${count++}.sock`)
})

const repositories = { 'acme/files': { format: 'raw' as const, upstream: 'http://127.0.0.1:9/' } }

function start(query = ''): Promise<Gate> {
  return startGate({ config: { repositories, listen: `unix:${path}${query}` } })
}

async function statusOf(target: string): Promise<number | undefined> {
  const [response] = (await once(request({ socketPath: path, path: target }).end(), 'response')) as [
    IncomingMessage,
  ]
  response.resume()
  return response.statusCode
}

test('a Unix socket is served, with the mode that it is given, and is gone at the end', async () => {
  const gate = await start('?mode=0600')
  expect(await statusOf('/basic/acme/files/x')).toBe(401)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(await gate.stop()).toBe(0)
  expect(existsSync(path)).toBe(false)
})

test('who connects to it counts as this machine, and may speak for others where that is trusted', async () => {
  const trusted_proxies = ['127.0.0.1']
  await using gate = await startGate({ config: { repositories, listen: `unix:${path}`, trusted_proxies } })
  for (const headers of [{}, { 'X-Forwarded-For': '203.0.113.7' }]) {
    const asked = request({ socketPath: path, path: '/basic/acme/files/x', headers }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    response.resume()
  }
  await expect.poll(gate.output).toContain('"client":"203.0.113.7"')
  await expect.poll(gate.output).toContain('"client":"127.0.0.1"')
})

test('without a mode, its group may connect', async () => {
  await using _gate = await start()
  expect(statSync(path).mode & 0o777).toBe(0o660)
})

test('what a killed process left is taken away', async () => {
  const killed = await start()
  await killed.stop('SIGKILL')
  expect(existsSync(path)).toBe(true)
  await using _gate = await start()
  expect(await statusOf('/basic/acme/files/x')).toBe(401)
})

test('a socket that somebody listens on stays, and is told of', async () => {
  const other: Server = createServer().listen(path)
  await once(other, 'listening')
  try {
    await expect(start()).rejects.toThrow(/another program listens there/)
    expect(existsSync(path)).toBe(true)
  } finally {
    other.close()
  }
})

test('a file that is no socket is never taken away', async () => {
  writeFileSync(path, 'precious')
  await expect(start()).rejects.toThrow(/is there already, and is no socket/)
  expect(existsSync(path)).toBe(true)
})
