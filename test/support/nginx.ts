import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  acceptsConnections,
  startOnFreePort,
  startServer,
  temporaryDirectory,
  type ServerProcess,
  type TemporaryDirectory,
} from './processes.ts'

/** What the storage serves: a folder as it lies on the disk, or whatever `serverConfig` (inside `server { }`) says. */
export type NginxOptions = { readonly root: string } | { readonly serverConfig: string }

/** One request as the storage saw it. Absent headers are empty. */
interface LoggedRequest {
  readonly method: string
  /** As on the request line: not decoded, not normalised, with its query. */
  readonly uri: string
  readonly status: number
  readonly bodyBytes: number
  readonly host: string
  readonly authorization: string
  readonly range: string
  readonly cookie: string
  readonly referer: string
  readonly userAgent: string
  readonly xApiKey: string
  readonly xForwardedFor: string
  readonly forwarded: string
}

/** A real nginx with nothing of the machine's configuration. */
export interface Nginx extends AsyncDisposable {
  readonly port: number
  /** `http://127.0.0.1:port`, no trailing slash. */
  readonly url: string
  /** Requests answered since the start or the last `forget`. A line is written when its response is over: wait for it. */
  readonly requests: () => Promise<readonly LoggedRequest[]>
  readonly forget: () => Promise<void>
  /** Ends it as `kill -9` does; its files stay. */
  readonly kill: () => Promise<void>
  /** Starts it again on the same port. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

const LOGGED: Readonly<Record<keyof LoggedRequest, string>> = {
  method: '$request_method',
  uri: '$request_uri',
  status: '$status',
  bodyBytes: '$body_bytes_sent',
  host: '$http_host',
  authorization: '$http_authorization',
  range: '$http_range',
  cookie: '$http_cookie',
  referer: '$http_referer',
  userAgent: '$http_user_agent',
  xApiKey: '$http_x_api_key',
  xForwardedFor: '$http_x_forwarded_for',
  forwarded: '$http_forwarded',
}

/** Starts nginx on a free loopback port, as root or as anybody else. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const directory = await temporaryDirectory('nginx')
  try {
    return await startOnFreePort((port) =>
      asNginx(directory, port, () => launch(directory.path, port, options)),
    )
  } catch (error) {
    await directory.remove()
    throw error
  }
}

async function launch(directory: string, port: number, options: NginxOptions): Promise<ServerProcess> {
  const file = join(directory, 'nginx.conf')
  const pidFile = join(directory, 'nginx.pid')
  await writeFile(file, configuration(directory, port, options))
  return startServer('nginx', ['-e', 'stderr', '-p', directory, '-c', file], {
    // The pid file is written after the port is bound, so another server on it can't be mistaken for this one.
    isReady: async () => (await readFile(pidFile, 'utf8')) !== '' && (await acceptsConnections(port)),
  })
}

async function asNginx(
  directory: TemporaryDirectory,
  port: number,
  start: () => Promise<ServerProcess>,
): Promise<Nginx> {
  let server = await start()
  const file = join(directory.path, 'access.log')
  let skipped = 0
  const lines = async (): Promise<string[]> => (await readFile(file, 'utf8')).split('\n').filter(Boolean)
  const stop = async (): Promise<void> => {
    await server.stop('SIGTERM')
    await directory.remove()
  }
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests: async () => (await lines()).slice(skipped).map(readLine),
    forget: async () => void (skipped = (await lines()).length),
    kill: async () => void (await server.stop('SIGKILL')),
    restart: async () => void (server = await start()),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function readLine(line: string): LoggedRequest {
  const raw = JSON.parse(line) as Record<keyof LoggedRequest, string>
  return { ...raw, status: Number(raw.status), bodyBytes: Number(raw.bodyBytes) }
}

/** One process, no daemon, every path that nginx would write to inside `directory`. */
function configuration(directory: string, port: number, options: NginxOptions): string {
  const format = JSON.stringify(LOGGED)
  const content = 'root' in options ? serveFolder(options.root) : options.serverConfig
  return `daemon off;
master_process off;
worker_processes 1;
pid ${directory}/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  log_format requests escape=json '${format}';
  access_log ${directory}/access.log requests;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  types { application/json json; text/html html; text/plain txt asc; text/xml xml; application/gzip gz tgz; }
  default_type application/octet-stream;
  keepalive_timeout 75;
  server {
    listen 127.0.0.1:${port};
    server_name _;
    ${content}
  }
}
`
}

/** Documents lie in the folder of their package, as static storages of npm and Python have it. */
function serveFolder(root: string): string {
  return `root ${root};
    location / { try_files $uri $uri/index.json $uri/index.html =404; }`
}
