import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  acceptsConnections,
  startOnFreePort,
  startServer,
  temporaryDirectory,
} from '../../test/support/processes.ts'
import type { Peer } from './peer.ts'

export interface NginxConfiguration {
  readonly name: string
  /** Files of dynamic modules, below the folder of this nginx's modules. */
  readonly modules?: readonly string[]
  /** Inside `http { }`; `folder` is its own. */
  readonly http: (folder: string) => string
  /** Inside `server { }`. */
  readonly server: string
}

/** Starts an nginx of one process, which is the worker. (The tests' nginx logs every request in full, which is not to be measured here.) */
export async function startNginx(configuration: NginxConfiguration): Promise<Peer> {
  const directory = await temporaryDirectory('bench-nginx')
  const file = join(directory.path, 'nginx.conf')
  try {
    const server = await startOnFreePort(async (port) => {
      await writeFile(file, render(directory.path, port, configuration))
      const args = ['-e', 'stderr', '-p', directory.path, '-c', file]
      const { pid, stop } = await startServer('nginx', args, { isReady: () => acceptsConnections(port) })
      return { pid, stop, origin: `http://127.0.0.1:${port}` }
    })
    const stop = async (): Promise<void> => {
      await server.stop()
      await directory.remove()
    }
    return {
      name: configuration.name,
      origin: server.origin,
      pid: server.pid,
      helpers: [],
      pathOf: (path) => `/${path}`,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await directory.remove()
    throw error
  }
}

/** Where this nginx has its dynamic modules. */
export function modulesFolder(): string {
  const { stderr } = spawnSync('nginx', ['-V'], { encoding: 'utf8' })
  return /--modules-path=(\S+)/.exec(stderr ?? '')?.[1] ?? '/usr/lib/nginx/modules'
}

function render(directory: string, port: number, { modules = [], http, server }: NginxConfiguration): string {
  return `${modules.map((name) => `load_module ${modulesFolder()}/${name};\n`).join('')}daemon off;
master_process off;
worker_processes 1;
pcre_jit on;
pid ${directory}/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  default_type application/octet-stream;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 75;
  keepalive_requests 1000000000;
  ${http(directory)}
  server {
    listen 127.0.0.1:${port};
    ${server}
  }
}
`
}
