import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  acceptsConnections,
  cleanEnvironment,
  startServer,
  temporaryDirectory,
} from '../../support/processes.ts'
import { freePorts, shipped, startAsked, type Front } from './front.ts'

/** Caddy asks, and sends the files from its disk. */
export const caddy: Front = {
  name: 'Caddy forward_auth',
  start: async (storage, config) => {
    await using started = new AsyncDisposableStack()
    const directory = started.use(await temporaryDirectory('front')).path
    const [port = 0, edgePort = 0] = await freePorts(2)
    const log = join(directory, 'postern.log')
    const url = `http://127.0.0.1:${port}`
    const gate = started.use(await startAsked(storage, url, { edgePort, log: `file:${log}`, config }))
    const file = join(directory, 'Caddyfile')
    const text = await shipped('caddy/Caddyfile', {
      '127.0.0.1:8080': `127.0.0.1:${gate.port}`,
      '127.0.0.1:8082': `127.0.0.1:${edgePort}`,
      'http://packages.example.com:80': url,
      '/srv/packages': storage.root,
      '/var/log/caddy/postern.log': log,
    })
    await writeFile(file, text)
    const server = started.use(
      await startServer('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], {
        env: cleanEnvironment({ HOME: directory }),
        isReady: () => acceptsConnections(port),
      }),
    )
    const kept = started.move()
    return { url, gate, pid: server.pid, [Symbol.asyncDispose]: () => kept.disposeAsync() }
  },
}
