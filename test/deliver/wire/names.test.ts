import type { LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { createServer, type AddressInfo, type LookupFunction, type Server, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createWireClient } from '../../../src/deliver/wire/client.ts'
import { WireError } from '../../../src/deliver/wire/errors.ts'
import { freePort, waitFor } from '../../support/processes.ts'
import { answerWith } from '../storages.ts'
import { ask, listen, PATIENT } from './asking.ts'

/** What a name means, as a test says. */
interface Names {
  readonly lookup: LookupFunction
  /** Questions so far. */
  readonly asked: () => number
  readonly mean: (...addresses: readonly string[]) => void
}

function createNames(...first: readonly string[]): Names {
  let addresses = first
  let asked = 0
  return {
    asked: () => asked,
    mean: (...next) => void (addresses = next),
    lookup: (_name, { all }, answer) => {
      asked++
      const found = addresses.map((address): LookupAddress => ({
        address,
        family: address.includes(':') ? 6 : 4,
      }))
      const [one] = found
      if (one === undefined) answer(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '')
      else if (all === true) answer(null, found)
      else answer(null, one.address, one.family)
    },
  }
}

interface Host extends AsyncDisposable {
  readonly port: number
  readonly open: () => number
  readonly requests: () => number
}

/** A storage at one address of the loopback network, which has 127.0.0.0/8. */
async function startHost(
  address: string,
  port: number,
  answer: (socket: Socket) => void = OK,
): Promise<Host> {
  const sockets = new Set<Socket>()
  let requests = 0
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
    socket.on('data', () => {
      requests++
      answer(socket)
    })
  })
  server.listen(port, address)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const OK = answerWith('200 OK', { 'content-length': '4', 'keep-alive': 'timeout=60' }, 'body')
const SHORT = { ...PATIENT, idleTimeoutMs: 100, resolveMs: 50 }

function clientOf(port: number, { lookup }: Names, more: Partial<typeof SHORT> = {}) {
  return createWireClient({ url: new URL(`http://storage.test:${port}`), ...SHORT, ...more, lookup })
}

test('an unused connection to an address that the name no longer has is closed, and the new one is asked', async () => {
  const names = createNames('127.0.0.1')
  await using before = await startHost('127.0.0.1', 0)
  await using after = await startHost('127.0.0.2', before.port)
  const client = clientOf(before.port, names)
  await Promise.all([ask(client), ask(client)])
  expect(before.open()).toBe(2)
  names.mean('127.0.0.2')
  await waitFor(() => before.open() === 0)
  expect((await ask(client)).content.toString()).toBe('body')
  expect([before.requests(), after.requests()]).toEqual([2, 1])
  await client.close()
})

test('what is under way at such an address ends as it began, and then its connection is closed', async () => {
  const names = createNames('127.0.0.1')
  const held: Socket[] = []
  await using before = await startHost('127.0.0.1', 0, (socket) => void held.push(socket))
  await using after = await startHost('127.0.0.2', before.port)
  const client = clientOf(before.port, names)
  const slow = listen(client)
  await waitFor(() => held.length === 1)
  names.mean('127.0.0.2')
  const asked = names.asked()
  await waitFor(() => names.asked() > asked + 1)
  expect(before.open()).toBe(1)
  OK(held[0] as Socket)
  expect((await slow.ended).content.toString()).toBe('body')
  await waitFor(() => before.open() === 0)
  await ask(client)
  expect(after.requests()).toBe(1)
  await client.close()
})

test('a connection stays as long as its address is one of the name’s, and while nobody can tell', async () => {
  const names = createNames('127.0.0.1')
  await using host = await startHost('127.0.0.1', 0)
  const client = clientOf(host.port, names)
  await ask(client)
  for (const addresses of [['127.0.0.2', '127.0.0.1'], []]) {
    names.mean(...addresses)
    const asked = names.asked()
    await waitFor(() => names.asked() > asked + 2)
    expect(host.open()).toBe(1)
  }
  await client.close()
})

test('addresses of a name are tried in turn until one answers, of both families', async () => {
  const port = await freePort()
  await using host = await startHost('127.0.0.3', port)
  const client = clientOf(port, createNames('::1', '127.0.0.1', '127.0.0.2', '127.0.0.3'))
  expect((await ask(client)).status).toBe(200)
  expect(host.requests()).toBe(1)
  await client.close()
})

test('when none of them answers, that is one failure', async () => {
  const client = clientOf(await freePort(), createNames('127.0.0.1', '127.0.0.2'))
  const { error } = await ask(client)
  expect(error).toBeInstanceOf(WireError)
  expect(error).toMatchObject({ code: 'unreachable' })
  await client.close()
})

test('an address in place of a name is not asked about', async () => {
  const names = createNames()
  await using host = await startHost('127.0.0.1', 0)
  const url = new URL(`http://127.0.0.1:${host.port}`)
  const client = createWireClient({ url, ...SHORT, lookup: names.lookup })
  await ask(client)
  const since = performance.now()
  await waitFor(() => performance.now() - since > 4 * SHORT.resolveMs)
  expect([names.asked(), host.open()]).toEqual([0, 1])
  await client.close()
})
