import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { modulesFolder } from './peers/nginx-process.ts'

/** Command → the Debian package that brings it. */
const COMMANDS: Readonly<Record<string, string>> = {
  nginx: 'nginx',
  'redis-server': 'redis-server',
  'redis-cli': 'redis-tools',
  caddy: 'caddy',
}

/** Of nginx, by file. */
const MODULES: Readonly<Record<string, string>> = {
  'ndk_http_module.so': 'libnginx-mod-http-ndk',
  'ngx_http_lua_module.so': 'libnginx-mod-http-lua',
}

const LUA: Readonly<Record<string, string>> = {
  'nginx/redis.lua': 'lua-nginx-redis',
  'resty/core.lua': 'lua-resty-core',
  'resty/lrucache.lua': 'lua-resty-lrucache',
}
const LUA_FOLDER = '/usr/share/lua/5.1'

/** Debian keeps some of them where a normal user's PATH does not look. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']

/** @throws Error that names what is not here, and how to get it. */
export function assertRequirements(): void {
  const missing = [
    ...missingOf(COMMANDS, (name) => FOLDERS.some((folder) => existsSync(join(folder, name)))),
    ...missingOf(MODULES, (name) => existsSync(join(modulesFolder(), name))),
    ...missingOf(LUA, (name) => existsSync(join(LUA_FOLDER, name))),
  ]
  if (missing.length === 0) return
  const files = missing.map(([name]) => name).join(', ')
  const packages = [...new Set(missing.map(([, name]) => name))].join(' ')
  throw new Error(
    `The bench needs ${files}. On Debian:\n  sudo apt-get install --no-install-recommends ${packages}`,
  )
}

function missingOf(
  all: Readonly<Record<string, string>>,
  isHere: (name: string) => boolean,
): readonly (readonly [name: string, package_: string])[] {
  return Object.entries(all).filter(([name]) => !isHere(name))
}
