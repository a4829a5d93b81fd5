import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  acceptsConnections,
  startOnFreePort,
  startServer,
  temporaryDirectory,
} from '../../test/support/processes.ts'
import type { Peer } from './peer.ts'

/** The storage: files, as fast as nginx can give them. */
export function startStorage(root: string): Promise<Peer> {
  return startNginx({
    name: 'the storage itself',
    http: 'open_file_cache max=10000 inactive=10m; open_file_cache_valid 10m;',
    server: `root ${root};`,
  })
}

/** A proxy that checks nothing, set up as one would for speed: the ceiling. */
export function startNginxProxy(storage: Peer): Promise<Peer> {
  return startNginx({
    name: 'bare nginx',
    http: `upstream storage {
    server ${new URL(storage.origin).host};
    keepalive 128;
    keepalive_requests 1000000000;
  }`,
    server: `location / {
      proxy_pass http://storage;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffers 16 64k;
      proxy_buffer_size 16k;
      proxy_busy_buffers_size 256k;
      proxy_max_temp_file_size 0;
    }`,
  })
}

interface Configuration {
  readonly name: string
  /** Inside `http { }`. */
  readonly http: string
  /** Inside `server { }`. */
  readonly server: string
}

/** The tests' nginx logs every request in full, which is not what is to be measured here. */
async function startNginx({ name, ...content }: Configuration): Promise<Peer> {
  const directory = await temporaryDirectory('bench-nginx')
  const file = join(directory.path, 'nginx.conf')
  const server = await startOnFreePort(async (port) => {
    await writeFile(file, render(directory.path, port, content))
    const args = ['-e', 'stderr', '-p', directory.path, '-c', file]
    const { pid, stop } = await startServer('nginx', args, { isReady: () => acceptsConnections(port) })
    return { pid, stop, origin: `http://127.0.0.1:${port}` }
  })
  const stop = async (): Promise<void> => {
    await server.stop()
    await directory.remove()
  }
  return {
    name,
    origin: server.origin,
    pid: server.pid,
    pathOf: (path) => `/${path}`,
    [Symbol.asyncDispose]: stop,
  }
}

/** One process, which is the worker. */
function render(directory: string, port: number, { http, server }: Omit<Configuration, 'name'>): string {
  return `daemon off;
master_process off;
worker_processes 1;
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
  ${http}
  server {
    listen 127.0.0.1:${port};
    ${server}
  }
}
`
}
