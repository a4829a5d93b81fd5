import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sharedCertificate } from '../../support/certificates.ts'
import type { Gate } from '../../support/gate.ts'
import { acceptsConnections, startServer, temporaryDirectory } from '../../support/processes.ts'
import {
  entrance,
  freePorts,
  settledBy,
  shipped,
  startAsked,
  startBehind,
  type Door,
  type Front,
} from './front.ts'

/** nginx asks, and sends the files from its disk. */
export const authRequest: Front = {
  name: 'nginx auth_request',
  start: async (storage, { door = 'http', config } = {}) =>
    startFront('nginx/auth-request.conf', door, async (places) => {
      const log = `file:${places.log}`
      const gate = await startAsked(storage, places.url, { edgePort: places.edgePort, log, config })
      return { gate, root: storage.root, edge: { '127.0.0.1:8082': `127.0.0.1:${places.edgePort}` } }
    }),
}

/** nginx asks the gate for each file, and is told which of its own to send. */
export const accel: Front = {
  name: 'nginx X-Accel-Redirect',
  start: async (storage, { door = 'http', config } = {}) =>
    startFront('nginx/accel.conf', door, async ({ url, log }) => {
      const settings = settledBy(`file:${log}`, config)
      return { gate: await startBehind(storage, url, settings, 'accel'), root: storage.root, edge: {} }
    }),
}

interface Places {
  readonly url: string
  readonly log: string
  readonly edgePort: number
}

interface Behind {
  readonly gate: Gate
  readonly root: string
  readonly edge: Readonly<Record<string, string>>
}

async function startFront(
  file: string,
  door: Door,
  startGateFor: (places: Places) => Promise<Behind>,
): ReturnType<Front['start']> {
  await using started = new AsyncDisposableStack()
  const directory = started.use(await temporaryDirectory('front')).path
  const [port = 0, edgePort = 0] = await freePorts(2)
  const log = join(directory, 'postern.log')
  const entered = entrance(port, door)
  const { gate, root, edge } = await startGateFor({ url: entered.url, log, edgePort })
  started.use(gate)
  const site = await shipped(file, {
    ...edge,
    '127.0.0.1:8080': `127.0.0.1:${gate.port}`,
    ...openDoor(port, door),
    '/srv/packages': root,
    '/var/log/nginx/postern.log': log,
  })
  await writeFile(join(directory, 'nginx.conf'), around(directory, site))
  const args = ['-e', 'stderr', '-p', directory, '-c', join(directory, 'nginx.conf')]
  const server = started.use(await startServer('nginx', args, { isReady: () => acceptsConnections(port) }))
  const kept = started.move()
  return { ...entered, gate, server, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

function openDoor(port: number, door: Door): Readonly<Record<string, string>> {
  const { cert, key } = sharedCertificate()
  const how = { http: '', tls: ' ssl', h2: ' ssl http2' }[door]
  return {
    'listen 443 ssl http2;': `listen 127.0.0.1:${port}${how};`,
    '/etc/ssl/packages.pem': cert,
    '/etc/ssl/packages.key': key,
  }
}

/** What Debian's nginx.conf has around a site. */
function around(directory: string, site: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  types { application/json json; application/gzip gz tgz; }
  ${temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join('\n  ')}
  ${site}
}
`
}
