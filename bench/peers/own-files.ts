import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { startGate } from '../../test/support/gate.ts'
import { freePort, temporaryDirectory } from '../../test/support/processes.ts'
import { startRedis } from '../../test/support/redis.ts'
import { REPOSITORY } from './limits.ts'
import { startLuaGateWith } from './nginx-lua.ts'
import { startNginx } from './nginx-process.ts'
import { NAMES, type Peer } from './peer.ts'
import { cpuProfiling, limitedPeer } from './postern.ts'

/** Those who check, and send the storage's files from the disk themselves. */
export interface OwnFiles {
  readonly lua: Peer
  readonly asks: Peer
  readonly asksSizes: Peer
}

export interface OwnFilesOptions {
  /** Folder of the files. */
  readonly root: string
  readonly storage: Peer
  readonly tokens: number
  readonly profileDirectory?: string | undefined
}

const OPEN_FILES = 'open_file_cache max=20000 inactive=10m; open_file_cache_valid 10m;'

export async function startOwnFiles(
  started: AsyncDisposableStack,
  options: OwnFilesOptions,
): Promise<OwnFiles> {
  const { root, tokens } = options
  return {
    lua: started.use(await startLuaGateWith(tokens, NAMES.luaFiles, () => OPEN_FILES, `root ${root};`)),
    asks: started.use(await startAsking(options, NAMES.edge, 'unknown')),
    asksSizes: started.use(await startAsking(options, NAMES.edgeSizes, 'ask')),
  }
}

/** nginx that asks Postern over Redis and sends the files itself; Postern settles by its log. */
async function startAsking(
  { root, storage, tokens, profileDirectory }: OwnFilesOptions,
  name: string,
  sizes: 'ask' | 'unknown',
): Promise<Peer> {
  await using started = new AsyncDisposableStack()
  const redis = started.use(await startRedis())
  const log = join(started.use(await temporaryDirectory('bench-log')).path, 'postern.log')
  const edge = `127.0.0.1:${await freePort()}`
  const gate = started.use(
    await startGate({
      config: {
        store: `redis://127.0.0.1:${redis.port}`,
        secret_key: randomBytes(32).toString('hex'),
        edge: { listen: edge },
        offload: { sizes, logs: [`file:${log}`] },
        trusted_proxies: ['127.0.0.1'],
        repositories: { [REPOSITORY]: { format: 'deb', upstream: `${storage.origin}/` } },
        log: { access: false },
      },
      env: { NODE_OPTIONS: cpuProfiling(profileDirectory) },
    }),
  )
  const peer = await limitedPeer(gate, name, REPOSITORY, tokens)
  const nginx = started.use(
    await startNginx({
      name,
      http: () => `${OPEN_FILES}
  upstream edge { server ${edge}; keepalive 128; keepalive_requests 1000000000; }
  upstream gate { server 127.0.0.1:${gate.port}; keepalive 16; }
  map $postern_repository $postern_root { volatile; default /nonexistent; ${REPOSITORY} ${root}; }
  log_format postern escape=json
    '{"postern":"$postern_delivery","by":"$postern_by","status":"$status","bytes":"$body_bytes_sent"}';`,
      server: asking(log),
    }),
  )
  const kept = started.move()
  return {
    ...peer,
    origin: nginx.origin,
    pid: nginx.pid,
    helpers: [gate.pid, redis.pid()],
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** As config/nginx/auth-request.conf has it, but for what only concerns people. */
function asking(log: string): string {
  return `access_log ${log} postern if=$postern_delivery;
    set $postern_by front;
    location / {
      auth_request /_postern;
      auth_request_set $postern_delivery $upstream_http_x_postern_delivery;
      auth_request_set $postern_repository $upstream_http_x_postern_repository;
      auth_request_set $postern_file $upstream_http_x_postern_file;
      error_page 401 403 = @postern;
      root $postern_root;
      try_files /$postern_file @postern;
      max_ranges 1;
      add_header Cache-Control private;
    }
    location = /_postern {
      internal;
      proxy_pass http://edge/nginx;
      proxy_http_version 1.1;
      proxy_pass_request_body off;
      proxy_set_header Connection "";
      proxy_set_header Content-Length "";
      proxy_set_header Host postern;
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-URI $request_uri;
      proxy_set_header X-Original-Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
    location @postern {
      set $postern_by gate;
      proxy_pass http://gate$request_uri;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_buffering off;
    }`
}
