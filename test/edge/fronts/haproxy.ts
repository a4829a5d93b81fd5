import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sharedCertificate } from '../../support/certificates.ts'
import { acceptsConnections, startServer, temporaryDirectory } from '../../support/processes.ts'
import { entrance, freePorts, shipped, startAsked, type Door, type Front } from './front.ts'

/** HAProxy asks, and takes the files from the storage over HTTP. */
export const haproxy: Front = {
  name: 'HAProxy',
  start: async (storage, { door = 'http', config } = {}) => {
    await using started = new AsyncDisposableStack()
    const directory = started.use(await temporaryDirectory('front')).path
    const [port = 0, edgePort = 0, logPort = 0] = await freePorts(3)
    const entered = entrance(port, door)
    const log = `syslog:127.0.0.1:${logPort}`
    const gate = started.use(await startAsked(storage, entered.url, { edgePort, log, config }))
    const script = join(directory, 'postern.lua')
    await writeFile(
      script,
      await shipped('haproxy/postern.lua', { '127.0.0.1:8082': `127.0.0.1:${edgePort}` }),
    )
    const file = join(directory, 'haproxy.cfg')
    const text = await shipped('haproxy/haproxy.cfg', {
      'gate 127.0.0.1:8080': `gate 127.0.0.1:${gate.port}`,
      '127.0.0.1:9000': new URL(storage.url).host,
      [BIND]: await bind(directory, port, door),
      'log 127.0.0.1:5514': `log 127.0.0.1:${logPort}`,
      '/etc/haproxy/postern.lua': script,
    })
    await writeFile(file, text)
    const server = started.use(
      await startServer('haproxy', ['-db', '-f', file], { isReady: () => acceptsConnections(port) }),
    )
    const kept = started.move()
    return { ...entered, gate, server, [Symbol.asyncDispose]: () => kept.disposeAsync() }
  },
}

const PEM = '/etc/haproxy/packages.pem'
const BIND = `bind :443 ssl crt ${PEM} alpn h2,http/1.1`

async function bind(directory: string, port: number, door: Door): Promise<string> {
  if (door === 'http') return `bind 127.0.0.1:${port}`
  const { cert, key } = sharedCertificate()
  const pem = join(directory, 'packages.pem')
  await writeFile(pem, `${await readFile(cert, 'utf8')}${await readFile(key, 'utf8')}`)
  const line = BIND.replace(':443', `127.0.0.1:${port}`).replace(PEM, pem)
  return door === 'h2' ? line : line.replace('alpn h2,', 'alpn ')
}
