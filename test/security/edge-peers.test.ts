import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEdgeServer } from '../../src/edge/edge-server.ts'
import { FILES, idOf, startAskedGate, TOOL, type Asked } from '../edge/asking.ts'
import { freePort } from '../support/processes.ts'
import { openRaw } from '../support/requests.ts'

const FAR = { limit_num_downloads: 100, limit_num_clients: 100 } as const

let asked: Asked
let stranger: Asked

beforeAll(async () => {
  asked = await startAskedGate({ trusted_proxies: ['127.0.0.1', '10.0.0.0/8'] })
  // This machine is not one of its peers.
  const port = await freePort()
  stranger = await startAskedGate({ edge: { listen: `127.0.0.1:${port}`, peers: ['192.0.2.0/24'] } })
}, 120_000)

afterAll(async () => {
  await asked?.[Symbol.asyncDispose]()
  await stranger?.[Symbol.asyncDispose]()
})

/** Sends bytes to the edge and gives what comes back. */
async function say(port: number, ...lines: readonly string[]): Promise<string> {
  using connection = await openRaw(port)
  connection.socket.write(`${[...lines, 'Host: postern', 'Connection: close'].join('\r\n')}\r\n\r\n`)
  // A stranger's is reset.
  await connection.closed.catch(() => undefined)
  return connection.received()
}

const original = (secret: string, path = TOOL): string => `X-Original-URI: /${secret}/${FILES}/${path}`

test('nobody but a peer may ask, and a stranger is not even read', async () => {
  const port = await portOf(stranger)
  const { token, slug_perm } = await stranger.gate().createToken(FILES, FAR)
  const heard = await say(
    port,
    'GET /nginx HTTP/1.1',
    'X-Original-Method: GET',
    original(token),
    'X-Forwarded-For: 1.2.3.4',
  )
  expect(heard).toBe('')
  expect((await stranger.gate().readToken(FILES, slug_perm)).downloads).toBe(0)
})

/** Asks, and resets the connection before anybody can have looked at it. */
const ASK_AND_RESET = `
import socket, struct, sys
for _ in range(20):
    asking = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
    asking.sendall(sys.argv[2].encode())
    asking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    asking.close()
`

test('nor is one that is gone by the time it could be asked who it is', async () => {
  let decided = 0
  const decide = (): Promise<never> => {
    decided++
    return new Promise(() => undefined)
  }
  const server = createEdgeServer({ decide, isPeer: (address) => address === '192.0.2.1' })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const question =
    'GET /nginx HTTP/1.1\r\nHost: x\r\nX-Original-Method: GET\r\nX-Original-URI: /a\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n'
  let connections = 0
  server.on('connection', () => connections++)
  // While it runs nothing is accepted here.
  spawnSync('/usr/bin/python3', ['-c', ASK_AND_RESET, String(port), question], { stdio: 'inherit' })
  using last = await openRaw(port)
  await last.closed.catch(() => undefined)
  expect([connections, decided]).toEqual([21, 0])
  server.close()
})

test('on the listener of customers a question is a request like any other', async () => {
  const { token, slug_perm } = await asked.gate().createToken(FILES, FAR)
  const from = 'X-Forwarded-For: 192.0.2.1'
  const said = ['X-Original-Method: GET', original(token)]
  const question = [...said, ...said.map((line) => line.replace('Original', 'Forwarded')), from]
  for (const path of ['/nginx', '/caddy', '/haproxy', '/traefik', `/envoy/${token}/${FILES}/${TOOL}`]) {
    const heard = await say(asked.gate().port, `GET ${path} HTTP/1.1`, ...question)
    expect(heard).toMatch(/^HTTP\/1.1 4\d\d /)
    expect(heard.toLowerCase()).not.toContain('x-postern-serve')
  }
  expect((await asked.gate().readToken(FILES, slug_perm)).downloads).toBe(0)
})

test('a question with something said twice, or not at all, is answered with a refusal and charged to nobody', async () => {
  const { token, slug_perm } = await asked.gate().createToken(FILES, FAR)
  const method = 'X-Original-Method: GET'
  const from = 'X-Forwarded-For: 192.0.2.1'
  const questions = [
    [method, original(token), original(token), from],
    [method, method, original(token), from],
    [method, original(token)],
    [original(token), from],
    [method, from],
    [method, original(token).replace('X-Original-URI', 'X_Original_URI'), from],
    [method, `X-Original-URI: `, from],
  ]
  for (const lines of questions)
    expect(await say(asked.edgePort, 'GET /nginx HTTP/1.1', ...lines)).toMatch(/^HTTP\/1.1 40[03] /)
  for (const path of ['/', '/nginxx', '/unknown', `/${token}/${FILES}/${TOOL}`, '/envoy', '/envoy?x'])
    expect(await say(asked.edgePort, `GET ${path} HTTP/1.1`, method, original(token), from)).toMatch(
      /^HTTP\/1.1 40[03] /,
    )
  expect((await asked.gate().readToken(FILES, slug_perm)).downloads).toBe(0)
})

test('two credentials are refused as they are by the gate', async () => {
  const { token } = await asked.gate().createToken(FILES, FAR)
  const heard = await say(
    asked.edgePort,
    'GET /haproxy HTTP/1.1',
    'X-Original-Method: GET',
    `X-Original-URI: /basic/${FILES}/${TOOL}`,
    `Authorization: Bearer ${token}`,
    'Authorization: Bearer other',
    'X-Forwarded-For: 192.0.2.1',
  )
  expect(heard).toMatch(/x-error-code: credential_ambiguous/i)
})

test('a client is where the nearest proxy says that is not trusted, whatever it wrote itself', async () => {
  const token = await asked.gate().createToken(FILES, { ...FAR, limit_networks: ['192.0.2.0/24'] })
  const ask = async (address: string) =>
    (await asked.ask(token.token, TOOL, { 'X-Forwarded-For': address })).headers['x-postern-serve']
  expect(await ask('192.0.2.7')).toBe('storage')
  expect(await ask('192.0.2.7, 10.1.1.1')).toBe('storage')
  expect(await ask('192.0.2.7, 198.51.100.1')).toBe('gate')
  expect(await ask('198.51.100.1')).toBe('gate')
  expect(await ask('nonsense')).toBe('gate')
})

test('the id of a delivery tells no secret', async () => {
  const { token } = await asked.gate().createToken(FILES, FAR)
  const [text = ''] = idOf(await asked.ask(token)).split('.')
  expect(Buffer.from(text, 'base64url').toString()).not.toContain(token)
})

async function portOf({ gate }: Asked): Promise<number> {
  const config = JSON.parse(await gate().readConfig()) as { edge: { listen: string } }
  return Number(config.edge.listen.split(':')[1])
}
