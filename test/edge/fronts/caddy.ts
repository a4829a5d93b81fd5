import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sharedCertificate } from '../../support/certificates.ts'
import {
  acceptsConnections,
  cleanEnvironment,
  startServer,
  temporaryDirectory,
} from '../../support/processes.ts'
import { entrance, freePorts, HOST_OF_STABLE, shipped, startAsked, type Door, type Front } from './front.ts'

/** Caddy asks, and sends the files from its disk. */
export const caddy: Front = {
  name: 'Caddy forward_auth',
  start: async (storage, { door = 'http', config } = {}) => {
    await using started = new AsyncDisposableStack()
    const directory = started.use(await temporaryDirectory('front')).path
    const [port = 0, edgePort = 0] = await freePorts(2)
    const log = join(directory, 'postern.log')
    const entered = entrance(port, door)
    const gate = started.use(await startAsked(storage, entered.url, { edgePort, log: `file:${log}`, config }))
    const file = join(directory, 'Caddyfile')
    const text = await shipped('caddy/Caddyfile', {
      '127.0.0.1:8080': `127.0.0.1:${gate.port}`,
      '127.0.0.1:8082': `127.0.0.1:${edgePort}`,
      ...openDoor(entered.url, door),
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
    return { ...entered, gate, server, [Symbol.asyncDispose]: () => kept.disposeAsync() }
  },
}

/** Nothing else listens: port 80, from which Caddy leads to TLS, is the machine's. */
function openDoor(url: string, door: Door): Readonly<Record<string, string>> {
  const { cert, key } = sharedCertificate()
  const other = url.replace('127.0.0.1', HOST_OF_STABLE)
  const tls = door === 'http' ? '' : `\n\ttls ${cert} ${key}`
  return {
    'admin off': 'admin off\n\tauto_https disable_redirects',
    'protocols h1 h2': door === 'h2' ? 'protocols h1 h2' : 'protocols h1',
    'packages.example.com {': `${url}, ${other} {${tls}`,
  }
}
