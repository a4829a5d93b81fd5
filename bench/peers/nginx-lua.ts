import { fileURLToPath } from 'node:url'
import { startRedis } from '../../test/support/redis.ts'
import { gatedPath, REPOSITORY } from './limits.ts'
import { countDownloads, readChargeScript, writeTokens } from './lua-records.ts'
import { CACHE, cacheIn, PROXY, upstream } from './nginx.ts'
import { startNginx } from './nginx-process.ts'
import { NAMES, type Peer, type Refusing } from './peer.ts'

/** The gate that an expert writes: nginx, peers/lua/gate.lua, and a Redis of its own. */
export interface LuaGate extends Peer {
  readonly refusing: readonly Refusing[]
}

/** `tokens`: how many there are. `keepsFiles`: with proxy_cache. */
export function startLuaGate(
  storage: Peer,
  tokens: number,
  { keepsFiles }: { readonly keepsFiles: boolean },
): Promise<LuaGate> {
  return startLuaGateWith(
    tokens,
    keepsFiles ? NAMES.luaCache : NAMES.lua,
    (folder) => [upstream(storage), keepsFiles ? cacheIn(folder) : ''].join('\n  '),
    `${PROXY} ${keepsFiles ? CACHE : ''}`,
  )
}

/** `http`: inside `http { }`, for a folder of its own; `sends`: inside the location, what becomes of a request that may be answered. */
export async function startLuaGateWith(
  tokens: number,
  name: string,
  http: (folder: string) => string,
  sends: string,
): Promise<LuaGate> {
  await using started = new AsyncDisposableStack()
  const redis = started.use(await startRedis())
  const { usedUp } = await writeTokens(redis.port, tokens)
  const nginx = started.use(
    await startNginx({
      name,
      modules: ['ndk_http_module.so', 'ngx_http_lua_module.so'],
      http: (folder) => [LUA, initialise(redis.port), http(folder)].join('\n  '),
      server: `location / {
      access_by_lua_block { require('gate').check() }
      log_by_lua_block { require('gate').settle() }
      ${sends}
    }`,
    }),
  )
  const stack = started.move()
  const gate = { ...nginx, helpers: [redis.pid()], pathOf: gatedPath }
  const refusing = (what: string, secret: string): Refusing => ({
    ...gate,
    name: `${NAMES.lua}: ${what}`,
    pathOf: (path: string) => `/${secret}/${REPOSITORY}/${path}`,
    status: 403,
  })
  return {
    ...gate,
    countDownloads: () => countDownloads(redis.port, tokens),
    refusing: [refusing('unknown token', 'nobody-has-this-secret'), refusing('used-up token', usedUp)],
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const LUA = `lua_package_path "${fileURLToPath(new URL('./lua/', import.meta.url))}?.lua;;";
  lua_socket_log_errors off;`

function initialise(port: number): string {
  const { text, digest } = readChargeScript()
  return `init_by_lua_block {
    require('gate').configure { port = ${port}, digest = '${digest}', script = [==[${text}]==] }
  }`
}
