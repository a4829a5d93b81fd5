import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { startGate, type Gate } from '../../support/gate.ts'
import { startNginx, type Nginx } from '../../support/nginx.ts'
import { run, temporaryDirectory, type TemporaryDirectory } from '../../support/processes.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import { get } from '../../support/requests.ts'

const FOLDER = join(import.meta.dirname, '../../../config/compose')
const PASSWORD = 'test-of-the-compose-file'
const GIVEN = {
  POSTERN_ADMIN_KEY: 'compose-test-admin-key-0123456789',
  POSTERN_SECRET_KEY: 'x'.repeat(48),
  REDIS_PASSWORD: PASSWORD,
}

interface Service {
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly networks: Readonly<Record<string, unknown>>
  readonly ports?: readonly unknown[]
  readonly volumes: readonly string[]
}

interface Composed {
  readonly services: Readonly<Record<'postern' | 'redis' | 'storage', Service>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>
}

const started = new AsyncDisposableStack()
let directory: TemporaryDirectory
let composed: Composed
let redis: RedisServer
let storage: Nginx
let gate: Gate

/** What docker-compose makes of the file, with an environment file of these variables. */
async function compose(variables: Readonly<Record<string, string>>) {
  const file = join(directory.path, 'env')
  await writeFile(
    file,
    Object.entries(variables)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  return run('docker-compose', ['-f', join(FOLDER, 'compose.yaml'), '--env-file', file, 'config'])
}

/** `--name value` for each setting. */
function settingsOf([, ...words]: readonly string[]): Record<string, string> {
  const pairs = Array.from({ length: words.length / 2 }, (_, i) => [words[2 * i], words[2 * i + 1]])
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name.replace(/^--/, ''), value]))
}

/** The services as they are described, without containers: names of hosts become addresses of this machine. */
beforeAll(async () => {
  directory = started.use(await temporaryDirectory('compose'))
  composed = parse((await compose(GIVEN)).stdout) as Composed
  const { services } = composed
  const packages = join(directory.path, 'packages')
  await mkdir(join(packages, 'files'), { recursive: true })
  await writeFile(join(packages, 'files', 'tool.bin'), 'a tool')
  const settings = settingsOf(services.redis.command ?? [])
  redis = started.use(await startRedis({ settings, cliOptions: ['--no-auth-warning', '-a', PASSWORD] }))
  const inside = /server \{\n\s+listen 80;\n(.*)\n\}\n$/s.exec(
    readFileSync(join(FOLDER, 'nginx/storage.conf'), 'utf8'),
  )
  const serverConfig = (inside?.[1] ?? '').replace('/srv/packages', packages)
  storage = started.use(await startNginx({ serverConfig }))
  const text = readFileSync(join(FOLDER, 'postern/postern.yaml'), 'utf8')
    .replace('@redis:6379', `@127.0.0.1:${redis.port}`)
    .replaceAll('http://storage/', `${storage.url}/`)
  const { listen: _listen, public_url: _publicUrl, admin: _admin, ...config } = parse(text)
  const env = services.postern.environment ?? {}
  gate = started.use(await startGate({ config, env, adminKey: GIVEN.POSTERN_ADMIN_KEY }))
}, 60_000)
afterAll(() => started.disposeAsync())

test('nothing but Postern can be reached, and its management API only from the machine itself', () => {
  const { services, networks } = composed
  expect(networks['inside']).toEqual({ internal: true })
  expect(Object.keys(services.redis.networks)).toEqual(['inside'])
  expect(Object.keys(services.storage.networks)).toEqual(['inside'])
  expect(services.redis.ports).toBeUndefined()
  expect(services.storage.ports).toBeUndefined()
  const [gatePort, adminPort] = (services.postern.ports ?? []).map((each) => JSON.stringify(each))
  expect(gatePort).toContain('8080')
  expect(gatePort).not.toContain('127.0.0.1')
  expect(adminPort).toContain('127.0.0.1')
})

test('the files that are mounted are there', () => {
  const { services } = composed
  const mounted = Object.values(services).flatMap(({ volumes }) =>
    volumes.map((each) => each.split(':')[0] ?? ''),
  )
  const files = mounted.filter((each) => each.startsWith(FOLDER)).map((each) => each.slice(FOLDER.length + 1))
  expect(files.toSorted()).toEqual(['nginx/storage.conf', 'packages', 'postern'])
})

test('the example of the environment names every variable that is needed, and none is left out silently', async () => {
  const example = readFileSync(join(FOLDER, 'example.env'), 'utf8')
  const named = Array.from(example.matchAll(/^(\w+)=/gm), ([, name]) => name)
  expect(named.toSorted()).toEqual(['COMPOSE_PROJECT_NAME', ...Object.keys(GIVEN)].toSorted())
  for (const name of Object.keys(GIVEN)) {
    const { code, stderr } = await compose({ ...GIVEN, [name]: '' })
    expect([name, code]).not.toEqual([name, 0])
    expect(stderr).toContain('See example.env')
  }
})

test('a token opens what lies on the storage, and is counted in Redis', async () => {
  const token = await gate.createToken('acme/files', { limit_num_downloads: 1 })
  const ask = (path: string): ReturnType<typeof get> => get(`${gate.url}/${token.token}/acme/files/${path}`)
  expect((await ask('other.bin')).status).toBe(404)
  const answer = await ask('tool.bin')
  expect([answer.status, answer.body.toString()]).toEqual([200, 'a tool'])
  await expect.poll(async () => (await ask('tool.bin')).headers['x-error-code']).toBe('downloads_used_up')
  expect(await redis.command('dbsize')).not.toBe('0')
  expect(await redis.command('config', 'get', 'appendfsync')).toContain('always')
})
