import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { acceptsConnections, startServer, temporaryDirectory } from '../../support/processes.ts'
import { freePorts, shipped, startAsked, type Front } from './front.ts'

/** HAProxy asks, and takes the files from the storage over HTTP. */
export const haproxy: Front = {
  name: 'HAProxy',
  start: async (storage, config) => {
    await using started = new AsyncDisposableStack()
    const directory = started.use(await temporaryDirectory('front')).path
    const [port = 0, edgePort = 0, logPort = 0] = await freePorts(3)
    const url = `http://127.0.0.1:${port}`
    const log = `syslog:127.0.0.1:${logPort}`
    const gate = started.use(await startAsked(storage, url, { edgePort, log, config }))
    const script = join(directory, 'postern.lua')
    await writeFile(
      script,
      await shipped('haproxy/postern.lua', { '127.0.0.1:8082': `127.0.0.1:${edgePort}` }),
    )
    const file = join(directory, 'haproxy.cfg')
    const text = await shipped('haproxy/haproxy.cfg', {
      'gate 127.0.0.1:8080': `gate 127.0.0.1:${gate.port}`,
      '127.0.0.1:9000': new URL(storage.url).host,
      'bind :80': `bind 127.0.0.1:${port}`,
      'log 127.0.0.1:5514': `log 127.0.0.1:${logPort}`,
      '/etc/haproxy/postern.lua': script,
    })
    await writeFile(file, text)
    const server = started.use(
      await startServer('haproxy', ['-db', '-f', file], { isReady: () => acceptsConnections(port) }),
    )
    const kept = started.move()
    return { url, gate, pid: server.pid, [Symbol.asyncDispose]: () => kept.disposeAsync() }
  },
}
