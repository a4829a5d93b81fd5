import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join, relative, sep } from 'node:path'
import {
  acceptsConnections,
  runOrFail,
  startOnFreePort,
  startServer,
  temporaryDirectory,
  type ServerProcess,
} from './processes.ts'
import { startWiretap } from './wiretap.ts'

/** What an object has besides its content. */
interface ObjectOptions {
  readonly contentType?: string
  /** Default: now. Whole seconds. */
  readonly modified?: Date
}

/** A real object storage that speaks S3 and verifies what was signed: OpenStack Swift with one copy of everything. */
export interface Swift extends AsyncDisposable {
  /** Origin of the S3 API. By a name, so that it is another host than 127.0.0.1. */
  readonly endpoint: string
  /** For `s3.region`. */
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Every byte that reached `endpoint`. */
  readonly heard: () => string
  readonly port: number
  readonly createBucket: (bucket: string) => Promise<void>
  readonly put: (
    bucket: string,
    key: string,
    content: Buffer | string,
    options?: ObjectOptions,
  ) => Promise<void>
  readonly remove: (bucket: string, key: string) => Promise<void>
  /** Puts all files below a folder, by their paths behind `prefix`. */
  readonly upload: (bucket: string, folder: string, prefix?: string, options?: ObjectOptions) => Promise<void>
  /** The group `s3` of a repository whose upstream is a bucket here. */
  readonly access: object
}

const USER = 'test:tester'
const PASSWORD = 'testing'
/** Its buckets are hosts below it, too. */
export const STORAGE_DOMAIN = 'storage.test'
const REGION = 'us-east-1'
const ACCOUNT = '/v1/AUTH_test'
const KINDS = ['account', 'container', 'object'] as const

/** Starts the servers of one host, in a folder of their own. */
export async function startSwift(): Promise<Swift> {
  const directory = await temporaryDirectory('swift')
  const servers: ServerProcess[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop('SIGKILL')))
    await directory.remove()
  }
  try {
    const port = await startAll(directory.path, servers)
    const wiretap = await startWiretap(port)
    return await asSwift(port, wiretap, async () => {
      await wiretap.stop()
      await stop()
    })
  } catch (error) {
    await stop()
    throw error
  }
}

/** Gives the port of the proxy. */
async function startAll(folder: string, servers: ServerProcess[]): Promise<number> {
  await mkdir(join(folder, 'devices/d1'), { recursive: true })
  await writeFile(join(folder, 'swift.conf'), SWIFT_CONF)
  const cache = await start(servers, (port) =>
    startServer('memcached', ['-l', '127.0.0.1', '-p', String(port), '-u', userInfo().username], {
      isReady: () => acceptsConnections(port),
    }),
  )
  const ports = await Promise.all(
    KINDS.map((kind) =>
      start(servers, (port) => startPart(folder, kind, port, storageConf(folder, kind, port))),
    ),
  )
  await runOrFail(PYTHON, ['-c', BUILD_RINGS, ...KINDS.flatMap((kind, at) => [kind, String(ports[at])])], {
    cwd: folder,
  })
  return start(servers, (port) => startPart(folder, 'proxy', port, proxyConf(folder, port, cache)))
}

async function start(
  servers: ServerProcess[],
  launch: (port: number) => Promise<ServerProcess>,
): Promise<number> {
  return startOnFreePort(async (port) => {
    servers.push(await launch(port))
    return port
  })
}

async function startPart(folder: string, kind: string, port: number, conf: string): Promise<ServerProcess> {
  const file = join(folder, `${kind}.conf`)
  await writeFile(file, conf)
  return startServer(PYTHON, [`/usr/bin/swift-${kind}-server`, file], {
    cwd: folder,
    timeoutMs: START_MS,
    isReady: () => acceptsConnections(port),
  })
}

const PYTHON = '/usr/bin/python3'
/** They read thousands of files of Python. */
const START_MS = 90_000

/** One place for everything of each kind. Swift's own tool for it is a process for each step. */
const BUILD_RINGS = `
import sys
from swift.common.ring import RingBuilder
for kind, port in zip(sys.argv[1::2], sys.argv[2::2]):
    builder = RingBuilder(4, 1, 0)
    place = {'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': int(port), 'device': 'd1', 'weight': 1}
    builder.add_dev({**place, 'replication_ip': '127.0.0.1', 'replication_port': int(port)})
    builder.rebalance()
    builder.get_ring().save(kind + '.ring.gz')
`

const SWIFT_CONF = `[swift-hash]
swift_hash_path_suffix = tests
[storage-policy:0]
name = default
default = yes
`

function common(folder: string, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${userInfo().username}
swift_dir = ${folder}
devices = ${folder}/devices
mount_check = false
disable_fallocate = true
log_level = ERROR
`
}

function storageConf(folder: string, kind: string, port: number): string {
  return `${common(folder, port)}
[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
`
}

/** The gatekeeper lets the date of an object be chosen, as it does for copies between clusters. */
function proxyConf(folder: string, port: number, cache: number): string {
  return `${common(folder, port)}
[pipeline:main]
pipeline = catch_errors gatekeeper proxy-logging cache s3api tempauth proxy-logging slo dlo proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
shunt_inbound_x_timestamp = false
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${cache}
[filter:s3api]
use = egg:swift#s3api
location = ${REGION}
storage_domain = ${STORAGE_DOMAIN}
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = ${PASSWORD} .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
`
}

async function asSwift(
  port: number,
  { url, heard }: { readonly url: string; readonly heard: () => string },
  dispose: () => Promise<void>,
): Promise<Swift> {
  const origin = `http://127.0.0.1:${port}`
  const token = await logIn(origin)
  const call = async (method: string, path: string, more: RequestInit = {}): Promise<void> => {
    const headers = { ...(more.headers as Record<string, string>), 'x-auth-token': token }
    const answer = await fetch(`${origin}${ACCOUNT}/${path}`, { ...more, method, headers })
    if (!answer.ok)
      throw new Error(`Swift answered ${answer.status} to ${method} ${path}: ${await answer.text()}`)
    await answer.arrayBuffer()
  }
  const put: Swift['put'] = (bucket, key, content, { contentType, modified } = {}) =>
    call('PUT', `${bucket}/${encode(key)}`, {
      body: Buffer.from(content),
      headers: {
        ...(contentType && { 'content-type': contentType }),
        ...(modified && { 'x-timestamp': (modified.getTime() / 1000).toFixed(5) }),
      },
    })
  const endpoint = url.replace('127.0.0.1', 'localhost')
  return {
    endpoint,
    access: { endpoint, credentials: { access_key_id: USER, secret_access_key: PASSWORD } },
    region: REGION,
    accessKeyId: USER,
    secretAccessKey: PASSWORD,
    heard,
    port,
    createBucket: (bucket) => call('PUT', bucket),
    put,
    remove: (bucket, key) => call('DELETE', `${bucket}/${encode(key)}`),
    upload: async (bucket, folder, prefix = '', options = {}) => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      const files = entries.filter((entry) => entry.isFile())
      const upload = async (file: string): Promise<void> => {
        const key = relative(folder, file).split(sep).join('/')
        await put(bucket, prefix + key, await readFile(file), options)
      }
      await Promise.all(files.map(({ parentPath, name }) => upload(join(parentPath, name))))
    },
    [Symbol.asyncDispose]: dispose,
  }
}

async function logIn(origin: string): Promise<string> {
  const headers = { 'x-auth-user': USER, 'x-auth-key': PASSWORD }
  const answer = await fetch(`${origin}/auth/v1.0`, { headers })
  const token = answer.headers.get('x-auth-token')
  if (token === null) throw new Error(`Swift answered ${answer.status} to a login: ${await answer.text()}`)
  return token
}

function encode(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}
