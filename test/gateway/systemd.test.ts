import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { Agent, request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  acceptsConnections,
  cleanEnvironment,
  freePort,
  startOnFreePort,
  startServer,
  temporaryDirectory,
  waitFor,
  type ServerProcess,
  type TemporaryDirectory,
} from '../support/processes.ts'
import { get, openRaw } from '../support/requests.ts'
import { workersOf } from './crew.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')
/** Prints what systemd would be told: Node knows no datagrams over Unix sockets. */
const LISTENER = `
import socket, sys
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind(sys.argv[1])
print('listening', flush=True)
while True: print(heard.recv(4096).decode().replace('\\n', ' '), flush=True)
`

let folder: TemporaryDirectory
let running: AsyncDisposableStack
let count = 0

beforeAll(async () => {
  folder = await temporaryDirectory('systemd')
})
afterEach(async () => running?.disposeAsync())
afterAll(async () => folder?.remove())

interface Activated {
  readonly port: number
  readonly adminPort: number
  readonly server: ServerProcess
}

async function writeConfig(config: object): Promise<{ file: string; adminPort: number }> {
  const adminPort = await freePort()
  const file = join(folder.path, `${count++}.yaml`)
  const defaults = {
    admin: { listen: `127.0.0.1:${adminPort}` },
    store: `sqlite:${file}.db`,
    workers: 1,
    repositories: { 'acme/files': { format: 'raw', upstream: 'http://127.0.0.1:9/' } },
  }
  await writeFile(file, JSON.stringify({ ...defaults, ...config }))
  return { file, adminPort }
}

/** Has systemd's own tool listen, and start Postern at the first connection, as a socket unit does. Rejects with what was printed if it ends. */
async function activate(names: string, config: object, sockets = 1): Promise<Activated> {
  running = new AsyncDisposableStack()
  const { file, adminPort } = await writeConfig(config)
  const started = await startOnFreePort(async (port) => {
    const listens = Array.from({ length: sockets }, (_, at) => ['-l', `127.0.0.1:${port + at}`]).flat()
    const command = [process.execPath, MAIN, 'serve', '--config', file]
    const server = await startServer(
      'systemd-socket-activate',
      [...listens, `--fdname=${names}`, ...command],
      {
        isReady: async () => {
          await acceptsConnections(port)
          return (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).ok
        },
      },
    )
    return { port, adminPort, server }
  })
  running.use(started.server)
  return started
}

/** On a connection of its own: one that was used before may end with the worker that is killed. */
const statusOf = async (port: number): Promise<number> => {
  const agent = new Agent({ keepAlive: false })
  return (await get(`http://127.0.0.1:${port}/basic/acme/files/x`, { agent })).status
}

/** Kills one of them, and waits until another one is in its place. */
async function replaceWorker(server: ServerProcess, workers: number): Promise<void> {
  await waitFor(() => workersOf(server).length === workers)
  const [victim = -1] = workersOf(server)
  process.kill(victim, 'SIGKILL')
  await waitFor(() => workersOf(server).length === workers && !workersOf(server).includes(victim))
}

describe('a socket that systemd listens on', { timeout: 240_000 }, () => {
  test.each([
    ['systemd', 1],
    ['systemd:customers', 1],
    ['systemd:customers', 3],
  ])('is served as %s with workers: %i', async (listen, workers) => {
    const { port, server } = await activate('customers', { listen, workers })
    const held = await Promise.all(Array.from({ length: 20 }, () => openRaw(port)))
    expect(await Promise.all(held.map(() => statusOf(port)))).toEqual(held.map(() => 401))
    held.forEach((raw) => raw[Symbol.dispose]())
    if (workers > 1) await replaceWorker(server, workers)
    expect(await statusOf(port)).toBe(401)
    expect(await server.stop()).toBe(0)
  })

  test.each([
    ['systemd:admin', 'customers', 1, /no socket that is called admin, but customers/],
    ['systemd', 'a:b', 2, /passed 2 sockets \(a, b\); say which one/],
  ])('that is not there, or not the only one, is told of: %s', async (listen, names, sockets, why) => {
    await expect(activate(names, { listen }, sockets)).rejects.toThrow(why)
  })
})

test.each([1, 3])('it may be a Unix socket, with workers: %i', { timeout: 240_000 }, async (workers) => {
  running = new AsyncDisposableStack()
  const { file } = await writeConfig({ listen: 'systemd', workers })
  const socketPath = `${file}.sock`
  const ask = async (): Promise<number | undefined> => {
    const asked = request({ socketPath, path: '/basic/acme/files/x' }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    return response.resume().statusCode
  }
  const command = ['--fdname=customers', process.execPath, MAIN, 'serve', '--config', file]
  running.use(
    await startServer('systemd-socket-activate', ['-l', socketPath, ...command], {
      isReady: (output) => output().includes('Listening'),
    }),
  )
  // Whoever comes first has it started, and waits.
  expect(await ask()).toBe(401)
  expect(await Promise.all(Array.from({ length: 10 }, ask))).toEqual(Array.from({ length: 10 }, () => 401))
})

test('without systemd there is none, and the message says so', async () => {
  running = new AsyncDisposableStack()
  const { file } = await writeConfig({ listen: 'systemd' })
  const starting = startServer(process.execPath, [MAIN, 'serve', '--config', file], { isReady: () => false })
  await expect(starting).rejects.toThrow(/No socket was passed to this process\. .*socket unit/)
})

test('systemd is told when Postern is ready, that it lives, and when it stops', async () => {
  running = new AsyncDisposableStack()
  const path = join(folder.path, 'notify.sock')
  const manager = running.use(
    await startServer('/usr/bin/python3', ['-c', LISTENER, path], {
      isReady: (output) => output().includes('listening'),
    }),
  )
  const { file } = await writeConfig({ listen: '127.0.0.1:0' })
  const env = cleanEnvironment({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' })
  const server = running.use(
    await startServer(process.execPath, [MAIN, 'serve', '--config', file], {
      env,
      isReady: () => manager.output().includes('READY=1'),
    }),
  )
  await waitFor(() => manager.output().split('WATCHDOG=1').length > 2)
  expect(await server.stop()).toBe(0)
  await waitFor(() => manager.output().includes('STOPPING=1'))
})
